import { replaceEntry } from '../../packages/clacks/src/broker/entry.ts';
import type { Merge } from '../../packages/clacks/src/broker/entry.ts';
import type { Change } from '../../packages/clacks/src/broker/ports.ts';
import type { Session } from '../../packages/clacks/src/broker/session.ts';
import type { Sabotage, SimulatedNode } from './node.ts';

const nothing = (): void => undefined;

/** Sees the lines of clients before the node does. */
const seeLines = (
  { broker }: SimulatedNode,
  see: (line: string, session: Session) => void,
): void => {
  const receive = broker.receive.bind(broker);
  broker.receive = (session, lines) =>
    receive(session, {
      alike: 0,
      next: () => {
        const line = lines.next();
        if (line !== undefined && session.link === undefined) see(line, session);
        return line;
      },
      withAlike: (line) => line,
      mayGoOn: () => true,
      asBytes: () => undefined,
    });
};

const mergesBy =
  (change: (merge: Merge) => Merge): Sabotage =>
  ({ broker: { cache } }) => {
    const merge = cache.merge.bind(cache);
    cache.merge = (theirs, how) => merge(theirs, how && change(how));
  };

const anyEntry: Merge = (own, entry) => {
  if (own.cacheTimeUs === entry.cacheTimeUs) return 'known';
  Object.assign(own, entry);
  return 'replaced';
};

const lostMasterLocks: Sabotage = ({ broker, interclacks }) => {
  const unlock = broker.unlock.bind(broker);
  const masterGone = interclacks.masterGone.bind(interclacks);
  let isLost = false;
  interclacks.masterGone = () => {
    masterGone();
    isLost = true;
  };
  broker.unlock = () => {
    if (!isLost) unlock();
    isLost = false;
  };
};

const storesWithoutSignal: Sabotage = ({ broker, interclacks }) => {
  const passOn = interclacks.passOn.bind(interclacks);
  broker.links.passOn = (session, command, line) => {
    const isBoth = command.verb === 'SETANDSTORE';
    passOn(session, isBoth ? { ...command, verb: 'STORE' } : command, line);
  };
};

const signalsTwice: Sabotage = ({ broker, interclacks }) => {
  const passOn = interclacks.passOn.bind(interclacks);
  broker.links.passOn = (session, command, line) => {
    passOn(session, command, line);
    if (command.verb === 'NOTIFY') passOn(session, command, line);
  };
};

const countsOn: Sabotage = ({ broker: { cache } }) => {
  const store = cache.store.bind(cache);
  cache.store = (name, value, nowUs) => {
    const counter = cache.entry(name)?.counter;
    store(name, value, nowUs);
    const entry = cache.entry(name);
    if (entry !== undefined) entry.counter = counter;
  };
};

const keepsCounterTimes: Sabotage = ({ broker: { cache } }) => {
  const merge = cache.merge.bind(cache);
  cache.merge = (theirs, how) => {
    const own = cache.entry(theirs.name);
    const [cacheTimeUs, base] = [own?.cacheTimeUs, own?.counter?.base];
    const merged = merge(theirs, how);
    if (typeof merged === 'number' && own?.counter !== undefined) {
      own.cacheTimeUs = cacheTimeUs ?? own.cacheTimeUs;
      own.counter.base = base ?? own.counter.base;
    }
    return merged;
  };
};

const everybodyRemoves: Sabotage = (node) => {
  seeLines(node, (line) => {
    if (line.startsWith('REMOVE ')) node.broker.cache.remove(line.slice(7), node.broker.nowUs);
  });
};

const takesForwardedTime: Sabotage = (node) => {
  seeLines(node, (line) => {
    if (!line.startsWith('OVERHEAD GT 1')) return;
    const { clock, clockOffsetMs } = node.broker;
    node.broker.setClock(clock, clockOffsetMs + 3_600_000);
  });
};

/** What is wrong with the nodes, each of which a few hundred runs have to find. */
export const seededBugs: readonly (readonly [what: string, Sabotage])[] = [
  ['takes an older entry for a newer one', mergesBy(() => anyEntry)],
  ['stays locked when its master is lost', lostMasterLocks],
  ['never ends a lock', ({ broker }) => (broker.unlock = nothing)],
  ['never locks', ({ broker }) => (broker.lock = nothing)],
  ['sends the value of a SETANDSTORE, but not its signal', storesWithoutSignal],
  ['passes on signals twice', signalsTwice],
  ['goes on counting after a STORE', countsOn],
  ['leaves the times of counters as they are', keepsCounterTimes],
  ['keeps older links of a slave', ({ interclacks }) => (interclacks.introduced = nothing)],
  ['tells the time once', ({ interclacks }) => (interclacks.pinged = nothing)],
  ['does not move times to another clock', ({ broker }) => (broker.cache.shift = nothing)],
  ['does not pass on what other nodes tell', ({ interclacks }) => (interclacks.changed = nothing)],
  ['does not pass on that all was cleared', ({ interclacks }) => (interclacks.cleared = nothing)],
  ['does not drop what it has', ({ interclacks }) => (interclacks.drop = nothing)],
  ['never forgets', ({ broker }) => (broker.cache.clean = () => true)],
  ['lets everybody remove', everybodyRemoves],
  ['takes the time from anybody', takesForwardedTime],
];

/** Tells a store of everything but what came of the first attempt to write it. */
const dropsFailed: Sabotage = ({ store, broker: { keeper } }) => {
  if (store === undefined) return;
  const [save, saved] = [store.save.bind(store), keeper.saved.bind(keeper)];
  let last: readonly Change[] = [];
  let failed: readonly Change[] | undefined;
  store.save = (changes, context) => {
    last = changes;
    save(changes === failed ? [] : changes, context);
  };
  keeper.saved = (failure) => {
    failed = failure === undefined ? undefined : last;
    saved(failure);
  };
};

const goesOnAfterCrash: Sabotage = ({ broker, id }) => {
  const restored = broker.restored.bind(broker);
  broker.restored = (context) => {
    restored(context, id.replace(/\d+$/u, '0'));
  };
};

const flushesEarly: Sabotage = ({ broker: { keeper } }) => {
  keeper.whenKept = (_, done) => {
    done();
  };
};

/** The same for what only happens with disks. */
export const diskBugs: typeof seededBugs = [
  ['says FLUSHED too early', flushesEarly],
  ['keeps what is forgotten', ({ broker }) => (broker.keeper.changes.forgotten = nothing)],
  ['keeps what was cleared', ({ broker }) => (broker.keeper.changes.cleared = nothing)],
  [
    'does not keep when it was cleared, if that is all',
    ({ broker }) => (broker.keeper.changes.contextChanged = nothing),
  ],
  ['does not write again what it could not', dropsFailed],
  ['goes on under its name after a crash', goesOnAfterCrash],
];

/** The same for what only happens with a node of Net::Clacks in the tree. */
export const mixedBugs: typeof seededBugs = [
  [
    'never takes an entry of it',
    mergesBy((merge) => (merge === replaceEntry ? () => 'older' : merge)),
  ],
  ['does not pass on what it tells', ({ interclacks }) => (interclacks.changed = nothing)],
];

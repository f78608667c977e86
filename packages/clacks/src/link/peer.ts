import { formatNumber } from '@clacks/protocol';
import type { Command, KeysyncCommand } from '@clacks/protocol';
import type { Broker } from '../broker/broker.ts';
import { mergeEntry, replaceEntry } from '../broker/entry.ts';
import type { Merged } from '../broker/entry.ts';
import type { Session } from '../broker/session.ts';
import {
  formatEntry,
  formatMicros,
  formatStamped,
  isTellable,
  parseForeignEntry,
  parseOurEntry,
  parseStamped,
} from './entry-codec.ts';
import type { ToldEntry } from './entry-codec.ts';
import type { Interclacks } from './interclacks.ts';
import { SyncSender } from './sync-sender.ts';

/** Bytes of entries that are formatted in one go: one or two milliseconds. */
const chunkBytes = 128 * 1024;
/** With more than these on their way to the other node, no more entries are added. */
const maxWaitingBytes = 1024 * 1024;
/** When to look again whether the other node has taken some, in ms. */
const waitingCheckMs = 10;
/** PINGs in the time after which a node that sends none counts as gone (protocol 9). */
const pingsInTimeout = 3;
/** Shortest pause between two PINGs in ms, whatever the other node says. */
const shortestPingIntervalMs = 10;

/** How a node of ours answers that it has dropped all: an ECHOED that nobody has asked for. */
const droppedText = 'dropped';

/** What the other node is told of what happens here. */
type Passing =
  | 'nothing'
  /** Signals, and the state of what was written: it may not have been told of the rest. */
  | 'states'
  /** Signals, and what clients write, as they wrote it. */
  | 'lines';

/** How our nodes introduce themselves. */
const oursPattern = /^clacks-ts \S+/u;

/** Whether that is what one of our own nodes calls itself. */
export const isOurNode = (identification: string): boolean => oursPattern.test(identification);

/**
 * The node at the other end of a link: what it tells of its cache, and what it is told. With one of
 * our own, the state of each written name goes over the link, with the time of the write, so that
 * both end up with the same whatever crosses on the way. One of Perl's gets the commands themselves.
 */
export class Peer {
  readonly session: Session;
  readonly isOurs: boolean;
  /** Its name for itself, if it is one of ours and has told. */
  nodeId: string | undefined;
  /** How long a line there and back took last, in ms. */
  lagMs: number | undefined;
  readonly #broker: Broker;
  readonly #tree: Interclacks;
  #passing: Passing = 'nothing';
  #sender: SyncSender | undefined;
  #synced: () => void = () => undefined;
  #nextChunkAtMs = Infinity;
  #theirPingTimeoutMs = Infinity;
  #nextPingAtMs: number;
  /** How often it was told to drop all, and has not answered: what it tells of is gone there. */
  #drops = 0;

  constructor(session: Session, isOurs: boolean, broker: Broker, tree: Interclacks) {
    this.session = session;
    this.isOurs = isOurs;
    this.#broker = broker;
    this.#tree = tree;
    this.#nextPingAtMs = broker.monotonicMs + this.#pingIntervalMs;
  }

  /** When {@link tick} next has something to do, in monotonic ms. */
  get nextTickMs(): number {
    return Math.min(this.#nextPingAtMs, this.#nextChunkAtMs);
  }

  /** Whether all entries have been sent. */
  get hasSynced(): boolean {
    return this.#passing !== 'nothing' && this.#sender === undefined;
  }

  /**
   * Sends all entries, and from now on tells what happens here.
   *
   * @param synced - Called when they are sent.
   * @param hasOwn - Whether there are any that the other node does not know.
   */
  sync(synced: (entries: number) => void, hasOwn = true): void {
    const { cache } = this.#broker;
    const sender = new SyncSender(cache, this.isOurs, hasOwn ? cache.entries() : [].values());
    this.#passing = 'states';
    this.#sender = sender;
    this.#synced = () => {
      synced(sender.sent);
    };
    if (this.isOurs && cache.cleared.stampUs > 0) this.cleared();
    this.#sendChunk(sender);
  }

  /** The other node told after what silence it counts this one as gone, in ms. */
  learnPingTimeout(text: string | undefined): void {
    const timeoutMs = Number(text);
    if (!(timeoutMs > 0)) return;
    this.#theirPingTimeoutMs = timeoutMs;
    this.pingTimeoutChanged();
  }

  /** Signs of life may be due sooner. */
  pingTimeoutChanged(): void {
    const latestMs = this.#broker.monotonicMs + this.#pingIntervalMs;
    this.#nextPingAtMs = Math.min(this.#nextPingAtMs, latestMs);
  }

  /** Tells the time, by the clock that the tree shares. */
  tellTime(): void {
    this.session.send(`OVERHEAD T ${formatMicros(this.#broker.nowUs)}`);
  }

  /** Tells that this node is alive, and asks for an answer where one can be had. */
  ping(): void {
    this.session.send('PING');
    if (this.isOurs) this.session.send(`ECHO ${this.#broker.monotonicMs}`);
  }

  /** Does what is due. */
  tick(): void {
    const { monotonicMs } = this.#broker;
    if (this.#sender !== undefined && monotonicMs >= this.#nextChunkAtMs) {
      this.#sendChunk(this.#sender);
    }
    if (monotonicMs < this.#nextPingAtMs) return;
    this.#nextPingAtMs = monotonicMs + this.#pingIntervalMs;
    this.ping();
    this.#tree.pinged(this);
  }

  /** A command was executed here: tells the other node. */
  passOn(command: Command, line: string): void {
    if (this.#passing === 'nothing') return;
    if (command.verb === 'CLEARCACHE' && this.isOurs) this.cleared();
    else if (this.isOurs || this.#passing === 'states') this.#passOnState(command, line);
    else this.session.send(line);
  }

  /** A third node told of an entry that was taken, or of steps that were added. */
  changed(name: string, merged: Merged, origin: Peer): void {
    if (this.#passing === 'nothing') return;
    if (this.isOurs) this.#sendEntry(name);
    // Between others, KEYSYNC is passed on as it is.
    else if (origin.isOurs && this.#passing === 'lines') this.#sendCommand(name, merged);
    else if (isTellable(name)) this.#sendEntry(name);
  }

  /** The cache was emptied. */
  cleared(): void {
    if (this.#passing === 'nothing') return;
    const { cleared, originUs } = this.#broker.cache;
    this.session.send(this.isOurs ? `CLEARED ${formatStamped(cleared, originUs)}` : 'CLEARCACHE');
  }

  /** All entries were dropped, because the master's ones come in their place. */
  dropped(): void {
    if (this.#passing === 'nothing') return;
    if (this.isOurs) this.#drops++;
    this.session.send('CLEARCACHE');
  }

  /** Handles a line of the other node, if it is one that only nodes send. */
  receive(command: Command): boolean {
    switch (command.verb) {
      case 'KEYSYNC':
        this.#broker.heardFrom(this.session);
        this.#takeEntry(command);
        return true;
      case 'QUIT':
      case 'TIMEOUT':
        this.session.close('quit');
        return true;
      case 'UNKNOWN':
        this.#tree.malformed(this, command.line);
        return true;
      default:
        return this.isOurs && this.#receiveFromOurs(command);
    }
  }

  #receiveFromOurs(command: Command): boolean {
    switch (command.verb) {
      case 'CLEARED':
        this.#takeCleared(command.text);
        return true;
      case 'CLEARCACHE':
        this.#tree.drop(this);
        this.session.send(`ECHOED ${droppedText}`);
        return true;
      case 'ECHO':
        this.session.send(`ECHOED ${command.text}`);
        return true;
      case 'ECHOED':
        if (command.text === droppedText) this.#drops = Math.max(0, this.#drops - 1);
        else this.lagMs = Math.max(0, this.#broker.monotonicMs - Number(command.text)) || 0;
        return true;
      default:
        return false;
    }
  }

  #takeEntry(command: KeysyncCommand): void {
    const { originUs } = this.#broker.cache;
    if (this.#drops > 0) return;
    if (this.isOurs) {
      const told = parseOurEntry(command, originUs);
      if (told === undefined) this.#tree.malformed(this, `KEYSYNC of ${command.name}`);
      else this.#mergeOurs(told);
      return;
    }
    // Our nodes share one clock; others' times are by their own.
    const entry = parseForeignEntry(command, originUs, this.session.clockOffsetMs);
    if (entry === undefined) this.#tree.malformed(this, `KEYSYNC of ${command.name}`);
    else this.#merged(entry.name, this.#broker.cache.merge(entry, replaceEntry));
  }

  #mergeOurs({ entry, isAnswer }: ToldEntry): void {
    const { name } = entry;
    const merged = this.#broker.cache.merge(entry, mergeEntry);
    this.#merged(name, merged);
    // The other one has counted on from something that is over. What is an answer itself gets none:
    // two nodes that are of different opinion would never come to an end.
    if (merged === 'older' && !isAnswer && this.hasSynced) this.#sendEntry(name, true);
  }

  #merged(name: string, merged: Merged): void {
    if (merged === 'older' || merged === 'known') return;
    // It is not told that it is flushed before this is kept, as well.
    this.#broker.keeper.wrote(this.session);
    this.#tree.changed(this, name, merged);
  }

  #takeCleared(text: string): void {
    const { cache } = this.#broker;
    const cleared = parseStamped(text, cache.originUs);
    if (this.#drops > 0) return;
    if (cleared === undefined) this.#tree.malformed(this, `CLEARED ${text}`);
    else if (cache.clearUpTo(cleared)) {
      this.#broker.keeper.wrote(this.session);
      this.#tree.cleared(this);
    }
  }

  #passOnState(command: Command, line: string): void {
    switch (command.verb) {
      case 'STORE':
      case 'REMOVE':
      case 'INCREMENT':
      case 'DECREMENT':
        if (this.isOurs || isTellable(command.name)) this.#sendEntry(command.name);
        else this.session.send(line);
        break;
      case 'SETANDSTORE':
        this.session.send(`SET ${command.name}=${command.value}`);
        this.#sendEntry(command.name);
        break;
      default:
        this.session.send(line);
    }
  }

  /** As a command, what happened counts for a node that compares times by a clock of its own. */
  #sendCommand(name: string, merged: Merged): void {
    const value = this.#broker.cache.entry(name)?.value;
    if (merged === 0) return;
    if (typeof merged === 'number') this.session.send(`INCREMENT ${name}=${formatNumber(merged)}`);
    else if (value === undefined) this.session.send(`REMOVE ${name}`);
    else this.session.send(`STORE ${name}=${value}`);
  }

  #sendEntry(name: string, isAnswer = false): void {
    const { cache } = this.#broker;
    const entry = cache.entry(name);
    const form = { isOurs: this.isOurs, isAnswer };
    if (entry !== undefined) this.session.send(formatEntry(entry, cache.originUs, form));
  }

  #sendChunk(sender: SyncSender): void {
    const { port } = this.session;
    const { monotonicMs } = this.#broker;
    if (port.outbufferLength > maxWaitingBytes) {
      this.#nextChunkAtMs = monotonicMs + waitingCheckMs;
      return;
    }
    const before = sender.sent;
    port.send(sender.next(chunkBytes));
    this.session.linesSent += sender.sent - before;
    this.#tree.progressed(this, sender.sent, before);
    this.#nextChunkAtMs = sender.isDone ? Infinity : monotonicMs;
    if (!sender.isDone) return;
    this.#sender = undefined;
    this.#passing = 'lines';
    this.#synced();
  }

  get #pingIntervalMs(): number {
    const { interclacksPingTimeoutMs } = this.#tree.options;
    const timeoutMs = Math.min(interclacksPingTimeoutMs, this.#theirPingTimeoutMs);
    return Math.max(shortestPingIntervalMs, timeoutMs / pingsInTimeout);
  }
}

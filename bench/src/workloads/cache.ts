import { setTimeout as pause } from 'node:timers/promises';
import { measureFor } from '../generator/stopwatch.ts';
import type { Lap, Stretch } from '../generator/stopwatch.ts';
import { nameOf } from '../generator/traffic.ts';
import { connectMany, Wire } from '../generator/wire.ts';
import type { CacheDialect, Dialect } from '../peers/dialect.ts';
import type { Outcome, RunContext, Workload } from './workload.ts';

/** Of all connections together. */
const names = 10_000;
/** Of each connection. */
const [batchSize, batchesOnTheWay] = [1000, 4];

type Operation = 'store' | 'retrieve' | 'increment';

const valueOf = (index: number): string => String(index).padStart(16, '0');

/** Names that nobody else writes to. */
interface Share {
  readonly first: number;
  readonly count: number;
}

const namesOf = (dialect: Dialect, operation: Operation, { first, count }: Share): string[] => {
  const area = operation === 'increment' ? 'in' : 'st';
  return Array.from({ length: count }, (_, index) => nameOf(dialect, area, first + index));
};

/** The batches of one operation over a share of the names, and the answers to one of them. */
class Requests {
  readonly bytes: readonly Buffer[];
  readonly #cache: CacheDialect;
  readonly #operation: Operation;
  readonly #names: readonly string[];

  constructor(dialect: Dialect, cache: CacheDialect, operation: Operation, share: Share) {
    this.#cache = cache;
    this.#operation = operation;
    this.#names = namesOf(dialect, operation, share);
    const end = cache.end?.send ?? Buffer.alloc(0);
    this.bytes = Array.from({ length: share.count / batchSize }, (_, batch) =>
      Buffer.concat([...this.#indexesOf(batch).map((index) => this.#requestOf(index)), end]),
    );
  }

  /** @param number - Of the batch, counted on through all rounds. */
  answers(number: number): string {
    const result = this.#resultOf(number);
    const lines = this.#indexesOf(number % this.bytes.length).map((index) => {
      const name = this.#names[index] ?? '';
      if (this.#operation === 'store') return this.#cache.stored(name, valueOf(index));
      if (this.#operation === 'retrieve') return this.#cache.retrieved(name, valueOf(index));
      return this.#cache.incremented(name, result);
    });
    return lines.join('') + (this.#cache.end?.answer ?? '');
  }

  /** How long the answers are. All of a batch are as long as the first. */
  answerLength(number: number): number {
    const name = this.#names[0] ?? '';
    const result = this.#resultOf(number);
    const { stored, retrieved, incremented, end } = this.#cache;
    const one = {
      store: () => stored(name, valueOf(0)),
      retrieve: () => retrieved(name, valueOf(0)),
      increment: () => incremented(name, result),
    }[this.#operation]().length;
    return one * batchSize + (end?.answer.length ?? 0);
  }

  #resultOf(number: number): number {
    return Math.floor(number / this.bytes.length) + 1;
  }

  #indexesOf(batch: number): number[] {
    return Array.from({ length: batchSize }, (_, index) => batch * batchSize + index);
  }

  #requestOf(index: number): Buffer {
    const name = this.#names[index] ?? '';
    if (this.#operation === 'store') return this.#cache.store(name, valueOf(index));
    return this.#cache[this.#operation](name);
  }
}

/** Keeps some batches of one connection on their way. */
class Requester {
  readonly #wire: Wire;
  readonly #requests: Requests;
  readonly #isVerified: boolean;
  #sent = 0;
  #answered = 0;
  #isSending = true;
  #expected = '';
  #finish: () => void = () => undefined;
  fault: string | undefined;

  constructor(wire: Wire, requests: Requests, isVerified: boolean) {
    this.#wire = wire;
    this.#requests = requests;
    this.#isVerified = isVerified;
  }

  /** Requests that were answered. */
  get answered(): number {
    return this.#answered * batchSize;
  }

  begin(): void {
    let awaited = this.#requests.answerLength(0);
    this.#wire.received = 0;
    this.#wire.onBytes = (bytes) => {
      if (this.#isVerified) this.#verify(bytes);
      while (this.#wire.received >= awaited) {
        this.#wire.received -= awaited;
        this.#answered++;
        awaited = this.#requests.answerLength(this.#answered);
        if (this.#isSending) this.#send();
        else if (this.#answered === this.#sent) this.#finish();
      }
    };
    for (let count = 0; count < batchesOnTheWay; count++) this.#send();
  }

  /** Sends no more, and waits for all answers. */
  end(): Promise<void> {
    this.#isSending = false;
    return new Promise((resolve) => {
      this.#finish = resolve;
    });
  }

  #send(): void {
    const bytes = this.#requests.bytes[this.#sent % this.#requests.bytes.length];
    if (bytes === undefined) return;
    if (this.#isVerified) this.#expected += this.#requests.answers(this.#sent);
    this.#sent++;
    this.#wire.write(bytes);
  }

  #verify(bytes: Buffer): void {
    const received = bytes.toString('latin1');
    if (!this.#expected.startsWith(received)) {
      this.fault ??= `unexpected: ${received.slice(0, 100)}`;
    }
    this.#expected = this.#expected.slice(received.length);
  }
}

/** All connections do the same for a while. */
const measure = async (
  requesters: readonly Requester[],
  { running, seconds, warmUpSeconds }: RunContext,
): Promise<Stretch> => {
  const answered = (): number => requesters.reduce((sum, requester) => sum + requester.answered, 0);
  for (const requester of requesters) requester.begin();
  await pause(warmUpSeconds * 1000);
  const stretch = await measureFor(seconds, [running.pid], answered);
  await Promise.all(requesters.map((requester) => requester.end()));
  return stretch;
};

const run = async (context: RunContext, connections: number): Promise<Outcome> => {
  const { peer, running, ca, isVerified, onClose } = context;
  const { dialect } = peer;
  const { cache } = dialect;
  if (cache === undefined) throw new Error(`${peer.name} has no cache`);
  const wires = await connectMany(connections, () =>
    Wire.connect({ address: running.address, dialect, role: 'cache', ca, onClose }),
  );
  const count = names / connections;
  const figures: Record<string, number> = {};
  const laps: Lap[] = [];
  let fault: string | undefined;
  for (const operation of ['store', 'retrieve', 'increment'] as const) {
    if (operation === 'increment' && cache.prepare !== undefined) {
      const all = namesOf(dialect, operation, { first: 0, count: names });
      const exchanges = all.flatMap((name) => cache.prepare?.(name) ?? []);
      const send = Buffer.concat(exchanges.map((exchange) => exchange.send));
      await wires[0]?.ask({ send, answer: exchanges.map(({ answer }) => answer).join('') });
    }
    const requesters = wires.map((wire, index) => {
      const share = { first: index * count, count };
      return new Requester(wire, new Requests(dialect, cache, operation, share), isVerified);
    });
    const { lap, done, cpuNs, leastCpuNs } = await measure(requesters, context);
    figures[operation] = done / lap.seconds;
    figures[`${operation}CpuNs`] = cpuNs;
    figures[`${operation}LeastCpuNs`] = leastCpuNs;
    laps.push(lap);
    fault ??= requesters.find((requester) => requester.fault !== undefined)?.fault;
  }
  for (const wire of wires) wire.close();
  const worst = laps.toSorted((left, right) => right.othersLoad - left.othersLoad)[0];
  if (worst === undefined) throw new Error('nothing was measured');
  return {
    figures,
    lap: worst,
    ...((isVerified || fault !== undefined) && { fault: fault ?? '' }),
  };
};

const workloadWith = (connections: number): Omit<Workload, 'name' | 'title'> => ({
  peers: ['clacks', 'redis', 'redis-tcp', 'memcached', 'forwarder'],
  figures: [
    { key: 'store', title: 'store', unit: 'requests/s' },
    { key: 'retrieve', title: 'retrieve', unit: 'requests/s' },
    { key: 'increment', title: 'increment', unit: 'requests/s' },
  ],
  run: (context) => run(context, connections),
});

/** The shared cache. */
export const cacheWorkloads: readonly Workload[] = [
  { name: 'W5', title: 'cache, one connection', ...workloadWith(1) },
  { name: 'W5/10', title: 'cache, ten connections', ...workloadWith(10) },
];

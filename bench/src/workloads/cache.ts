import { setTimeout as pause } from 'node:timers/promises';
import { startLap } from '../generator/stopwatch.ts';
import type { Lap } from '../generator/stopwatch.ts';
import { nameOf } from '../generator/traffic.ts';
import { Wire } from '../generator/wire.ts';
import type { CacheDialect, Dialect } from '../peers/dialect.ts';
import type { Outcome, RunContext, Workload } from './workload.ts';

const [names, batchSize, batchesOnTheWay] = [10_000, 1000, 4];
const batchCount = names / batchSize;

type Operation = 'store' | 'retrieve' | 'increment';

const valueOf = (index: number): string => String(index).padStart(16, '0');

/** The batches of one operation over all names, and the answers to one of them. */
class Requests {
  readonly bytes: readonly Buffer[];
  readonly #cache: CacheDialect;
  readonly #operation: Operation;
  readonly #names: readonly string[];

  constructor(dialect: Dialect, cache: CacheDialect, operation: Operation) {
    const area = operation === 'increment' ? 'in' : 'st';
    this.#cache = cache;
    this.#operation = operation;
    this.#names = Array.from({ length: names }, (_, index) => nameOf(dialect, area, index));
    const end = cache.end?.send ?? Buffer.alloc(0);
    this.bytes = Array.from({ length: batchCount }, (_, batch) =>
      Buffer.concat([...this.#indexesOf(batch).map((index) => this.#requestOf(index)), end]),
    );
  }

  /** @param number - Of the batch, counted on through all rounds. */
  answers(number: number): string {
    const result = Math.floor(number / batchCount) + 1;
    const lines = this.#indexesOf(number % batchCount).map((index) => {
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
    const result = Math.floor(number / batchCount) + 1;
    const { stored, retrieved, incremented, end } = this.#cache;
    const one = {
      store: () => stored(name, valueOf(0)),
      retrieve: () => retrieved(name, valueOf(0)),
      increment: () => incremented(name, result),
    }[this.#operation]().length;
    return one * batchSize + (end?.answer.length ?? 0);
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

/** Keeps some batches on their way for a while. */
const measure = async (
  wire: Wire,
  requests: Requests,
  { running, seconds, warmUpSeconds, isVerified }: RunContext,
): Promise<{ rate: number; lap: Lap; fault: string | undefined }> => {
  let [sent, answered, isSending] = [0, 0, true];
  let awaited = requests.answerLength(0);
  let fault: string | undefined;
  let [expected, received] = ['', ''];
  const send = (): void => {
    const bytes = requests.bytes[sent % batchCount];
    if (bytes === undefined) return;
    if (isVerified) expected += requests.answers(sent);
    sent++;
    wire.write(bytes);
  };
  let finish: () => void = () => undefined;
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  wire.received = 0;
  wire.onBytes = (bytes) => {
    if (isVerified) {
      received += bytes.toString('latin1');
      if (!expected.startsWith(received)) fault ??= `unexpected: ${received.slice(0, 100)}`;
      expected = expected.slice(received.length);
      received = '';
    }
    while (wire.received >= awaited) {
      wire.received -= awaited;
      answered++;
      awaited = requests.answerLength(answered);
      if (isSending) send();
      else if (answered === sent) finish();
    }
  };
  for (let count = 0; count < batchesOnTheWay; count++) send();
  await pause(warmUpSeconds * 1000);
  const endLap = startLap(running.pid);
  const before = answered;
  await pause(seconds * 1000);
  const done = (answered - before) * batchSize;
  const lap = endLap();
  isSending = false;
  await finished;
  return { rate: done / lap.seconds, lap, fault };
};

const run = async (context: RunContext): Promise<Outcome> => {
  const { peer, running, ca, isVerified } = context;
  const { dialect } = peer;
  const { cache } = dialect;
  if (cache === undefined) throw new Error(`${peer.name} has no cache`);
  const wire = await Wire.connect({ address: running.address, dialect, role: 'cache', ca });
  const figures: Record<string, number> = {};
  const laps: Lap[] = [];
  let fault: string | undefined;
  for (const operation of ['store', 'retrieve', 'increment'] as const) {
    if (operation === 'increment' && cache.prepare !== undefined) {
      const all = Array.from({ length: names }, (_, index) => nameOf(dialect, 'in', index));
      for (const name of all) await wire.ask(cache.prepare(name));
    }
    const result = await measure(wire, new Requests(dialect, cache, operation), context);
    figures[operation] = result.rate;
    figures[`${operation}CpuNs`] = result.lap.serverNs / (result.rate * result.lap.seconds);
    laps.push(result.lap);
    fault ??= result.fault;
  }
  wire.close();
  const worst = laps.toSorted((left, right) => right.othersLoad - left.othersLoad)[0];
  if (worst === undefined) throw new Error('nothing was measured');
  return {
    figures,
    lap: worst,
    ...((isVerified || fault !== undefined) && { fault: fault ?? '' }),
  };
};

/** The shared cache. */
export const cacheWorkload: Workload = {
  name: 'W5',
  title: 'cache, one connection',
  peers: ['clacks', 'redis', 'redis-tcp', 'memcached', 'forwarder'],
  figures: [
    { key: 'store', title: 'store', unit: 'requests/s' },
    { key: 'retrieve', title: 'retrieve', unit: 'requests/s' },
    { key: 'increment', title: 'increment', unit: 'requests/s' },
  ],
  run,
};

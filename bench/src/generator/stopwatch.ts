import { setTimeout as pause } from 'node:timers/promises';
import { isDisturbed, othersShareOf } from '../machine/disturbance.ts';
import { machineTime, processorNsOf } from '../machine/processor-time.ts';

/** What a stretch of time took. */
export interface Lap {
  readonly seconds: number;
  readonly serverNs: number;
  /** Shares of a processor. */
  readonly serverLoad: number;
  readonly generatorLoad: number;
  readonly othersLoad: number;
  readonly isDisturbed: boolean;
}

const ownMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

const nsOf = (pids: readonly number[]): number =>
  pids.reduce((sum, pid) => sum + processorNsOf(pid), 0);

/**
 * Starts to measure; what is returned ends it.
 *
 * @param pids - The processes of the server: one, or several nodes.
 */
export const startLap = (pids: readonly number[]): (() => Lap) => {
  const startMs = performance.now();
  const [machine, server, own] = [machineTime(), nsOf(pids), ownMs()];
  return () => {
    const elapsedMs = performance.now() - startMs;
    const serverNs = nsOf(pids) - server;
    const generatorMs = ownMs() - own;
    const now = machineTime();
    const times = {
      elapsedMs,
      generatorMs,
      serverMs: serverNs / 1e6,
      busyMs: now.busyMs - machine.busyMs,
      stolenMs: now.stolenMs - machine.stolenMs,
    };
    return {
      seconds: elapsedMs / 1000,
      serverNs,
      serverLoad: times.serverMs / elapsedMs,
      generatorLoad: generatorMs / elapsedMs,
      othersLoad: othersShareOf(times),
      isDisturbed: isDisturbed(times),
    };
  };
};

/** What was done in a stretch of time, and what it took. */
export interface Stretch {
  readonly lap: Lap;
  readonly done: number;
  /** Processor time of the server for one of it, in ns; and that in the cheapest part of the stretch. */
  readonly cpuNs: number;
  readonly leastCpuNs: number;
}

/** So long that processor time, which is counted in steps of some ms, is known well enough. */
const partMs = 200;

/** A part of a stretch. */
interface Part {
  readonly ns: number;
  readonly done: number;
}

/** What one costs in the cheapest part. Those in which nothing was done tell nothing; Infinity: all. */
export const leastOf = (parts: readonly Part[]): number =>
  Math.min(...parts.filter(({ done }) => done > 0).map(({ ns, done }) => ns / done));

/**
 * Measures for a while.
 *
 * @param pids - The processes of the server.
 * @param count - Tells how much has been done; counts up.
 */
export const measureFor = async (
  seconds: number,
  pids: readonly number[],
  count: () => number,
): Promise<Stretch> => {
  const endLap = startLap(pids);
  const first = count();
  const partCount = Math.max(1, Math.floor((seconds * 1000) / partMs));
  const parts: Part[] = [];
  for (let part = 0; part < partCount; part++) {
    const [ns, before] = [nsOf(pids), count()];
    await pause((seconds * 1000) / partCount);
    parts.push({ ns: nsOf(pids) - ns, done: count() - before });
  }
  const done = count() - first;
  const lap = endLap();
  return { lap, done, cpuNs: lap.serverNs / done, leastCpuNs: leastOf(parts) };
};

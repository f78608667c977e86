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

/**
 * Starts to measure; what is returned ends it.
 *
 * @param pids - The processes of the server: one, or several nodes.
 */
export const startLap = (pids: readonly number[]): (() => Lap) => {
  const serversNs = (): number => pids.reduce((sum, pid) => sum + processorNsOf(pid), 0);
  const startMs = performance.now();
  const [machine, server, own] = [machineTime(), serversNs(), ownMs()];
  return () => {
    const elapsedMs = performance.now() - startMs;
    const serverNs = serversNs() - server;
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

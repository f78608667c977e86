import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

const tasksOf = (pid: number): string[] => {
  try {
    return readdirSync(`/proc/${pid}/task`).map((task) => `/proc/${pid}/task/${task}`);
  } catch {
    return [];
  }
};

const read = (file: string): string => {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    // A thread or process that has ended meanwhile.
    return '';
  }
};

/** What a process, all of its threads and those of its children have needed, in ns. */
export const processorNsOf = (pid: number): number => {
  let ns = 0;
  for (const task of tasksOf(pid)) {
    ns += Number(read(`${task}/schedstat`).split(' ')[0] ?? 0);
    for (const child of read(`${task}/children`).trim().split(' ')) {
      if (child !== '') ns += processorNsOf(Number(child));
    }
  }
  return ns;
};

/** Resident memory of a process, in bytes. */
export const residentBytesOf = (pid: number): number =>
  Number(/^VmRSS:\s+(\d+) kB$/mu.exec(read(`/proc/${pid}/status`))?.[1] ?? 0) * 1024;

/** The same after a while: pages that were freed are given back in the background. */
export const settledBytesOf = async (pid: number, settleMs: number): Promise<number> => {
  await pause(settleMs);
  return residentBytesOf(pid);
};

/** What all processors together have done since the machine was started, in ms. */
export interface MachineTime {
  /** User, nice and system time. Interrupts are nobody's. */
  readonly busyMs: number;
  /** What the host gave to other machines. */
  readonly stolenMs: number;
}

const tickMs = 10;

/** Reads `/proc/stat`. */
export const machineTime = (): MachineTime => {
  const line = read('/proc/stat').split('\n')[0] ?? '';
  const [, user = 0, nice = 0, system = 0, , , , , steal = 0] = line.split(/\s+/u).map(Number);
  return { busyMs: (user + nice + system) * tickMs, stolenMs: steal * tickMs };
};

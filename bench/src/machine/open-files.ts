import { readFileSync } from 'node:fs';

/** What a process has open besides its connections, and to spare. */
const others = 1000;

const most = (): number => {
  const limits = readFileSync('/proc/self/limits', 'latin1');
  return Number(/^Max open files\s+\d+\s+(\d+)/mu.exec(limits)?.[1] ?? Infinity);
};

/**
 * Why a process can't have so many connections, if it can't: each needs a file descriptor. Node.js
 * takes as many as the hard limit allows.
 */
export const whyTooMany = (connections: number): string | undefined => {
  const needed = connections + others;
  return most() >= needed
    ? undefined
    : `${needed} open files are needed, the limit is ${most()}: see ulimit -Hn`;
};

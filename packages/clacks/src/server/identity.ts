import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

/** A name for a run of a node that no other has. */
export const newNodeId = (): string => randomBytes(9).toString('base64url');

const bootId = (): string => {
  try {
    // Containers have host names of their own, but the clock of the machine.
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    // Other systems than Linux have none: the host name has to do.
    return hostname().replaceAll(/[^\w.-]/gu, '_');
  }
};

/** A name for the clock of this machine. */
export const clockId: string = bootId();

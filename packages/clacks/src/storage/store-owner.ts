import { randomBytes } from 'node:crypto';
import type { StoreTask } from './messages.ts';

/** This process, and a name for one use that it makes of a store. */
export const newOwner = (): StoreTask['owner'] => ({
  pid: process.pid,
  token: randomBytes(9).toString('base64url'),
});

import { encodeToken } from '@clacks/protocol';
import type { Authenticate, Permissions } from 'clacks';

const nothing: Permissions = { read: false, write: false, manage: false, interclacks: false };

const users = new Map<string, Permissions>([
  ['reader', { ...nothing, read: true }],
  ['writer', { ...nothing, read: true, write: true }],
  ['slow', { ...nothing, read: true, write: true }],
  ['main', { read: true, write: true, manage: true, interclacks: true }],
]);

const password = 'pass';

/** Logins to try: one of them takes its time, one ends in an error, one is wrong. */
export const usernames = [...users.keys(), 'broken', 'nobody'] as const;

/** A user's token. */
export const tokenOf = (username: string): string => encodeToken({ username, password });

/** The token that lets in who has all permissions. */
export const mainToken = tokenOf('main');

/** Checks these users. */
export const authenticate: Authenticate = (username, given) => {
  const permissions = given === password ? users.get(username) : undefined;
  if (username === 'slow') {
    return new Promise((resolve) => {
      setImmediate(resolve, permissions);
    });
  }
  if (username === 'broken') throw new Error('this login cannot be checked');
  return permissions;
};

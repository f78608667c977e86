import { slowingDown } from '../auth/slow-down.ts';
import { createUserAuthenticator } from '../auth/users.ts';
import type { Authenticate } from '../broker/ports.ts';
import type { ServerConfig } from '../config/schema.ts';
import type { LoginLog } from './login-log.ts';

/** Longest pause between two logins of an address where they fail, in ms. */
const pauseMaxMs = 4000;

/**
 * Who decides about logins: the configuration's users, or a function of the embedding program in
 * their place. Either way an address from which they fail is slowed down.
 */
export const createAuthenticator = (
  { users, authTimeoutMs }: ServerConfig,
  custom: Authenticate | undefined,
  log: LoginLog,
): Authenticate =>
  slowingDown(custom ?? createUserAuthenticator(users), {
    // A few are to have their turn before the time to log in is over.
    pauseMaxMs: Math.min(pauseMaxMs, authTimeoutMs / 4),
    passesKnown: custom === undefined,
    slowedDown: (address) => {
      log.slowedDown(address);
    },
  });

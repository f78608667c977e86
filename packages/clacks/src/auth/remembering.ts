import { createHmac, randomBytes } from 'node:crypto';
import type { Authenticate, Permissions } from '../broker/ports.ts';
import { SharedCheck } from './shared-check.ts';

/** How many accepted credentials are remembered unless told otherwise. */
const rememberedMaxDefault = 10_000;

/**
 * Remembers accepted credentials, so that a costly check is made once and a thousand clients that
 * reconnect at once are let in at once (protocol 3). Only a keyed digest of them is kept, under a
 * key that lives in this process's memory alone. Refused credentials are not remembered. While a
 * check is under way, others with the same credentials wait for the same answer.
 *
 * @param authenticate - The check. Its answer must depend on username and password alone.
 * @param rememberedMax - How many are remembered. Beyond that, the longest unused are forgotten.
 */
export const remembering = (
  authenticate: Authenticate,
  rememberedMax = rememberedMaxDefault,
): Authenticate => {
  const key = randomBytes(32);
  const accepted = new Map<string, Permissions>();
  const underWay = new Map<string, SharedCheck>();

  const remember = (digest: string, permissions: Permissions | undefined): void => {
    if (permissions === undefined) return;
    // Who was used last stands last.
    accepted.delete(digest);
    accepted.set(digest, permissions);
    if (accepted.size <= rememberedMax) return;
    for (const oldest of accepted.keys()) {
      accepted.delete(oldest);
      return;
    }
  };

  const settle = async (
    digest: string,
    check: SharedCheck,
    signal: AbortSignal,
  ): Promise<Permissions | undefined> => {
    try {
      const permissions = await check.join(signal);
      remember(digest, permissions);
      return permissions;
    } finally {
      if (underWay.get(digest) === check) underWay.delete(digest);
    }
  };

  return (username, password, connection, signal) => {
    const digest = createHmac('sha256', key)
      .update(`${username.length}:${username}${password}`)
      .digest('base64');
    const known = accepted.get(digest);
    if (known !== undefined) {
      remember(digest, known);
      return known;
    }
    const current = underWay.get(digest);
    if (current?.isGivenUp === false) return current.join(signal);
    const abort = new AbortController();
    const decision = authenticate(username, password, connection, abort.signal);
    if (!(decision instanceof Promise)) {
      remember(digest, decision);
      return decision;
    }
    const check = new SharedCheck(decision, abort);
    underWay.set(digest, check);
    return settle(digest, check, signal);
  };
};

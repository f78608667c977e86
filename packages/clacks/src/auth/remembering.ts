import type { Authenticate, Permissions } from '../broker/ports.ts';
import { CredentialMemory } from './credential-memory.ts';
import { SharedCheck } from './shared-check.ts';

/**
 * Remembers accepted credentials, so that a costly check is made once and a thousand clients that
 * reconnect at once are let in at once (protocol 3). Only a keyed digest of them is kept, under a
 * key that lives in this process's memory alone. Refused credentials are not remembered. While a
 * check is under way, others with the same credentials wait for the same answer.
 *
 * @param authenticate - The check. Its answer must depend on username, password and the subject
 * of the certificate alone.
 * @param rememberedMax - How many are remembered. Beyond that, the longest unused are forgotten.
 */
export const remembering = (authenticate: Authenticate, rememberedMax?: number): Authenticate => {
  const accepted = new CredentialMemory<Permissions>(rememberedMax);
  const underWay = new Map<string, SharedCheck>();

  const remember = (digest: string, permissions: Permissions | undefined): void => {
    if (permissions !== undefined) accepted.set(digest, permissions);
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
    const digest = accepted.digestOf(username, password, connection.certificateSubject ?? '');
    const known = accepted.get(digest);
    if (known !== undefined) return known;
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

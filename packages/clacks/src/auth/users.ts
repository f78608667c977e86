import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Authenticate, ConnectionFacts, Permissions } from '../broker/ports.ts';
import { remembering } from './remembering.ts';
import { isPasswordHash, parsePasswordHash, verifyPassword } from './scrypt.ts';
import type { PasswordHash } from './scrypt.ts';

/** Somebody who may log in: with a password, a certificate, or both. */
export interface UserConfig {
  readonly username: string;
  /** In clear, or as a hash that {@link hashPassword} made: `scrypt:…`. */
  readonly password?: string | undefined;
  /** The subject that the client's certificate must have: see {@link ConnectionFacts}. */
  readonly certificateSubject?: string | undefined;
  readonly permissions: Permissions;
}

interface User {
  /** Of the password in clear. */
  readonly digest: Buffer | undefined;
  readonly hash: PasswordHash | undefined;
  readonly certificateSubject: string | undefined;
  readonly permissions: Permissions;
}

const hashOf = (username: string, password: string): PasswordHash => {
  const hash = parsePasswordHash(password);
  if (hash === undefined) throw new TypeError(`The password hash of ${username} is malformed.`);
  return hash;
};

/** Whether a client has the certificate that a user needs, if it needs one. */
const showsCertificate = (user: User, { certificateSubject }: ConnectionFacts): boolean =>
  user.certificateSubject === undefined || user.certificateSubject === certificateSubject;

/**
 * Checks users whose passwords are hashed; everybody else is refused, at the same cost.
 *
 * @param decoyOf - The hash that is checked for a name without one.
 */
const hashedAuthenticator =
  (users: ReadonlyMap<string, User>, decoyOf: (username: string) => PasswordHash): Authenticate =>
  async (username, password, connection, signal) => {
    const user = users.get(username);
    const hash = user?.hash ?? decoyOf(username);
    const isRight = await verifyPassword(password, hash, connection.host, signal);
    if (!isRight || user?.hash === undefined) return undefined;
    return showsCertificate(user, connection) ? user.permissions : undefined;
  };

const readUsers = (
  users: readonly UserConfig[],
  digestOf: (password: string) => Buffer,
): ReadonlyMap<string, User> => {
  const known = new Map<string, User>();
  for (const { username, password, certificateSubject, permissions } of users) {
    if (known.has(username)) throw new TypeError(`The user ${username} is given twice.`);
    if (password === undefined && certificateSubject === undefined) {
      throw new TypeError(`The user ${username} has neither a password nor a certificate.`);
    }
    const isHashed = password !== undefined && isPasswordHash(password);
    known.set(username, {
      digest: password === undefined || isHashed ? undefined : digestOf(password),
      hash: isHashed ? hashOf(username, password) : undefined,
      certificateSubject,
      permissions,
    });
  }
  return known;
};

/**
 * Makes the check for a fixed list of users. Comparing takes the same time wherever the first
 * difference is, and an unknown user costs as much as a wrong password. Right passwords that are
 * configured in clear, and hashed ones once they were accepted, are answered without a promise.
 *
 * Who has a certificate and no password may send any password.
 *
 * @throws TypeError if a password starts with `scrypt:` but is no hash, a username comes twice, or a
 * user has neither a password nor a certificate.
 */
export const createUserAuthenticator = (users: readonly UserConfig[]): Authenticate => {
  const key = randomBytes(32);
  // Digests have one length, and comparing them says nothing about the passwords.
  const digestOf = (password: string): Buffer =>
    createHmac('sha256', key).update(password).digest();
  const nobody = digestOf(randomBytes(32).toString('hex'));
  const known = readUsers(users, digestOf);
  const hashes = [...known.values()].flatMap(({ hash }) => hash ?? []);
  const [anyHash] = hashes;
  // Hashes may differ in cost. A name that nobody has must not stand out by a cost of its own, or
  // by one that changes.
  const decoyOf = (fallback: PasswordHash) => (username: string) =>
    hashes[digestOf(username).readUInt32LE() % hashes.length] ?? fallback;
  const checkHashed =
    anyHash === undefined ? undefined : remembering(hashedAuthenticator(known, decoyOf(anyHash)));

  return (username, password, connection, signal) => {
    const user = known.get(username);
    const isRight = timingSafeEqual(digestOf(password), user?.digest ?? nobody);
    if (user !== undefined && user.hash === undefined) {
      const isKnown = isRight || user.digest === undefined;
      if (isKnown && showsCertificate(user, connection)) return user.permissions;
    }
    // Also for users without a hash: their refusal must not come sooner than others'.
    return checkHashed?.(username, password, connection, signal);
  };
};

import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Authenticate, Permissions } from '../broker/ports.ts';
import { remembering } from './remembering.ts';
import { isPasswordHash, parsePasswordHash, verifyPassword } from './scrypt.ts';
import type { PasswordHash } from './scrypt.ts';

/** Somebody who may log in. */
export interface UserConfig {
  readonly username: string;
  /** In clear, or as a hash that {@link hashPassword} made: `scrypt:…`. */
  readonly password: string;
  readonly permissions: Permissions;
}

interface ClearUser {
  readonly digest: Buffer;
  readonly permissions: Permissions;
}

interface HashedUser {
  readonly hash: PasswordHash;
  readonly permissions: Permissions;
}

const hashOf = ({ username, password }: UserConfig): PasswordHash => {
  const hash = parsePasswordHash(password);
  if (hash === undefined) throw new TypeError(`The password hash of ${username} is malformed.`);
  return hash;
};

/** Checks users whose passwords are hashed; everybody else is refused, at the same cost. */
const hashedAuthenticator =
  (users: ReadonlyMap<string, HashedUser>, decoy: PasswordHash): Authenticate =>
  async (username, password, { host }, signal) => {
    const user = users.get(username);
    const isRight = await verifyPassword(password, user?.hash ?? decoy, host, signal);
    return isRight ? user?.permissions : undefined;
  };

/**
 * Makes the check for a fixed list of users. Comparing takes the same time wherever the first
 * difference is, and an unknown user costs as much as a wrong password. Right passwords that are
 * configured in clear, and hashed ones once they were accepted, are answered without a promise.
 *
 * @throws TypeError if a password starts with `scrypt:` but is no hash, or a username comes twice.
 */
export const createUserAuthenticator = (users: readonly UserConfig[]): Authenticate => {
  const key = randomBytes(32);
  // Digests have one length, and comparing them says nothing about the passwords.
  const digestOf = (password: string): Buffer =>
    createHmac('sha256', key).update(password).digest();
  const nobody: ClearUser = {
    digest: digestOf(randomBytes(32).toString('hex')),
    permissions: { read: false, write: false, manage: false, interclacks: false },
  };
  const clear = new Map<string, ClearUser>();
  const hashed = new Map<string, HashedUser>();
  for (const user of users) {
    const { username, password, permissions } = user;
    if (clear.has(username) || hashed.has(username)) {
      throw new TypeError(`The user ${username} is given twice.`);
    }
    if (isPasswordHash(password)) hashed.set(username, { hash: hashOf(user), permissions });
    else clear.set(username, { digest: digestOf(password), permissions });
  }
  const [decoy] = hashed.values();
  const checkHashed =
    decoy === undefined ? undefined : remembering(hashedAuthenticator(hashed, decoy.hash));

  return (username, password, connection, signal) => {
    const user = clear.get(username);
    const isRight = timingSafeEqual(digestOf(password), (user ?? nobody).digest);
    if (isRight && user !== undefined) return user.permissions;
    // Also for users without a hash: their refusal must not come sooner than others'.
    return checkHashed?.(username, password, connection, signal);
  };
};

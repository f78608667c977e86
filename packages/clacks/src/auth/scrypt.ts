import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { siteOf } from './network.ts';
import { WorkQueue } from './work-queue.ts';

/** A password's hash, parsed. */
export interface PasswordHash {
  /** The cost: a power of two. */
  readonly n: number;
  readonly blockSize: number;
  readonly parallelization: number;
  readonly salt: Buffer;
  readonly hash: Buffer;
}

const prefix = 'scrypt:';

/** What new hashes cost: 32 MiB and about a quarter of a second, as OWASP advises. */
const newHash = { n: 2 ** 15, blockSize: 8, parallelization: 3, saltBytes: 16, hashBytes: 32 };

/** Most memory that checking one password may take, in bytes. */
const memoryBytesMax = 256 * 1024 * 1024;
/** Most that checking one password may cost in time, as N·r·p: some four seconds. */
const workMax = 2 ** 24;

// One for the process, as its pool of threads is one.
const checks = new WorkQueue({
  // Each takes a thread of Node's pool of four, which name lookups and files need too.
  running: 2,
  waiting: 1024,
  // About as many as are through before the time to log in is over.
  waitingOfParty: 128,
});

/** Whether a configured password is a hash, or claims to be one. */
export const isPasswordHash = (password: string): boolean => password.startsWith(prefix);

const hashPattern =
  /^scrypt:(\d{1,9}):(\d{1,4}):(\d{1,4}):([A-Za-z0-9+/]{11,128}={0,2}):([A-Za-z0-9+/]{22,128}={0,2})$/u;

/**
 * Parses `scrypt:N:r:p:salt:hash`, salt and hash in base64.
 *
 * @returns `undefined` if it is none, or costs more than a server can bear for a login.
 */
export const parsePasswordHash = (text: string): PasswordHash | undefined => {
  const match = hashPattern.exec(text);
  if (match === null) return undefined;
  const [, cost = '', blocks = '', parallel = '', salt = '', hash = ''] = match;
  const [n, blockSize, parallelization] = [Number(cost), Number(blocks), Number(parallel)];
  const work = n * blockSize * parallelization;
  if (n < 2 || !Number.isInteger(Math.log2(n)) || work === 0 || work > workMax) return undefined;
  if (128 * n * blockSize > memoryBytesMax) return undefined;
  return {
    n,
    blockSize,
    parallelization,
    salt: Buffer.from(salt, 'base64'),
    hash: Buffer.from(hash, 'base64'),
  };
};

type Parameters = Omit<PasswordHash, 'hash'>;

const derive = (password: string, parameters: Parameters, hashBytes: number): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const { n, blockSize, parallelization, salt } = parameters;
    const options = { N: n, r: blockSize, p: parallelization, maxmem: 2 * memoryBytesMax };
    scrypt(password, salt, hashBytes, options, (error, hash) => {
      if (error === null) resolve(hash);
      else reject(error);
    });
  });

/** Hashes a password with a new salt, as `scrypt:N:r:p:salt:hash`: for the configuration. */
export const hashPassword = async (password: string): Promise<string> => {
  const { n, blockSize, parallelization, saltBytes, hashBytes } = newHash;
  const salt = randomBytes(saltBytes);
  const hash = await derive(password, { n, blockSize, parallelization, salt }, hashBytes);
  const parts = [n, blockSize, parallelization, salt.toString('base64'), hash.toString('base64')];
  return prefix + parts.join(':');
};

/**
 * Checks a password against a hash, in constant time. Two checks run at a time, for all servers of
 * the process together; others wait, and those of different hosts take turns. Hosts of one IPv6 network of
 * the size that one customer has (/48) count as one: else it could fill the queue.
 *
 * @param host - Whose login it is.
 * @param signal - Drops the check if it has not begun.
 * @throws AuthBusyError (`CLACKS_ERR_AUTH_BUSY`) if too many wait already.
 */
export const verifyPassword = (
  password: string,
  expected: PasswordHash,
  host: string,
  signal: AbortSignal,
): Promise<boolean> =>
  checks.run(
    async () => {
      const hash = await derive(password, expected, expected.hash.length);
      return timingSafeEqual(hash, expected.hash);
    },
    siteOf(host),
    signal,
  );

import type { Logger } from 'pino';
import type { ConnectionPort } from '../broker/ports.ts';
import { printable } from './printable.ts';

/** Failed logins of one address that are told one by one in a minute. */
const linesOfAddress = 10;
/** Likewise of all addresses together. */
const linesOfAll = 1000;
const windowMs = 60_000;

/**
 * Usernames that do not log in may be passwords that were typed into the wrong field, or anything
 * else: they are told, since without them nobody finds the program that has an old password, but no
 * more of them than of a usual name, in characters.
 */
const usernameMax = 64;

const shortened = (text: string): string =>
  text.length > usernameMax ? `${text.slice(0, usernameMax)}…` : text;

/**
 * Tells of failed logins. A flood of them does not flood the log: what is too much in a minute is
 * only counted, and told when that minute is over.
 */
export class LoginLog {
  readonly #logger: Logger;
  /** How many failed in this minute, by address. No more addresses than lines that were told. */
  readonly #failures = new Map<string, number>();
  #lines = 0;
  /** How many failed of addresses that are not in the map. */
  #others = 0;
  #window: NodeJS.Timeout | undefined;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /**
   * A login failed.
   *
   * @param error - Why it could not be checked, if that is the reason.
   */
  failed({ cid, facts }: ConnectionPort, username: string, error: unknown): void {
    const { host, certificateSubject } = facts;
    if (!this.#isTold(host)) return;
    this.#logger.warn(
      {
        cid,
        username: printable(shortened(username)),
        ...(certificateSubject !== undefined && { certificateSubject }),
        ...(error !== undefined && { err: error }),
      },
      'login failed',
    );
  }

  /** Logins of an address are slowed down from now on. */
  slowedDown(address: string): void {
    if (!this.#isTold(address)) return;
    this.#logger.warn({ address }, 'too many logins failed: those of this address are slowed down');
  }

  /** Tells what was left out, and begins anew. */
  flush(): void {
    clearTimeout(this.#window);
    this.#window = undefined;
    for (const [host, failures] of this.#failures) {
      const leftOut = failures - linesOfAddress;
      if (leftOut > 0) this.#logger.warn({ host, leftOut }, 'more logins failed');
    }
    if (this.#others > 0) this.#logger.warn({ leftOut: this.#others }, 'more logins failed');
    this.#failures.clear();
    this.#lines = 0;
    this.#others = 0;
  }

  #isTold(host: string): boolean {
    this.#window ??= setTimeout(() => {
      this.flush();
    }, windowMs).unref();
    const before = this.#failures.get(host);
    if (this.#lines >= linesOfAll && before === undefined) {
      this.#others++;
      return false;
    }
    this.#failures.set(host, (before ?? 0) + 1);
    if ((before ?? 0) >= linesOfAddress) return false;
    this.#lines++;
    return true;
  }
}

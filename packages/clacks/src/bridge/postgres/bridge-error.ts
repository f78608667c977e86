import { ClacksError } from '@clacks/protocol';

/**
 * Classes of SQLSTATE that pass by themselves: connections, transactions that got in each other's way,
 * resources, the operator, the system.
 */
const passingClasses: ReadonlySet<string> = new Set(['08', '40', '53', '57', '58']);
/** Such ones of other classes: a server that is not the primary one at the moment, a lock. */
const passingCodes: ReadonlySet<string> = new Set(['25006', '55P03']);

/** Whether PostgreSQL itself says no, so that trying again does not help until somebody mends it. */
const isRefusedBy = (cause: unknown): boolean => {
  const code = (cause as { code?: unknown } | undefined)?.code;
  // Codes of Node.js may have five letters as well (EPIPE), but no digit.
  if (typeof code !== 'string' || !/^[0-9A-Z]{5}$/u.test(code) || !/\d/u.test(code)) return false;
  return !passingClasses.has(code.slice(0, 2)) && !passingCodes.has(code);
};

/** What a {@link PostgresBridgeError} is made with. */
export interface PostgresBridgeErrorOptions extends ErrorOptions {
  /** Default: whether the cause is an error of PostgreSQL that does not pass by itself. */
  readonly isRefusal?: boolean;
}

/** The bridge cannot use PostgreSQL, or the Clacks server, as it is. */
export class PostgresBridgeError extends ClacksError {
  override readonly name = 'PostgresBridgeError';
  readonly code = 'CLACKS_ERR_POSTGRES';
  /** Whether trying again does not help until somebody mends it: a wrong password, a missing right. */
  readonly isRefusal: boolean;

  constructor(message: string, options: PostgresBridgeErrorOptions = {}) {
    super(message, options);
    this.isRefusal = options.isRefusal ?? isRefusedBy(options.cause);
  }
}

/** Whether it is such an error, and trying again does not help. */
export const isRefusal = (error: unknown): boolean =>
  error instanceof PostgresBridgeError && error.isRefusal;

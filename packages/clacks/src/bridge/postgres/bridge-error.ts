import { ClacksError } from '@clacks/protocol';

/** The bridge cannot use PostgreSQL, or the Clacks server, as it is. */
export class PostgresBridgeError extends ClacksError {
  override readonly name = 'PostgresBridgeError';
  readonly code = 'CLACKS_ERR_POSTGRES';
}

/** Classes of SQLSTATE that pass by themselves: connections, resources, the operator, the system. */
const passingClasses: ReadonlySet<string> = new Set(['08', '53', '57', '58']);

/** Whether PostgreSQL itself says no, so that trying again does not help until somebody mends it. */
export const isRefusal = (error: unknown): boolean => {
  const cause = error instanceof PostgresBridgeError ? error.cause : error;
  const code = (cause as { code?: unknown } | undefined)?.code;
  if (typeof code !== 'string' || !/^[0-9A-Z]{5}$/u.test(code)) return false;
  // Codes of Node.js have five letters as well (EPIPE), but no digit.
  return /\d/u.test(code) && !passingClasses.has(code.slice(0, 2));
};

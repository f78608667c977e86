/**
 * The base class of every error that Clacks packages throw on their own account. Callers match
 * `code`, which is stable; the message is for people.
 */
export abstract class ClacksError extends Error {
  /** Which error this is. docs/errors.md lists all. */
  abstract readonly code: `CLACKS_ERR_${string}`;
}

/** Codes of {@link ClacksProtocolError}. */
export type ClacksProtocolErrorCode = 'CLACKS_ERR_BAD_VALUE';

/** Something received does not keep to the protocol. */
export class ClacksProtocolError extends ClacksError {
  override readonly name = 'ClacksProtocolError';
  readonly code: ClacksProtocolErrorCode;

  constructor(code: ClacksProtocolErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

import { ClacksError } from '@clacks/protocol';

/** Codes of {@link ClacksClientError}; docs/errors.md says when each comes. */
export type ClacksClientErrorCode =
  | 'CLACKS_ERR_ABORTED'
  | 'CLACKS_ERR_CERTIFICATE'
  | 'CLACKS_ERR_CLOSED'
  | 'CLACKS_ERR_CONNECTION_LOST'
  | 'CLACKS_ERR_DENIED'
  | 'CLACKS_ERR_LOGIN_FAILED'
  | 'CLACKS_ERR_NOT_CLACKS'
  | 'CLACKS_ERR_NOT_KEPT'
  | 'CLACKS_ERR_NOT_RELOADED'
  | 'CLACKS_ERR_QUEUE_FULL'
  | 'CLACKS_ERR_TIMEOUT'
  | 'CLACKS_ERR_UNREACHABLE';

/** Something between this client and its server went wrong. */
export class ClacksClientError extends ClacksError {
  override readonly name = 'ClacksClientError';
  readonly code: ClacksClientErrorCode;

  constructor(code: ClacksClientErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

const fatal: readonly ClacksClientErrorCode[] = [
  'CLACKS_ERR_CERTIFICATE',
  'CLACKS_ERR_LOGIN_FAILED',
  'CLACKS_ERR_NOT_CLACKS',
];

/** Whether trying again cannot help: wrong password, wrong certificate, not a clacks server. */
export const isFatal = (error: ClacksClientError): boolean => fatal.includes(error.code);

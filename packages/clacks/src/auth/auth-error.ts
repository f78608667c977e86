import { ClacksError } from '@clacks/protocol';

/** A login cannot be checked now: too many wait already. */
export class AuthBusyError extends ClacksError {
  override readonly name = 'AuthBusyError';
  readonly code = 'CLACKS_ERR_AUTH_BUSY';

  /** @param waitingMax - How many may wait. */
  constructor(waitingMax: number) {
    super(`the login cannot be checked: ${waitingMax} others wait for it already`);
  }
}

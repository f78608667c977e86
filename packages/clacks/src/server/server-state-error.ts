import { ClacksError } from '@clacks/protocol';

/** A server was asked for something that does not fit its state. */
export class ServerStateError extends ClacksError {
  override readonly name = 'ServerStateError';
  readonly code = 'CLACKS_ERR_SERVER_STATE';

  constructor(what: string) {
    super(`This server ${what}.`);
  }
}

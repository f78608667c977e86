import { isatty } from 'node:tty';

/** Standard input, output and error. */
const standardStreams = [0, 1, 2];

/** What to do when the process is hung up on. */
export interface HangUpHandler {
  /** Somebody wants the configuration to be read anew. */
  reload(): void;
  /** The terminal that the process was started on is closed. */
  terminalClosed(): void;
}

/**
 * Hears SIGHUP, which says that a configuration is to be read anew, unless the terminal is closed: then
 * it says that. From the beginning on, as it would end the process.
 */
export class HangUps {
  readonly #terminals = standardStreams.filter((stream) => isatty(stream));
  #handler: HangUpHandler | undefined;
  #hasWaiting = false;

  constructor() {
    process.on('SIGHUP', () => {
      this.#hangUp();
    });
  }

  /** Who handles them, from now on; one that has come already as well. */
  handle(handler: HangUpHandler): void {
    this.#handler = handler;
    if (this.#hasWaiting) this.#hangUp();
  }

  #hangUp(): void {
    this.#hasWaiting = this.#handler === undefined;
    // A terminal that is closed is none any more.
    const isClosed = this.#terminals.some((stream) => !isatty(stream));
    if (isClosed) this.#handler?.terminalClosed();
    else this.#handler?.reload();
  }
}

import { exitCode } from './exit-code.ts';
import type { ExitCode } from './exit-code.ts';

/** A wait that an interrupt, a time limit or the command itself brings to an end. */
export class Waiting {
  /** Settles at the end with the exit code, or fails. */
  readonly over: Promise<ExitCode>;
  #isOver = false;
  #resolve: (code: ExitCode) => void = () => undefined;
  #reject: (error: Error) => void = () => undefined;

  constructor() {
    this.over = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // It may fail while the command still prepares; it is awaited later.
    this.over.catch(() => undefined);
    process.once('SIGINT', () => {
      this.end(exitCode.interrupted);
    });
    process.once('SIGTERM', () => {
      this.end(exitCode.terminated);
    });
  }

  /** Whether it has ended, well or not. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Ends the wait. Only the first end counts. */
  end(code: ExitCode): void {
    this.#isOver = true;
    this.#resolve(code);
  }

  /** Ends the wait with an error. */
  fail(error: Error): void {
    this.#isOver = true;
    this.#reject(error);
  }
}

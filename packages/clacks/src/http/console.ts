import { lineEnd } from '@clacks/protocol';
import type { ApiConsoleOutput } from './api-types.ts';
import { Fence } from './fenced.ts';
import { LineBuffer } from './line-buffer.ts';
import type { AdminUser, UserConnection } from './ports.ts';
import { Problem } from './problem.ts';

/** How long answers are waited for, in ms: what comes later is there the next time. */
const answerTimeoutMs = 10_000;

/** Sends lines of the protocol as a user, on one connection that stays, and shows what comes back. */
export class Console {
  readonly #user: AdminUser;
  readonly #received = new LineBuffer();
  #connection: UserConnection | undefined;
  #fence: Fence | undefined;
  /** Whether what was said last is not handled yet. */
  #isBusy = false;
  #settled: () => void = () => undefined;
  /** Ends when the lines before are answered: answers keep their order. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(user: AdminUser) {
    this.#user = user;
  }

  /**
   * Sends lines, and waits until they are handled.
   *
   * @param lines - As wire strings without line ends.
   * @throws Problem (as a rejection) if earlier ones are not handled yet, or the user is gone.
   */
  say(lines: readonly string[]): Promise<ApiConsoleOutput> {
    const said = this.#turn.then(() => this.#say(lines));
    this.#turn = said.catch(() => undefined);
    return said;
  }

  /** What came meanwhile. */
  take(): ApiConsoleOutput {
    return { ...this.#received.take(), isClosed: this.#connection === undefined };
  }

  /** Takes leave. */
  close(): void {
    this.#connection?.close();
  }

  async #say(lines: readonly string[]): Promise<ApiConsoleOutput> {
    if (this.#isBusy) {
      throw new Problem('unavailable', 'The lines before are not handled yet.');
    }
    const connection = (this.#connection ??= this.#open());
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      const fence = new Fence(() => {
        this.#isBusy = false;
        resolve();
      });
      this.#fence = fence;
      this.#isBusy = true;
      this.#settled = resolve;
      timer = setTimeout(resolve, answerTimeoutMs);
      connection.say(lines.map((line) => line + lineEnd).join('') + fence.line);
    });
    clearTimeout(timer);
    return this.take();
  }

  #open(): UserConnection {
    return this.#user.open('clacks http console', {
      receive: (wire) => {
        this.#received.add(this.#fence?.pass(wire) ?? wire);
      },
      closed: () => {
        this.#connection = undefined;
        this.#isBusy = false;
        this.#settled();
      },
    });
  }
}

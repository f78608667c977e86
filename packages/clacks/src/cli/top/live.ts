import type { ApiSession } from '../../http/api-types.ts';
import { CommandError, exitCode } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import { Waiting } from '../interrupt.ts';
import { ApiRefusal } from './admin-api.ts';
import type { AdminApi } from './admin-api.ts';
import { pageRows, renderScreen } from './screen.ts';
import { takeSnapshot } from './snapshot.ts';
import { TopState } from './state.ts';
import type { Action, Key } from './state.ts';
import { FullScreen } from './terminal.ts';

/** Time from one look to the next, in ms. */
const intervalMs = 1000;

/** Whether it is of no use to ask again. */
const isFinal = (error: unknown): boolean =>
  error instanceof ApiRefusal
    ? ['login_failed', 'not_logged_in', 'permission_denied'].includes(error.refusal)
    : !(error instanceof CommandError);

/** Shows what a server does, until the user has seen enough. */
export class LiveTop {
  readonly #api: AdminApi;
  readonly #state: TopState;
  readonly #screen: FullScreen;
  readonly #waiting = new Waiting();
  #session: ApiSession;
  /** Ends the pause between two looks. */
  #wake: () => void = () => undefined;
  #isAsked = false;

  constructor(api: AdminApi, session: ApiSession) {
    this.#api = api;
    this.#session = session;
    this.#state = new TopState(session);
    this.#screen = new FullScreen({
      pressed: (key) => {
        this.#pressed(key);
      },
      changed: () => {
        this.#draw();
      },
    });
  }

  /**
   * Takes the terminal, and gives it back in the end.
   *
   * @returns The exit code.
   * @throws CommandError if the user may not see it any more.
   */
  async run(): Promise<ExitCode> {
    process.once('SIGHUP', () => {
      this.#waiting.end(exitCode.terminated);
    });
    this.#screen.open();
    try {
      this.#draw();
      void this.#watch();
      return await this.#waiting.over;
    } finally {
      this.#screen.close();
      this.#ask();
    }
  }

  async #watch(): Promise<void> {
    while (!this.#waiting.isOver) {
      this.#isAsked = false;
      if (!this.#state.isPaused) await this.#look();
      this.#draw();
      await this.#pause();
    }
  }

  async #pause(): Promise<void> {
    if (this.#isAsked) return;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      timer = setTimeout(resolve, intervalMs);
    });
    clearTimeout(timer);
  }

  async #look(): Promise<void> {
    try {
      // It may have come back with other rights.
      if (this.#state.trouble !== undefined) this.#session = await this.#api.session();
      this.#state.took(await takeSnapshot(this.#api, this.#session, this.#state.wanted));
    } catch (error) {
      if (isFinal(error)) this.#waiting.fail(error as Error);
      else this.#state.trouble = (error as Error).message;
    }
  }

  #draw(): void {
    if (this.#waiting.isOver) return;
    this.#screen.draw(renderScreen(this.#state, this.#screen.size));
  }

  /** Has it look now. */
  #ask(): void {
    this.#isAsked = true;
    this.#wake();
  }

  #pressed(key: Key): void {
    const action = this.#state.press(key, pageRows(this.#screen.size));
    if (action !== undefined) this.#do(action);
    this.#draw();
  }

  #do(action: Action): void {
    switch (action.kind) {
      case 'quit':
        this.#waiting.end(exitCode.ok);
        break;
      case 'interrupt':
        this.#waiting.end(exitCode.interrupted);
        break;
      case 'suspend':
        this.#screen.suspend();
        break;
      case 'redraw':
        this.#screen.forget();
        break;
      case 'ask':
        this.#ask();
        break;
      case 'kick':
        void this.#kick(action.id, action.label);
    }
  }

  async #kick(id: string, label: string): Promise<void> {
    try {
      await this.#api.kick(id);
      this.#state.message = `closed: ${label}`;
    } catch (error) {
      this.#state.message = (error as Error).message;
    }
    this.#draw();
    this.#ask();
  }
}

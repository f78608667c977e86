import { emitKeypressEvents } from 'node:readline';
import ansiEscapes from 'ansi-escapes';
import type { Size } from './screen.ts';
import type { Key } from './state.ts';

/** What readline tells of a key. */
interface Keypress {
  readonly name?: string;
  readonly ctrl?: boolean;
  readonly meta?: boolean;
}

/** What happens on a terminal. */
export interface TerminalEvents {
  pressed(key: Key): void;
  /** What was drawn is not there any more, or the size has changed. */
  changed(): void;
}

/** So that a line that is too wide all the same does not go on in the next one (DEC private mode 7). */
const wrap = { off: '\u001b[?7l', on: '\u001b[?7h' };

/** A terminal whose whole screen a command takes for itself, and gives back whatever happens. */
export class FullScreen {
  readonly #events: TerminalEvents;
  #isEntered = false;
  #continuing: NodeJS.Timeout | undefined;
  #drawn = '';

  constructor(events: TerminalEvents) {
    this.#events = events;
  }

  /** How large it is now. */
  get size(): Size {
    const { columns, rows } = process.stdout;
    // A terminal of which nothing is known is said to have none.
    return { columns: columns > 0 ? columns : 80, rows: rows > 0 ? rows : 24 };
  }

  /** Takes the screen and the keyboard. */
  open(): void {
    emitKeypressEvents(process.stdin);
    process.stdin.on('keypress', this.#pressed);
    process.stdout.on('resize', this.#resized);
    process.on('SIGCONT', this.#continued);
    // Before what is written about an error, which would go with the screen.
    process.on('uncaughtExceptionMonitor', this.#leave);
    process.on('exit', this.#leave);
    this.#enter();
  }

  /** Gives both back. */
  close(): void {
    clearTimeout(this.#continuing);
    this.#leave();
    process.stdin.off('keypress', this.#pressed);
    process.stdout.off('resize', this.#resized);
    process.off('SIGCONT', this.#continued);
    process.off('uncaughtExceptionMonitor', this.#leave);
    process.off('exit', this.#leave);
  }

  /** Shows lines in place of what was there. */
  draw(lines: readonly string[]): void {
    // A terminal that takes nothing gets the newest later, and not all of them.
    if (!this.#isEntered || process.stdout.writableNeedDrain) return;
    const text = lines.map((line) => line + ansiEscapes.eraseEndLine).join('\r\n');
    if (text === this.#drawn) return;
    this.#drawn = text;
    process.stdout.write(ansiEscapes.cursorTo(0, 0) + text + ansiEscapes.eraseDown);
  }

  /** Draws all anew the next time. */
  forget(): void {
    this.#drawn = '';
  }

  /** Stops the process and all that were started with it, as Ctrl-Z does, until the shell continues it. */
  suspend(): void {
    this.#leave();
    process.kill(0, 'SIGTSTP');
    // Where there is no shell to continue it, the system does not stop it either.
    this.#continuing = setTimeout(this.#continued, 100);
  }

  #enter(): void {
    if (this.#isEntered) return;
    this.#isEntered = true;
    process.stdin.setRawMode(true);
    process.stdin.resume();
    const { enterAlternativeScreen, cursorHide, eraseScreen } = ansiEscapes;
    process.stdout.write(enterAlternativeScreen + cursorHide + wrap.off + eraseScreen);
    this.forget();
  }

  readonly #leave = (): void => {
    if (!this.#isEntered) return;
    this.#isEntered = false;
    process.stdin.setRawMode(false);
    process.stdin.pause();
    process.stdout.write(wrap.on + ansiEscapes.cursorShow + ansiEscapes.exitAlternativeScreen);
  };

  readonly #continued = (): void => {
    clearTimeout(this.#continuing);
    // Whoever had the terminal meanwhile has left it as it likes.
    this.#leave();
    this.#enter();
    this.#events.changed();
  };

  readonly #resized = (): void => {
    this.forget();
    this.#events.changed();
  };

  readonly #pressed = (text: string | undefined, { name = '', ctrl, meta }: Keypress): void => {
    const isControl = ctrl === true || meta === true;
    this.#events.pressed({ name, text: isControl ? '' : (text ?? ''), isControl });
  };
}

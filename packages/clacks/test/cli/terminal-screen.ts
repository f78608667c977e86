import { spawnSync } from 'node:child_process';
import xterm from '@xterm/headless';
import type { Running, Sandbox } from './sandbox.ts';

/** The size of a terminal in characters. */
export interface TerminalSize {
  readonly rows: number;
  readonly columns: number;
}

/** A command on a terminal, and what somebody in front of it would see. */
export class TerminalScreen {
  readonly running: Running;
  /** What programs have made the title of the window. */
  readonly titles: string[] = [];
  readonly #terminal: xterm.Terminal;
  #changed: () => void = () => undefined;

  private constructor(running: Running, { rows, columns }: TerminalSize) {
    this.running = running;
    this.#terminal = new xterm.Terminal({ rows, cols: columns, allowProposedApi: true });
    this.#terminal.onTitleChange((title) => this.titles.push(title));
    running.child.stdout.on('data', (text: string) => {
      this.#terminal.write(text, () => {
        this.#changed();
      });
    });
    void running.ended.then(() => {
      this.#changed();
    });
  }

  /** Starts a command on a terminal of that size. */
  static start(
    sandbox: Sandbox,
    args: readonly string[],
    size: TerminalSize = { rows: 20, columns: 110 },
    shell = 'exec "$0" "$@"',
  ): TerminalScreen {
    const { rows, columns } = size;
    const setUp = `stty rows ${rows} cols ${columns}; echo $(tty) $$`;
    // A shell of its own reads that again.
    const wrapper = ['bash', '-mc', `'${setUp}; ${shell}'`];
    return new TerminalScreen(sandbox.startOnTerminal(args, wrapper), size);
  }

  /** The lines that are seen, without blanks at their ends. */
  get lines(): string[] {
    const { active } = this.#terminal.buffer;
    return Array.from({ length: this.#terminal.rows }, (_, row) => {
      const line =
        active.getLine(active.baseY + row)?.translateToString(true, 0, this.#terminal.cols) ?? '';
      return line.trimEnd();
    });
  }

  /** All of them. */
  get text(): string {
    return this.lines.join('\n');
  }

  /** Whether a program has the screen for itself. */
  get isTaken(): boolean {
    return this.#terminal.buffer.active.type === 'alternate';
  }

  /** Where a line is that holds a text. */
  lineWith(text: string): string {
    return this.lines.find((line) => line.includes(text)) ?? '';
  }

  /** Waits until what is seen is as expected. Fails if the command ends before. */
  async waitFor(isExpected: RegExp | (() => boolean)): Promise<void> {
    const isThere = (): boolean =>
      isExpected instanceof RegExp ? isExpected.test(this.text) : isExpected();
    let hasEnded = false;
    void this.running.ended.then(() => {
      hasEnded = true;
    });
    while (!isThere()) {
      // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- It changes meanwhile.
      if (hasEnded) throw new Error(`ended without ${String(isExpected)}:\n${this.text}`);
      await new Promise<void>((resolve) => {
        this.#changed = resolve;
      });
    }
  }

  type(text: string): void {
    this.running.type(text);
  }

  /** Gives the terminal another size. */
  resize({ rows, columns }: TerminalSize): void {
    const [, tty = ''] = /^(\S+) \d+\r$/mu.exec(this.running.stdout) ?? [];
    this.#terminal.resize(columns, rows);
    spawnSync('stty', ['-F', tty, 'rows', String(rows), 'cols', String(columns)]);
  }

  /** Sends a signal to the command, of which the shell has become. */
  kill(signal: NodeJS.Signals): void {
    const [, pid] = /^\S+ (\d+)\r$/mu.exec(this.running.stdout) ?? [];
    process.kill(Number(pid), signal);
  }
}

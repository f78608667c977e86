import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';

/** A process whose output a test reads line by line. */
export class Child {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #exited: Promise<unknown[]>;
  #output = '';
  #changed: () => void = () => undefined;

  /** @param wrapper - A command, and its arguments, that runs the rest of its arguments. */
  constructor(
    script: string,
    args: readonly string[],
    env: NodeJS.ProcessEnv = process.env,
    wrapper: readonly string[] = [],
  ) {
    const [command = '', ...rest] = [...wrapper, process.execPath, script, ...args];
    this.#process = spawn(command, rest, { env });
    this.#exited = once(this.#process, 'close');
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      stream.setEncoding('utf8');
      stream.on('data', (text: string) => {
        this.#output += text;
        this.#changed();
      });
    }
    void this.#exited.then(() => {
      this.#changed();
    });
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  /** Everything it has written, to either output. */
  get output(): string {
    return this.#output;
  }

  /** Types a line. */
  type(line: string): void {
    this.#process.stdin.write(`${line}\n`);
  }

  /** Waits until its output fits. Fails when it ends before. */
  async waitFor(pattern: RegExp): Promise<void> {
    while (!pattern.test(this.#output)) {
      if (this.#process.exitCode !== null) {
        throw new Error(`ended with ${this.#process.exitCode} after: ${this.#output}`);
      }
      await new Promise<void>((resolve) => {
        this.#changed = resolve;
      });
    }
  }

  /** Ends its input, waits until it has ended, and returns its exit code. */
  async exit(): Promise<number | null> {
    this.#process.stdin.end();
    await this.#exited;
    return this.#process.exitCode;
  }

  async kill(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    this.#process.kill(signal);
    await this.#exited;
  }
}

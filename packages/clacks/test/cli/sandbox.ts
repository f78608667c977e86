import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';

/** The command's file. */
export const bin = fileURLToPath(new URL('../../bin/clacks.js', import.meta.url));

/** How a command ended, and what it wrote. */
export interface Result {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A `clacks` command that runs. */
export class Running {
  readonly child: ChildProcessWithoutNullStreams;
  /** How it ends. */
  readonly ended: Promise<Result>;
  #stdout = '';
  #stderr = '';
  #hasEnded = false;
  #changed: () => void = () => undefined;

  constructor(child: ChildProcessWithoutNullStreams) {
    this.child = child;
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout += text;
      this.#changed();
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text;
      this.#changed();
    });
    // A command that takes no input may be gone before it is given any.
    child.stdin.on('error', () => undefined);
    this.ended = this.#end();
  }

  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  /** Waits until what it has written to the stream fits. Fails if it ends before. */
  async waitFor(stream: 'stdout' | 'stderr', pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this[stream]);
      if (match !== null) return match;
      if (this.#isOver()) {
        throw new Error(`ended without ${String(pattern)}: ${this.#stdout} | ${this.#stderr}`);
      }
      await new Promise<void>((resolve) => {
        this.#changed = resolve;
      });
    }
  }

  /** Writes to its standard input. */
  type(text: string): void {
    this.child.stdin.write(text);
  }

  /** Sends it a signal and waits for its end. */
  async kill(signal: NodeJS.Signals): Promise<Result> {
    this.child.kill(signal);
    return this.ended;
  }

  #isOver(): boolean {
    return this.#hasEnded;
  }

  async #end(): Promise<Result> {
    const [code, signal] = (await once(this.child, 'close')) as [
      number | null,
      NodeJS.Signals | null,
    ];
    this.#hasEnded = true;
    this.#changed();
    return { code, signal, stdout: this.#stdout, stderr: this.#stderr };
  }
}

/** Gives commands a terminal. */
const terminalProgram = 'script';

/** Whether it is there, in the version of util-linux: its options differ elsewhere. */
export const hasTerminals = (() => {
  const { stdout } = spawnSync(terminalProgram, ['--version'], { encoding: 'utf8' });
  return (stdout as string | null)?.includes('util-linux') ?? false;
})();

/** A home of its own for `clacks` commands that run as processes. */
export class Sandbox implements AsyncDisposable {
  readonly home: string;
  readonly env: Record<string, string> = {};
  readonly #running = new Set<Running>();

  private constructor(home: string) {
    this.home = home;
  }

  static async create(): Promise<Sandbox> {
    return new Sandbox(await mkdtemp(path.join(tmpdir(), 'clacks-cli-')));
  }

  /** A path in this home. */
  path(...parts: string[]): string {
    return path.join(this.home, ...parts);
  }

  /** Starts a command in this home; its input stays open. */
  start(args: readonly string[], env: Readonly<Record<string, string>> = {}): Running {
    return this.#spawn(process.execPath, [bin, ...args], env);
  }

  /**
   * Starts a command on a terminal of its own: what is typed comes back in `stdout`.
   *
   * @param wrapper - A command that runs the rest of its arguments.
   */
  startOnTerminal(args: readonly string[], wrapper: readonly string[] = []): Running {
    const command = ['exec', ...wrapper, process.execPath, bin, ...args].join(' ');
    return this.#spawn(terminalProgram, ['-qec', command, '/dev/null'], { TERM: 'xterm' });
  }

  /** Runs a command to its end, with that input. */
  async run(
    args: readonly string[],
    { input = '', env = {} }: { input?: string | Uint8Array; env?: Record<string, string> } = {},
  ): Promise<Result> {
    const running = this.start(args, env);
    running.child.stdin.end(input);
    return running.ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#running].map((running) => running.kill('SIGKILL')));
    await rm(this.home, { recursive: true });
  }

  #spawn(file: string, args: readonly string[], env: Readonly<Record<string, string>>): Running {
    const child = spawn(file, args, {
      cwd: this.home,
      env: { PATH: process.env['PATH'] ?? '', HOME: this.home, ...this.env, ...env },
    });
    const running = new Running(child);
    this.#running.add(running);
    void running.ended.then(() => this.#running.delete(running));
    return running;
  }
}

/** What a command leaves that did what it was asked to. */
export const success = (stdout: string): Result => ({ code: 0, signal: null, stdout, stderr: '' });

/** What a command leaves that failed: one line on standard error that fits, and nothing else. */
export const failure = (code: 1 | 2, pattern: RegExp): Result => ({
  code,
  signal: null,
  stdout: '',
  stderr: expect.stringMatching(
    new RegExp(`^error: [^\\n]*${pattern.source}[^\\n]*\\n$`, 'u'),
  ) as string,
});

import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { Client } from '@clacks/client';
import { CommandError } from './exit-code.ts';
import { printLine, shown, write } from './output.ts';
import { shellHelp } from './shell-completion.ts';
import { ShellFilter } from './shell-filter.ts';

/** After so many lines the shell waits for the server, which may be slower than a file. */
const linesPerFence = 1000;

/** The shell without its terminal: takes lines, sends them, and shows what is received. */
export class Shell {
  /** Settles when the connection is gone: well if the user said QUIT, else with an error. */
  readonly gone: Promise<void>;
  /** Shows a received line. */
  show: (line: string) => void = printLine;
  readonly #client: Client;
  readonly #filter = new ShellFilter();
  #hasQuit = false;

  constructor(client: Client) {
    this.#client = client;
    client.on('line', (line) => {
      if (this.#filter.isShown(line)) this.show(shown(line));
    });
    this.gone = new Promise((resolve, reject) => {
      client.on('closed', ({ error }) => {
        if (this.#hasQuit || error === undefined) resolve();
        else reject(new CommandError(error.message, { cause: error }));
      });
    });
    // Whoever waits for it hears of it; others are told by what they send.
    this.gone.catch(() => undefined);
  }

  /**
   * Takes a line of the user.
   *
   * @returns Whether the user wants to go on.
   */
  async take(line: string): Promise<boolean> {
    const word = line.trim();
    if (word === '') return true;
    if (word === 'exit') return false;
    if (word === 'help') {
      write(shellHelp());
      return true;
    }
    this.#filter.sentByUser(line);
    await this.#client.sendRaw(line);
    if (line !== 'QUIT') return true;
    this.#hasQuit = true;
    return false;
  }

  /** The names in the cache, for completion; none if the server does not tell. */
  async names(): Promise<readonly string[]> {
    this.#filter.asksForKeys();
    try {
      return await this.#client.keylist();
    } catch {
      // Without the permission to read there is nothing to complete with, and nothing to say.
      this.#filter.isNotTold();
      return [];
    }
  }

  /**
   * Sends lines that nobody types, and shows what they bring.
   *
   * @throws CommandError if the connection is lost meanwhile.
   */
  async runLines(input: Readable): Promise<void> {
    const lines = createInterface({ input });
    try {
      await Promise.race([this.gone, this.#sendAll(lines)]);
    } finally {
      // Nobody waits for more input when the connection is gone.
      lines.close();
    }
  }

  async #sendAll(lines: AsyncIterable<string>): Promise<void> {
    let sent = 0;
    for await (const line of lines) {
      if (!(await this.take(line))) break;
      sent++;
      if (sent % linesPerFence === 0) await this.#client.flush();
    }
    if (this.#hasQuit) await this.gone;
    else await this.#client.flush();
  }
}

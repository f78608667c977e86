import { signal } from '@preact/signals';
import type { ApiConsoleInput, ApiConsoleOutput } from 'clacks/admin-api';
import { messageOf } from '../../api/requests.ts';
import { formatCount } from '../../ui/format.ts';
import { kindOf, shownLine, withLines } from './console-log.ts';
import type { ConsoleLine, LineKind } from './console-log.ts';

/** Lines that go in one request at most. */
const linesPerRequest = 500;

/** How lines get to the node, and what comes from there gets here. */
export interface ConsolePort {
  readonly say: (input: ApiConsoleInput) => Promise<ApiConsoleOutput>;
  readonly take: () => Promise<ApiConsoleOutput>;
}

/** What somebody and the node said to each other. */
export class ConsoleSession {
  readonly #port: ConsolePort;
  readonly lines = signal<readonly ConsoleLine[]>([]);
  /** Whether lines are under way. */
  readonly isBusy = signal(false);
  /** Whether the connection to the node is open, as far as it is known. */
  readonly isOpen = signal(false);
  /** Whether it is asked for what came: an answer that takes long is not overtaken by the next one. */
  #isTaking = false;
  /** Why the node could not be asked for what came: told once. */
  #problem = '';

  constructor(port: ConsolePort) {
    this.#port = port;
  }

  /** Forgets what was said. */
  clear(): void {
    this.lines.value = [];
  }

  /** Sends lines, and waits for what comes back. */
  async say(lines: readonly string[]): Promise<void> {
    this.isBusy.value = true;
    try {
      for (let from = 0; from < lines.length; from += linesPerRequest) {
        const part = lines.slice(from, from + linesPerRequest);
        this.#show('sent', part.map(shownLine));
        // It may be closed at once: then it was open.
        this.isOpen.value = true;
        this.#came(await this.#port.say({ lines: part }));
      }
    } catch (error) {
      this.#show('note', [`Not sent, or no answer: ${messageOf(error)}`]);
    } finally {
      this.isBusy.value = false;
    }
  }

  /** Takes what came since, if anything can come. */
  async poll(): Promise<void> {
    if (!this.isOpen.value || this.isBusy.value || this.#isTaking) return;
    this.#isTaking = true;
    try {
      this.#came(await this.#port.take());
      this.#problem = '';
    } catch (error) {
      const problem = messageOf(error);
      if (problem !== this.#problem) this.#show('note', [problem]);
      this.#problem = problem;
    } finally {
      this.#isTaking = false;
    }
  }

  #came({ lines, leftOut, isClosed }: ApiConsoleOutput): void {
    const atMs = Date.now();
    this.lines.value = withLines(
      this.lines.value,
      lines.map((text) => ({ atMs, kind: kindOf(text), text })),
    );
    if (leftOut > 0)
      this.#show('note', [`${formatCount(leftOut)} more lines came and are left out.`]);
    if (isClosed && this.isOpen.value) {
      this.isOpen.value = false;
      this.#show('note', [
        'The connection is closed, and with it what it listened to. The next line opens another one.',
      ]);
    }
  }

  #show(kind: LineKind, texts: readonly string[]): void {
    const atMs = Date.now();
    this.lines.value = withLines(
      this.lines.value,
      texts.map((text) => ({ atMs, kind, text })),
    );
  }
}

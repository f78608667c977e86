import { randomBytes } from 'node:crypto';
import { lineEnd } from '@clacks/protocol';
import type { AdminUser, UserConnection } from './ports.ts';
import { LineBuffer } from './line-buffer.ts';
import { Problem } from './problem.ts';

/** How long the node may take to do what it is asked to, in ms. */
const answerTimeoutMs = 10_000;

/** Asks for an answer when everything before it is handled, and kept. */
export class Fence {
  readonly #text = `http-${randomBytes(9).toString('base64url')}`;
  readonly #done: (reason: string | undefined) => void;

  /** @param done - Called with why it is not kept, if it is not. */
  constructor(done: (reason: string | undefined) => void) {
    this.#done = done;
  }

  /** The line to send. */
  get line(): string {
    return `FLUSH ${this.#text}${lineEnd}`;
  }

  /**
   * Looks whether lines hold the answer.
   *
   * @returns What else is in them.
   */
  pass(lines: string): string {
    if (!lines.includes(this.#text)) return lines;
    const failed = `OVERHEAD E not_flushed ${this.#text} `;
    const others: string[] = [];
    for (const line of lines.split(lineEnd)) {
      if (line === `FLUSHED ${this.#text}`) this.#done(undefined);
      else if (line.startsWith(failed)) this.#done(line.slice(failed.length));
      // A monitor sees the question, too.
      else if (!line.includes(this.#text)) others.push(line);
    }
    return others.join(lineEnd);
  }
}

/** What became of lines. */
export interface Outcome {
  readonly answers: readonly string[];
  /** Why what they changed is not kept on the disk, if it is not. */
  readonly notKept: string | undefined;
}

/**
 * Has lines handled for a user, on a connection of their own.
 *
 * @param lines - As wire strings without line ends.
 * @throws Problem (as a rejection) if the node closes the connection, or takes too long.
 */
export const runLines = async (user: AdminUser, lines: readonly string[]): Promise<Outcome> => {
  const answers = new LineBuffer();
  let timer: NodeJS.Timeout | undefined;
  let connection: UserConnection | undefined;
  try {
    const notKept = await new Promise<string | undefined>((resolve, reject) => {
      const giveUp = (message: string) => (): void => {
        reject(new Problem('unavailable', message));
      };
      const fence = new Fence(resolve);
      connection = user.open('clacks http', {
        receive: (wire) => {
          answers.add(fence.pass(wire));
        },
        closed: giveUp('The node has closed the connection.'),
      });
      timer = setTimeout(giveUp('The node did not answer in time.'), answerTimeoutMs);
      connection.say(lines.map((line) => line + lineEnd).join('') + fence.line);
    });
    return { answers: answers.take().lines, notKept };
  } finally {
    clearTimeout(timer);
    connection?.close();
  }
};

import { randomBytes } from 'node:crypto';
import { compareAnswers, comparable } from './answers.ts';
import { Arena } from './arena.ts';
import { advanceClock } from './clock.ts';
import { chunksOf, linesOf } from './input.ts';
import type { Input } from './input.ts';
import { mainToken } from './users.ts';

/** Time that passes between two inputs: their changes must not be of the same time. */
const pauseMs = 100;

/** Who has a manager's rights may close all connections, and shut the server down. */
const isAllowedToStop = (input: Input): boolean =>
  (['main', 'node', 'perl'].includes(input.sender) || input.bytes.includes(mainToken)) &&
  linesOf(input).some((line) => /^OVERHEAD +\S*[CS]/u.test(line));

/** Failed logins are slowed down one by one: with more of them an input takes seconds. */
const maxLogins = 100;

const isTooSlow = (input: Input): boolean =>
  linesOf(input).filter((line) => /^OVERHEAD +\S*A/u.test(line)).length > maxLogins;

/** Two servers that get the same inputs: one of them whole, the other one in pieces. */
export class Trial {
  readonly #whole: Arena;
  readonly #cut: Arena;

  private constructor(whole: Arena, cut: Arena) {
    this.#whole = whole;
    this.#cut = cut;
  }

  /**
   * @param isSabotaged - Whether the servers have a bug.
   */
  static async start(isSabotaged: boolean): Promise<Trial> {
    // The same in both, so that they give the same answers.
    const secret = randomBytes(8).toString('hex');
    return new Trial(
      await Arena.start('whole', secret, isSabotaged),
      await Arena.start('cut', secret, isSabotaged),
    );
  }

  /**
   * Tries an input.
   *
   * @throws Error if anybody is served wrongly, or if it matters where the input is cut.
   */
  async run(input: Input): Promise<void> {
    if (isAllowedToStop(input) || isTooSlow(input)) return;
    advanceClock(pauseMs);
    await Promise.all([this.#whole.prepare(), this.#cut.prepare()]);
    const [whole, cut] = await Promise.all([
      this.#whole.play(input, (text) => [text]),
      this.#cut.play(input, (text) => chunksOf(text, input.cut)),
    ]);
    compareAnswers(comparable(whole, this.#whole.nodeId), comparable(cut, this.#cut.nodeId));
  }

  /** How many connections both servers have: those of their watchers. */
  async countConnections(): Promise<number> {
    return (await this.#whole.countConnections()) + (await this.#cut.countConnections());
  }

  async stop(): Promise<void> {
    await this.#whole.stop();
    await this.#cut.stop();
  }
}

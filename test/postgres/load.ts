import { randomFrom } from '../support/random.ts';
import { TestSession } from './cluster.ts';

/** What a load needs beside the bridge's own functions. */
const ledger = `
CREATE TABLE ledger (n bigint PRIMARY KEY, writer int NOT NULL, serials text NOT NULL, steps int NOT NULL);
CREATE TABLE turn (n bigint NOT NULL);
INSERT INTO turn VALUES (0)`;

/** What a database must have sent. */
export interface Expected {
  /** Every signal, in the order of the commits. */
  readonly lines: string[];
  readonly count: number;
}

/**
 * Programs that change a database as fast as they can, and send with each change. What is committed is
 * in a ledger, in the order of the commits: whoever has the row of `turn` commits before the next one.
 */
export class Load {
  readonly #url: string;
  readonly #random: () => number;
  readonly #writers: Promise<void>[] = [];
  #isOver = false;

  private constructor(url: string, seed: number) {
    this.#url = url;
    this.#random = randomFrom(seed);
  }

  static async start(url: string, writers: number, seed: number): Promise<Load> {
    await using session = await TestSession.open(url);
    await session.rows(ledger);
    const load = new Load(url, seed);
    for (let writer = 0; writer < writers; writer++) load.#writers.push(load.#write(writer));
    return load;
  }

  /** Ends it, and returns what must have been sent. */
  async stop(): Promise<Expected> {
    this.#isOver = true;
    await Promise.all(this.#writers);
    await using session = await TestSession.open(this.#url);
    const rows = await session.rows('SELECT writer, serials, steps FROM ledger ORDER BY n');
    const lines = rows.flatMap(({ writer, serials }) =>
      String(serials)
        .split(' ')
        .map((serial) => `SET load::${String(writer)}=${serial}`),
    );
    const count = rows.reduce((sum, { steps }) => sum + Number(steps), 0);
    await session.rows(`SELECT clacks_notify('the::end')`);
    return { lines, count };
  }

  /** Goes on however often PostgreSQL is killed. */
  async #write(writer: number): Promise<void> {
    for (let serial = 0; !this.#isStopped();) {
      try {
        await using session = await TestSession.open(this.#url);
        while (!this.#isStopped()) serial = await this.#transaction(session, writer, serial);
      } catch {
        // It was killed. What had been committed is in the ledger.
        serial += 100;
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    }
  }

  #isStopped(): boolean {
    return this.#isOver;
  }

  async #transaction(session: TestSession, writer: number, first: number): Promise<number> {
    const serials = Array.from({ length: 1 + Math.floor(this.#random() * 5) }, (_, i) => first + i);
    // Some are longer than what goes into one piece.
    const filler = 'x'.repeat(this.#random() < 0.02 ? 20_000 : Math.floor(this.#random() * 100));
    await session.rows('BEGIN');
    for (const serial of serials) {
      await session.rows(
        `SELECT clacks_set('load::' || $1, $2), clacks_increment('count'), clacks_store('filler', $3)`,
        [writer, String(serial), filler],
      );
    }
    if (this.#random() < 0.2) {
      await session.rows('ROLLBACK');
    } else {
      await session.rows(
        `WITH mine AS (UPDATE turn SET n = n + 1 RETURNING n)
         INSERT INTO ledger SELECT n, $1, $2, $3 FROM mine`,
        [writer, serials.join(' '), serials.length],
      );
      await session.rows('COMMIT');
    }
    return first + serials.length;
  }
}

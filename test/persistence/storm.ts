import { randomFrom } from '../support/random.ts';
import type { RawClient } from '../support/raw-client.ts';

/** What a name may be after a crash: what it was when its client last flushed, or later. */
interface History {
  /** All states since then, that one first; `undefined` is no value. */
  states: (string | undefined)[];
  /** How many of them are known to be kept: those before are over. */
  kept: number;
}

const names = 8;

/** A client that writes as fast as it can, flushes now and then, and knows what must be left. */
export class StormClient {
  readonly id: number;
  /** Steps of this client on the counter that all clients share: sent, and known to be kept. */
  sharedSteps = 0;
  sharedKept = 0;
  readonly #random: () => number;
  readonly #histories = new Map<string, History>();
  #serial = 0;
  #counter = 0;
  #counterKept = 0;

  constructor(id: number, seed: number) {
    this.id = id;
    this.#random = randomFrom(seed);
  }

  /**
   * Writes until the server is gone.
   *
   * @param flushed - Called for each FLUSHED.
   */
  async write(client: RawClient, flushed: () => void): Promise<void> {
    try {
      for (;;) {
        const lines = 1 + Math.floor(this.#random() * 30);
        client.send(...Array.from({ length: lines }, () => this.#nextLine()));
        const marks = [...this.#histories.values()].map((history) => ({
          history,
          states: history.states.length,
        }));
        const [counter, shared] = [this.#counter, this.sharedSteps];
        await client.fence();
        for (const { history, states } of marks) history.kept = states - 1;
        this.#counterKept = counter;
        this.sharedKept = shared;
        flushed();
      }
    } catch {
      // The server was killed: that is what this is for.
      client.destroy();
    }
  }

  /** Checks what is left, and goes on from there. */
  async check(client: RawClient): Promise<void> {
    for (const [name, history] of this.#histories) {
      const found = await valueOf(client, name);
      if (!history.states.slice(history.kept).includes(found)) {
        const flushed = history.states[history.kept] ?? 'nothing';
        throw new Error(`${name} is ${found ?? 'gone'}; ${flushed} was flushed`);
      }
      history.states = [found];
      history.kept = 0;
    }
    const counted = Number((await valueOf(client, this.#counterName)) ?? 0);
    if (counted < this.#counterKept || counted > this.#counter) {
      throw new Error(`${this.#counterName} is ${counted}, not from ${this.#counterKept} on`);
    }
    this.#counter = counted;
    this.#counterKept = counted;
  }

  get #counterName(): string {
    return `counter::${this.id}`;
  }

  #nextLine(): string {
    const kind = this.#random();
    if (kind < 0.2) {
      this.sharedSteps++;
      return 'INCREMENT shared';
    }
    if (kind < 0.4) {
      this.#counter += 2;
      return `INCREMENT ${this.#counterName}=2`;
    }
    const name = `own::${this.id}::${Math.floor(this.#random() * names)}`;
    const history = this.#histories.get(name) ?? { states: [undefined], kept: 0 };
    this.#histories.set(name, history);
    if (kind < 0.6) {
      history.states.push(undefined);
      return `REMOVE ${name}`;
    }
    const value = `${++this.#serial} ${'x'.repeat(Math.floor(this.#random() * 200))}`;
    history.states.push(value);
    return `${kind < 0.8 ? 'STORE' : 'SETANDSTORE'} ${name}=${value}`;
  }
}

/** The value of a name, or `undefined`. */
export const valueOf = async (client: RawClient, name: string): Promise<string | undefined> => {
  client.send(`RETRIEVE ${name}`);
  const [line = ''] = await client.fence();
  const prefix = `RETRIEVED ${name}=`;
  return line.startsWith(prefix) ? line.slice(prefix.length) : undefined;
};

import type { Faults } from './topic.ts';
import { Wire } from './wire.ts';
import type { Target } from './wire.ts';

const valueCount = 2000;
const counterCount = 100;

/** A client that writes values and counts, on names of its own, and knows what must be there. */
export class Writer {
  readonly #expected = new Map<string, number>();
  readonly #faults: Faults;
  readonly #id: number;
  #wire: Wire | undefined;
  #writes = 0;

  private constructor(id: number, faults: Faults) {
    this.#id = id;
    this.#faults = faults;
  }

  static async connect(target: Target, id: number, faults: Faults): Promise<Writer> {
    const writer = new Writer(id, faults);
    writer.#wire = await Wire.connect(target, (line) => {
      if (/^(?:closed|TIMEOUT|QUIT|OVERHEAD [EF])/u.test(line)) faults.add(`writer: ${line}`);
    });
    await writer.#wire.fence();
    return writer;
  }

  /** Writes so many times: three values for two steps of counters. */
  write(count: number): void {
    let lines = '';
    for (let index = 0; index < count; index++) {
      const number = ++this.#writes;
      const isStep = number % 5 < 2;
      const name = isStep
        ? `soak::count::${this.#id}::${number % counterCount}`
        : `soak::value::${this.#id}::${number % valueCount}`;
      lines += isStep ? `INCREMENT ${name}\r\n` : `STORE ${name}=${number}\r\n`;
      this.#expected.set(name, isStep ? (this.#expected.get(name) ?? 0) + 1 : number);
    }
    this.#wire?.write(lines);
  }

  /** Waits until all is kept. */
  async fence(): Promise<void> {
    await this.#wire?.fence();
  }

  /** Reads all of it on a node, and compares. */
  async check(target: Target, node: string): Promise<void> {
    const missing = new Map(this.#expected);
    const reader = await Wire.connect(target, (line) => {
      const [, name = '', value] = /^RETRIEVED (\S+)=(\d+)$/u.exec(line) ?? [];
      if (missing.get(name) === Number(value)) missing.delete(name);
    });
    reader.write([...missing.keys()].map((name) => `RETRIEVE ${name}\r\n`).join(''));
    await reader.fence();
    reader.quit();
    for (const [name, value] of missing) this.#faults.add(`${node} has no ${name}=${value}`);
  }

  destroy(): void {
    this.#wire?.destroy();
  }
}

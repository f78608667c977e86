import { Writable } from 'node:stream';
import { pino } from 'pino';
import type { Logger } from 'pino';

type Entry = Readonly<Record<string, unknown>>;

/** A server's log, to wait for what happens in it. */
export class TestLog {
  readonly logger: Logger;
  readonly entries: Entry[] = [];
  #changed: () => void = () => undefined;

  constructor() {
    const destination = new Writable({
      write: (line: Buffer, _encoding, done) => {
        this.entries.push(JSON.parse(line.toString()) as Entry);
        this.#changed();
        done();
      },
    });
    this.logger = pino({ level: 'debug' }, destination);
  }

  /** Waits for a message that has not been waited for yet, and returns its entry. */
  async next(message: RegExp): Promise<Entry> {
    for (;;) {
      const index = this.entries.findIndex(({ msg }) => message.test(String(msg)));
      if (index >= 0) return this.entries.splice(0, index + 1).at(-1) ?? {};
      await new Promise<void>((resolve) => {
        this.#changed = resolve;
      });
    }
  }
}

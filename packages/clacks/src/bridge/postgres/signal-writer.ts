import type { Logger } from 'pino';
import type { Client, Signal, Subscription } from '@clacks/client';
import { isRefusal, PostgresBridgeError } from './bridge-error.ts';
import { Database } from './database.ts';
import type { DatabaseOptions } from './database.ts';
import { Backoff, pause } from './pause.ts';
import { quoteIdentifier } from './sql.ts';
import type { Waiters } from './waiters.ts';

/** Most signals that are written in one statement. */
const batchMax = 1000;
/** What a signal costs beside its text, in bytes. */
const signalBytes = 96;

/** What comes from Clacks and is written to the database. */
export interface SignalsOptions {
  /** Names, or patterns as in `client.listen()`. */
  readonly names: readonly string[];
  /**
   * A function `(name text, value text)` that is called for each signal, as `NAME` or `SCHEMA.NAME`; a
   * signal without a value has NULL. Default: they are written to the table `clacks_signals`.
   */
  readonly function?: string | undefined;
  /** Most bytes that wait for the database; what comes then is dropped. Default 16 MiB. */
  readonly bufferBytes?: number | undefined;
}

/** What a writer is made with. */
export interface SignalWriterOptions {
  readonly client: Client;
  readonly database: DatabaseOptions;
  readonly schema: string;
  readonly signals: SignalsOptions;
  readonly logger: Logger;
  readonly waiters: Waiters;
  readonly signal: AbortSignal;
  /** Called for signals that are not written. */
  readonly dropped: (count: number, why: string) => void;
}

interface ReceivedSignal {
  readonly at: Date;
  readonly name: string;
  readonly value: string | null;
}

/** Text of PostgreSQL holds no NUL. */
const storable = (text: string): string => text.replaceAll('\0', '\uFFFD');

const sizeOf = ({ name, value }: ReceivedSignal): number =>
  name.length + (value?.length ?? 0) + signalBytes;

const quotePath = (path: string): string => path.split('.').map(quoteIdentifier).join('.');

const statementOf = (schema: string, call: string | undefined): string => {
  const rows =
    'unnest($1::timestamptz[], $2::text[], $3::text[]) WITH ORDINALITY AS s (received, name, value, n)';
  if (call === undefined) {
    const table = `${quoteIdentifier(schema)}.clacks_signals`;
    return `INSERT INTO ${table} (received, name, value) SELECT received, name, value FROM ${rows} ORDER BY n`;
  }
  // The order is that of the arrays: sorting would only come after the calls.
  return `SELECT count(${quotePath(call)}(name, value)) FROM ${rows}`;
};

/**
 * Writes signals to the database, in the order in which they come: what came while the last statement
 * ran makes the next one. While the database is away they wait, up to a number of bytes.
 */
export class SignalWriter {
  readonly #options: SignalWriterOptions;
  readonly #statement: string;
  readonly #bufferBytesMax: number;
  #subscriptions: Subscription[] = [];
  #waiting: ReceivedSignal[] = [];
  #bytes = 0;
  #overflow = 0;
  #database: Database | undefined;

  constructor(options: SignalWriterOptions) {
    this.#options = options;
    const { schema, signals } = options;
    this.#statement = statementOf(schema, signals.function);
    this.#bufferBytesMax = signals.bufferBytes ?? 16 * 1024 * 1024;
  }

  /**
   * Sees whether there is what it writes to.
   *
   * @throws PostgresBridgeError if not.
   */
  async check(database: Database): Promise<void> {
    const { schema, signals } = this.#options;
    const isFunction = signals.function !== undefined;
    const target = isFunction
      ? `${quotePath(signals.function)}(text, text)`
      : `${quoteIdentifier(schema)}.clacks_signals`;
    const [row] = await database.query(
      `SELECT to_reg${isFunction ? 'procedure' : 'class'}($1) IS NOT NULL AS is_there`,
      [target],
    );
    if (row?.['is_there'] === true) return;
    const mend = isFunction ? 'make it' : "run 'clacks postgres install'";
    throw new PostgresBridgeError(`There is no ${target} to write signals to: ${mend}.`, {
      isRefusal: true,
    });
  }

  /** Listens, if it does not yet. */
  begin(): void {
    if (this.#subscriptions.length > 0) return;
    const { client, signals } = this.#options;
    this.#subscriptions = signals.names.map((name) => client.listen(name, this.#take));
  }

  /** Another bridge does so. What waits is dropped. */
  cease(): void {
    for (const subscription of this.#subscriptions) subscription.unlisten();
    this.#subscriptions = [];
    this.#waiting = [];
    this.#bytes = 0;
  }

  /** Writes until the end. What waits then is tried once more. */
  async run(): Promise<void> {
    const { waiters } = this.#options;
    const backoff = new Backoff();
    while (!waiters.isOver) {
      if (this.#waiting.length === 0) await waiters.wait();
      else if (await this.#writeNext()) backoff.reset();
      else await pause(backoff.next(), this.#options.signal);
    }
    while (this.#waiting.length > 0 && (await this.#writeNext()));
    if (this.#waiting.length > 0) {
      this.#options.dropped(this.#waiting.length, 'the bridge ends while the database is away');
    }
    this.cease();
    await this.#database?.close();
  }

  readonly #take = (signal: Signal): void => {
    const value = signal.type === 'set' ? storable(signal.value) : null;
    const received = { at: new Date(), name: storable(signal.name), value };
    const bytes = sizeOf(received);
    if (this.#bytes + bytes > this.#bufferBytesMax) {
      // Those that wait are kept: so what is written has one gap, not many.
      this.#overflow++;
      return;
    }
    this.#bytes += bytes;
    this.#waiting.push(received);
    this.#options.waiters.wake();
  };

  /** Writes as much as goes into one statement. Returns whether it is done with that. */
  async #writeNext(): Promise<boolean> {
    const { logger } = this.#options;
    const batch = this.#waiting.slice(0, batchMax);
    try {
      const database = await this.#connected();
      await this.#writeTolerantly(database, batch);
    } catch (error) {
      const { message } = error as Error;
      logger.warn({ error: message, waiting: this.#waiting.length }, 'signals cannot be written');
      return false;
    }
    this.#done(batch);
    return true;
  }

  /** What the database refuses on its own is left out: it must not hold up all others. */
  async #writeTolerantly(database: Database, batch: readonly ReceivedSignal[]): Promise<void> {
    try {
      await this.#write(database, batch);
    } catch (error) {
      if (!isRefusal(error) || !database.isOpen) throw error;
      const [first] = batch;
      if (batch.length === 1 && first !== undefined) {
        this.#options.dropped(1, `${first.name}: ${(error as Error).message}`);
        return;
      }
      for (const each of batch) await this.#writeTolerantly(database, [each]);
    }
  }

  async #write(database: Database, batch: readonly ReceivedSignal[]): Promise<void> {
    await database.query(this.#statement, [
      batch.map(({ at }) => at),
      batch.map(({ name }) => name),
      batch.map(({ value }) => value),
    ]);
  }

  async #connected(): Promise<Database> {
    if (this.#database?.isOpen !== true) {
      this.#database = await Database.open(this.#options.database);
    }
    return this.#database;
  }

  #done(batch: readonly ReceivedSignal[]): void {
    // It may have been emptied meanwhile, and begun anew.
    if (this.#waiting[0] !== batch[0]) return;
    this.#waiting = this.#waiting.slice(batch.length);
    for (const each of batch) this.#bytes -= sizeOf(each);
    if (this.#overflow > 0) this.#options.dropped(this.#overflow, 'too many waited');
    this.#overflow = 0;
  }
}

import pg from 'pg';
import { PostgresBridgeError } from './bridge-error.ts';

/** How long connecting may take, in ms. */
const connectTimeoutMs = 15_000;
/** How long any statement may take, in ms: longer, and the connection counts as lost. */
const statementTimeoutMs = 120_000;

/** How long PostgreSQL may take to say goodbye, in ms. */
const closeTimeoutMs = 5000;

/** A row as the driver hands it out. */
export type Row = Readonly<Record<string, unknown>>;

/** A notification of another session. */
export interface Notification {
  readonly channel: string;
  readonly payload: string;
}

/** What a connection to PostgreSQL is made with. */
export interface DatabaseOptions {
  /** A URL; without one the environment says where (`PGHOST` and the like). */
  readonly url: string | undefined;
  /** What it is called in `pg_stat_activity`. */
  readonly applicationName: string;
}

const checkUrl = (url: string): string => {
  if (/^postgres(?:ql)?:\/\//u.test(url)) return url;
  // Not the text itself: it may hold a password.
  throw new PostgresBridgeError(
    'The URL of the database is none: expected postgres://USER@HOST:PORT/DATABASE.',
    { isRefusal: true },
  );
};

/**
 * Checks a URL without connecting, and reads the files of certificates that it names.
 *
 * @throws PostgresBridgeError
 */
const makeClient = ({ url, applicationName }: DatabaseOptions): pg.Client => {
  const connectionString = url === undefined ? undefined : checkUrl(url);
  try {
    return new pg.Client({
      ...(connectionString !== undefined && { connectionString }),
      application_name: applicationName,
      connectionTimeoutMillis: connectTimeoutMs,
      keepAlive: true,
    });
  } catch (error) {
    const { message } = error as Error;
    throw new PostgresBridgeError(`The URL of the database cannot be used: ${message}.`, {
      cause: error,
      isRefusal: true,
    });
  }
};

/**
 * Names a database for people: its URL may hold a password.
 *
 * @throws PostgresBridgeError if the URL is none.
 */
const describe = ({ user, host, port, database }: pg.Client): string =>
  `${user ?? ''}@${host}:${port}/${database ?? ''}`;

/** One connection to PostgreSQL, from login to end. It never comes back: a new one is made. */
export class Database {
  readonly #client: pg.Client;
  /** Settles when the connection is gone, with the reason. */
  readonly lost: Promise<PostgresBridgeError>;
  #resolveLost: (error: PostgresBridgeError) => void = () => undefined;
  #isOpen = true;
  /** The statement before: the driver takes one at a time. */
  #last: Promise<unknown> = Promise.resolve();
  #heartbeat: NodeJS.Timeout | undefined;

  private constructor(client: pg.Client) {
    this.#client = client;
    this.lost = new Promise((resolve) => {
      this.#resolveLost = resolve;
    });
    client.on('error', (error) => {
      this.#lose(error);
    });
    client.on('end', () => {
      this.#lose(new Error('the connection was closed'));
    });
  }

  /**
   * Connects and logs in.
   *
   * @throws PostgresBridgeError
   */
  static async open(options: DatabaseOptions): Promise<Database> {
    const client = makeClient(options);
    // What comes after the end of an attempt that failed is the same story.
    client.on('error', () => undefined);
    try {
      await client.connect();
    } catch (error) {
      void client.end().catch(() => undefined);
      const why = (error as Error).message || ((error as NodeJS.ErrnoException).code ?? '');
      throw new PostgresBridgeError(
        `Cannot connect to PostgreSQL at ${describe(client)}: ${why}.`,
        {
          cause: error,
        },
      );
    }
    return new Database(client);
  }

  /** Where it leads, for people. */
  get description(): string {
    return describe(this.#client);
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Calls the handler for each notification. */
  onNotification(handler: (notification: Notification) => void): void {
    this.#client.on('notification', ({ channel, payload = '' }) => {
      handler({ channel, payload });
    });
  }

  /**
   * Runs a statement, after those before it.
   *
   * @throws PostgresBridgeError
   */
  query(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    return this.#enqueue(text, values, statementTimeoutMs);
  }

  /**
   * Runs several statements, separated by semicolons.
   *
   * @throws PostgresBridgeError
   */
  async script(text: string): Promise<void> {
    await this.#enqueue(text, undefined, statementTimeoutMs);
  }

  /** Asks for a sign of life so often, in ms: without one within that time, the connection is lost. */
  startHeartbeat(everyMs: number): void {
    const beat = (): void => {
      this.#enqueue('SELECT 1', undefined, everyMs).then(
        () => {
          if (this.#isOpen) this.#heartbeat = setTimeout(beat, everyMs);
        },
        // The loss is told already.
        () => undefined,
      );
    };
    this.#heartbeat = setTimeout(beat, everyMs);
  }

  /** Takes leave and closes, after the statements that wait; without leave if that takes longer than 5 s. */
  async close(): Promise<void> {
    const timer = setTimeout(() => {
      this.#client.connection.stream.destroy();
    }, closeTimeoutMs);
    await this.#last.catch(() => undefined);
    const ended = this.#client.end();
    this.#lose(new Error('the connection was closed'));
    await ended.catch(() => undefined);
    clearTimeout(timer);
  }

  /** Closes at once. */
  destroy(): void {
    this.#lose(new Error('the connection was given up'));
  }

  #enqueue(
    text: string,
    values: readonly unknown[] | undefined,
    timeoutMs: number,
  ): Promise<Row[]> {
    const run = (): Promise<Row[]> => this.#run(text, values, timeoutMs);
    const result = this.#last.then(run, run);
    this.#last = result;
    result.catch(() => undefined);
    return result;
  }

  async #run(
    text: string,
    values: readonly unknown[] | undefined,
    timeoutMs: number,
  ): Promise<Row[]> {
    if (!this.#isOpen) throw await this.lost;
    const timer = setTimeout(() => {
      this.#lose(new Error(`no answer within ${timeoutMs} ms`));
    }, timeoutMs);
    try {
      const { rows } = await this.#client.query<Row>({
        text,
        ...(values !== undefined && { values: [...values] }),
      });
      return rows;
    } catch (error) {
      const { message } = error as Error;
      throw new PostgresBridgeError(`PostgreSQL at ${this.description}: ${message}.`, {
        cause: error,
      });
    } finally {
      clearTimeout(timer);
    }
  }

  #lose(cause: Error): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    clearTimeout(this.#heartbeat);
    const message = `The connection to PostgreSQL at ${this.description} is lost: ${cause.message}.`;
    this.#resolveLost(new PostgresBridgeError(message, { cause }));
    // Where a statement is not answered, this closes the socket without waiting.
    void this.#client.end().catch(() => undefined);
  }
}

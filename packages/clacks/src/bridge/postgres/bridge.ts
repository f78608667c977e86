import { EventEmitter } from 'node:events';
import { pino } from 'pino';
import type { Logger } from 'pino';
import { assertName } from '@clacks/protocol';
import type { Client } from '@clacks/client';
import { isRefusal, PostgresBridgeError } from './bridge-error.ts';
import { ClacksLink } from './clacks-link.ts';
import { Database } from './database.ts';
import type { DatabaseOptions } from './database.ts';
import { Inbox } from './inbox.ts';
import type { GapReason } from './inbox.ts';
import { readInstallation } from './installation.ts';
import type { Installation } from './installation.ts';
import { Leadership } from './leadership.ts';
import { Outbox } from './outbox.ts';
import { Backoff, pause } from './pause.ts';
import { PacedLog } from './paced-log.ts';
import { Relay } from './relay.ts';
import { SignalWriter } from './signal-writer.ts';
import type { SignalsOptions } from './signal-writer.ts';
import { lock, lockClass, messageChannel, outboxChannel, quoteIdentifier } from './sql.ts';
import { Waiters } from './waiters.ts';

/** How often a bridge that stands by looks whether it is needed, in ms. */
const standbyMs = 1000;

/**
 * So PostgreSQL gives up a bridge whose machine is gone within a minute, rather than hours: others
 * wait for its lock. Settings that a version does not have are left out.
 */
const keepAliveStatement = `
  SELECT set_config(name, value, false) FROM pg_settings JOIN (VALUES ('tcp_keepalives_idle', '20'),
    ('tcp_keepalives_interval', '10'), ('tcp_keepalives_count', '3'), ('tcp_user_timeout', '50000')
  ) AS wanted (name, value) USING (name)`;

/** What a {@link PostgresBridge} is made with. */
export interface PostgresBridgeOptions {
  /**
   * The database, as `postgres://USER:PASSWORD@HOST:PORT/DATABASE?sslmode=verify-full`; without it the
   * environment says where (`PGHOST`, `PGPASSWORD` and the like).
   */
  readonly pg?: string | undefined;
  /** The client that sends what the database sends. It is not closed with the bridge. */
  readonly clacks: Client;
  /** Where the functions are installed. Default `public`. */
  readonly schema?: string | undefined;
  /**
   * The signal that tells that messages may have been missed, with the reason as its value; `false`
   * for none. Default `clacks::postgres::gap`.
   */
  readonly gapSignal?: string | false | undefined;
  /** What comes from Clacks and is written to the database. Default: nothing. */
  readonly signals?: SignalsOptions | undefined;
  /** How often PostgreSQL is asked for a sign of life, and how long it may take, in ms. Default 10,000. */
  readonly heartbeatMs?: number | undefined;
  /**
   * Most bytes of notifications that wait for the Clacks server; what comes then is dropped, and told as
   * a gap. What is in the outbox waits there. Default 16 MiB.
   */
  readonly bufferBytes?: number | undefined;
  /** Where to log; nowhere by default. */
  readonly logger?: Logger | undefined;
}

/** The events of a {@link PostgresBridge}, with what they tell. */
export interface PostgresBridgeEvents {
  /** It listens to the database, as the only bridge. */
  listening: [];
  /** Another bridge is at work in this database: this one waits. */
  standby: [];
  /** The connection to PostgreSQL is lost; it is made anew. */
  disconnected: [error: PostgresBridgeError];
  /** Messages of the database may have been missed. */
  gap: [reason: GapReason];
  /** Something that the database sent is no command, and is left out. */
  malformed: [why: string];
  /** So many signals are not written to the database. */
  dropped: [count: number, why: string];
}

/**
 * Hands on what a PostgreSQL database sends with the functions of `clacks postgres install`, or with
 * those of Net::Clacks' bridge (docs/postgres.md).
 *
 * @example
 * ```ts
 * await using bridge = new PostgresBridge({ pg: 'postgres://bridge@localhost/house', clacks });
 * await bridge.start();
 * ```
 */
export class PostgresBridge extends EventEmitter<PostgresBridgeEvents> implements AsyncDisposable {
  readonly #options: PostgresBridgeOptions;
  readonly #schema: string;
  readonly #database: DatabaseOptions;
  readonly #logger: Logger;
  readonly #stopping = new AbortController();
  readonly #waiters = new Waiters(this.#stopping.signal);
  readonly #leadership = new Leadership(this.#waiters);
  readonly #malformedLog: PacedLog;
  readonly #inbox: Inbox;
  readonly #link: ClacksLink;
  readonly #writer: SignalWriter | undefined;
  #isDurable = false;
  #hasListened = false;
  /** Whether PostgreSQL has let it in, with all that it needs. */
  #hasWorked = false;
  #session: Database | undefined;
  #running: Promise<void> | undefined;
  #resolveEnded: () => void = () => undefined;
  #rejectEnded: (error: Error) => void = () => undefined;

  /** Settles when the bridge has ended: fails if that is not by our own wish. */
  readonly ended: Promise<void>;

  /** @throws TypeError if a name in the options is none. */
  constructor(options: PostgresBridgeOptions) {
    super();
    const { clacks, pg, schema = 'public', bufferBytes = 16 * 1024 * 1024 } = options;
    if (typeof options.gapSignal === 'string') assertName(options.gapSignal);
    this.#options = options;
    this.#schema = schema;
    this.#database = { url: pg, applicationName: 'clacks postgres' };
    this.#logger = options.logger ?? pino({ level: 'silent' });
    this.#malformedLog = new PacedLog(this.#logger, 'warn', 'no command of the database', 20);
    const refusals = new PacedLog(this.#logger, 'error', 'the Clacks server refuses messages', 1);
    this.#inbox = new Inbox(bufferBytes);
    this.#link = new ClacksLink(clacks, this.#waiters, {
      lost: () => {
        if (this.#leadership.isLeading) this.#gap('clacks');
      },
      refused: (answer) => {
        refusals.tell({ answer });
      },
    });
    this.#writer = this.#makeWriter(options.signals);
    this.ended = new Promise((resolve, reject) => {
      this.#resolveEnded = resolve;
      this.#rejectEnded = reject;
    });
    // Whoever does not wait for it is told by what they do wait for.
    this.ended.catch(() => undefined);
  }

  /**
   * Begins, and waits until this bridge listens, or stands by. While PostgreSQL cannot be reached, it is
   * tried again and again.
   *
   * @throws PostgresBridgeError if PostgreSQL refuses: a wrong password, a database that is not there,
   * a right that is missing; or if the client is closed.
   */
  async start(): Promise<void> {
    if (this.#running !== undefined) throw new TypeError('This bridge was started before.');
    await this.#link.check();
    const started = new Promise<void>((resolve) => {
      this.once('listening', resolve);
      this.once('standby', resolve);
    });
    this.#running = this.#run();
    await Promise.race([started, this.ended]);
  }

  /** Sends what it has received, if the Clacks server takes it, and closes. */
  async close(): Promise<void> {
    this.#stopping.abort();
    this.#inbox.close();
    await this.#running?.catch(() => undefined);
    this.#link.release();
    this.#resolveEnded();
  }

  /** Same as {@link close}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #run(): Promise<void> {
    const relay = new Relay({
      inbox: this.#inbox,
      link: this.#link,
      leadership: this.#leadership,
      logger: this.#logger,
      gapSignal: this.#gapSignal,
      signal: this.#stopping.signal,
      malformed: (why, payload) => {
        this.#malformed(why, { payload: payload.slice(0, 200) });
      },
      gap: (reason) => {
        this.#logger.warn({ reason }, 'messages of the database may have been missed');
        this.emit('gap', reason);
      },
    });
    void this.#link.closed.then((error) => {
      this.#fail(error);
    });
    const tasks = [relay.run(), this.#keepSession()];
    if (this.#writer !== undefined) tasks.push(this.#writer.run());
    for (const task of tasks) {
      task.catch((error: unknown) => {
        this.#fail(error as Error);
      });
    }
    await Promise.allSettled(tasks);
    await this.#session?.close();
  }

  /** There is nothing more to be done. */
  #fail(error: Error): void {
    this.#rejectEnded(error);
    this.#stopping.abort();
    this.#inbox.close();
  }

  /** Connects to PostgreSQL, again and again. */
  async #keepSession(): Promise<void> {
    const backoff = new Backoff();
    for (;;) {
      try {
        this.#session = await Database.open(this.#database);
        await this.#serve(this.#session, backoff);
      } catch (error) {
        // Before it has ever worked, a refusal is a mistake of whoever started this.
        if (!this.#hasWorked && isRefusal(error)) throw error;
        if (!(error instanceof PostgresBridgeError)) throw error;
        this.#logger.error({ error: error.message }, 'no connection to PostgreSQL for now');
      }
      if (this.#waiters.isOver) return;
      this.#session?.destroy();
      this.#leadership.set({ kind: 'unknown' });
      await pause(backoff.next(), this.#stopping.signal);
    }
  }

  /** Uses a connection until it is lost, or the bridge is stopped. */
  async #serve(session: Database, backoff: Backoff): Promise<void> {
    await session.query(keepAliveStatement);
    session.startHeartbeat(this.#options.heartbeatMs ?? 10_000);
    const installation = await readInstallation(session, this.#schema);
    await this.#writer?.check(session);
    while (!(await this.#lead(session))) {
      this.#standBy();
      backoff.reset();
      await pause(standbyMs, this.#stopping.signal);
      if (this.#waiters.isOver) return;
    }
    await this.#listen(session, installation);
    backoff.reset();
    const stopped = new Promise<undefined>((resolve) => {
      this.#stopping.signal.addEventListener('abort', () => {
        resolve(undefined);
      });
      if (this.#stopping.signal.aborted) resolve(undefined);
    });
    const error = await Promise.race([session.lost, stopped]);
    if (error === undefined) return;
    this.#logger.warn({ error: error.message }, 'connecting again');
    this.emit('disconnected', error);
  }

  async #lead(session: Database): Promise<boolean> {
    const [row] = await session.query('SELECT pg_try_advisory_lock($1, $2) AS is_ours', [
      lockClass,
      lock.leader,
    ]);
    return row?.['is_ours'] === true;
  }

  #standBy(): void {
    if (this.#leadership.isStandby) return;
    this.#hasWorked = true;
    this.#leadership.set({ kind: 'standby' });
    this.#inbox.forgetOutbox();
    this.#writer?.cease();
    this.#logger.info('another bridge is at work: standing by');
    this.emit('standby');
  }

  async #listen(session: Database, installation: Installation | undefined): Promise<void> {
    session.onNotification(({ channel, payload }) => {
      if (channel === messageChannel) this.#inbox.addPayload(payload);
      else if (payload === '*') this.#inbox.addOutbox({ all: true });
      // Whoever may log in may notify here as well.
      else if (/^\d{1,18}$/u.test(payload)) this.#inbox.addOutbox({ ids: [payload] });
      else this.#malformed('no row of the outbox', { payload: payload.slice(0, 200) });
    });
    // Told first: what comes from now on is not missed.
    this.#isDurable = installation?.isDurable === true;
    await session.script(`LISTEN ${messageChannel}; LISTEN ${outboxChannel}`);
    this.#gap(this.#hasListened ? 'reconnected' : 'started');
    if (installation !== undefined) await this.#addBacklog(session);
    this.#leadership.set({ kind: 'leading', outbox: this.#makeOutbox(session) });
    this.#writer?.begin();
    this.#hasListened = true;
    this.#hasWorked = true;
    this.#logger.info(
      { database: session.description, durable: this.#isDurable, installed: !!installation },
      'listening to PostgreSQL',
    );
    this.emit('listening');
  }

  /** What is in the outbox already comes before what is notified from now on. */
  async #addBacklog(session: Database): Promise<void> {
    const table = `${quoteIdentifier(this.#schema)}.clacks_outbox`;
    const [row] = await session.query(`SELECT max(position) AS position FROM ${table}`);
    const position = row?.['position'];
    if (typeof position === 'string') this.#inbox.addOutbox({ ids: [], position });
  }

  #makeOutbox(database: Database): Outbox {
    return new Outbox({
      database,
      schema: this.#schema,
      link: this.#link,
      logger: this.#logger,
      signal: this.#stopping.signal,
      malformed: (why, row) => {
        this.#malformed(why, row);
      },
    });
  }

  #makeWriter(signals: SignalsOptions | undefined): SignalWriter | undefined {
    if (signals === undefined) return undefined;
    return new SignalWriter({
      client: this.#options.clacks,
      database: { ...this.#database, applicationName: 'clacks postgres signals' },
      schema: this.#schema,
      signals,
      logger: this.#logger,
      waiters: this.#waiters,
      signal: this.#stopping.signal,
      dropped: (count, why) => {
        this.#logger.error({ count, why }, 'signals are not written');
        this.emit('dropped', count, why);
      },
    });
  }

  get #gapSignal(): string | undefined {
    const { gapSignal = 'clacks::postgres::gap' } = this.#options;
    return gapSignal === false ? undefined : gapSignal;
  }

  /** Where everything goes through the outbox, nothing is missed. */
  #gap(reason: GapReason): void {
    if (!this.#isDurable) this.#inbox.addGap(reason);
  }

  #malformed(why: string, details: object): void {
    this.#malformedLog.tell({ why, ...details });
    this.emit('malformed', why);
  }
}

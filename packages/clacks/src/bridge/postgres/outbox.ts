import type { Logger } from 'pino';
import { encodeValue, wireFromText } from '@clacks/protocol';
import { PostgresBridgeError } from './bridge-error.ts';
import type { ClacksLink } from './clacks-link.ts';
import { makeCommand, sendCommand } from './command.ts';
import type { BridgeCommand } from './command.ts';
import type { Database, Row } from './database.ts';
import type { OutboxBound } from './inbox.ts';
import { readInstallation } from './installation.ts';
import type { Installation } from './installation.ts';
import { pause } from './pause.ts';
import { quoteIdentifier } from './sql.ts';

/** Most rows, and bytes of their values, that are fetched at once. One row comes in any case. */
const fetchRowsMax = 1000;
const fetchBytesMax = 4 * 1024 * 1024;
/**
 * Most bytes of name and value that are fetched at all: no server takes longer lines, and a string of
 * JavaScript may not even hold them.
 */
const rowBytesMax = 256 * 1024 * 1024;

/**
 * Most bytes that are sent together with their mark. A record of TLS takes 16,384: so the server gets
 * the commands and the mark, or none of them, whenever the bridge ends.
 */
const frameBytesMax = 12 * 1024;
/** What a line has beside its name and value, in bytes, at most. */
const lineOverhead = 16;

/** Pause before the Clacks server is asked again, in ms. */
const retryMs = 500;

/** A row of the outbox. */
interface OutboxRow {
  readonly position: string;
  /** What stands for it in the cache: its position, and when it was made, in µs. */
  readonly mark: string;
  readonly command: string;
  readonly name: string;
  readonly value: string | undefined;
  /** Whether there is more of it than is fetched: then it has no name and no value. */
  readonly isTooLong: boolean;
}

/** What is needed to send an outbox. */
export interface OutboxOptions {
  readonly database: Database;
  readonly schema: string;
  readonly link: ClacksLink;
  readonly logger: Logger;
  /** Called for a row that cannot be sent. */
  readonly malformed: (why: string, row: { readonly position: string }) => void;
  readonly signal: AbortSignal;
}

const rowOf = (row: Row): OutboxRow => ({
  position: String(row['position']),
  mark: `${String(row['position'])}/${String(row['stamp'])}`,
  command: String(row['command']),
  name: String(row['name']),
  value: typeof row['value'] === 'string' ? row['value'] : undefined,
  isTooLong: row['is_too_long'] === true,
});

const stamp = '(extract(epoch FROM created) * 1000000)::bigint';

const bytesOf = ({ name, value }: OutboxRow): number =>
  wireFromText(name).length + (value === undefined ? 0 : encodeValue(value).length) + lineOverhead;

/** @throws TypeError if it is longer than a line of so many bytes, or no command. */
const commandOf = (row: OutboxRow, maxLineLength: number): BridgeCommand => {
  const lineBytes =
    bytesOf(row) - lineOverhead + row.command.length + (row.value === undefined ? 1 : 2);
  if (row.isTooLong || lineBytes > maxLineLength) {
    throw new TypeError('it is longer than the line that the server takes');
  }
  return makeCommand(row.command, row.name, row.value);
};

/** Cuts rows into pieces of which each is sent together with its mark. */
const framesOf = (rows: readonly OutboxRow[]): OutboxRow[][] => {
  const frames: OutboxRow[][] = [];
  let bytes = Infinity;
  for (const row of rows) {
    const rowBytes = bytesOf(row);
    if (bytes + rowBytes > frameBytesMax) {
      frames.push([]);
      bytes = 0;
    }
    frames.at(-1)?.push(row);
    bytes += rowBytes;
  }
  return frames;
};

/**
 * The outbox of a database, as one connection sees it that may send it. Rows are sent in the order of
 * their commits; after each piece its mark is stored in the cache of the Clacks server, and when the
 * server has said FLUSHED, the rows are deleted. Whoever comes after a crash in between knows by the mark
 * what has arrived.
 */
export class Outbox {
  readonly #options: OutboxOptions;
  readonly #table: string;
  /** Of which installation everything that had arrived before the last crash is deleted. */
  #recoveredId: string | undefined;
  /** Rows up to it are gone: the index need not be searched for them. */
  #deletedUpTo = '0';

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#table = `${quoteIdentifier(options.schema)}.clacks_outbox`;
  }

  /**
   * Sends everything up to there, if there is an outbox.
   *
   * @throws PostgresBridgeError
   */
  async drain(upTo: OutboxBound): Promise<void> {
    const { database, schema } = this.#options;
    // Each time: it may have been taken away meanwhile, or made anew with positions from the start.
    const installation = await readInstallation(database, schema);
    if (installation === undefined) return;
    if (this.#recoveredId !== installation.id) await this.#recover(installation);
    // Not if the bridge is stopped meanwhile.
    if (this.#recoveredId !== installation.id) return;
    const bound = await this.#positionOf(upTo);
    if (bound === undefined) return;
    for (;;) {
      const rows = await this.#fetch(bound);
      if (rows.length === 0) return;
      for (const frame of framesOf(rows)) {
        if (!(await this.#deliver(frame, installation))) return;
        await this.#deleteUpTo(frame);
        if (this.#options.signal.aborted) return;
      }
    }
  }

  async #positionOf(upTo: OutboxBound): Promise<string | undefined> {
    if ('all' in upTo) return '9223372036854775807';
    if (upTo.ids.length === 0) return upTo.position;
    const [row] = await this.#options.database.query(
      `SELECT greatest($1::bigint, max(position)) AS position FROM ${this.#table}
        WHERE id = ANY ($2::bigint[])`,
      [upTo.position ?? null, upTo.ids],
    );
    return typeof row?.['position'] === 'string' ? row['position'] : undefined;
  }

  async #fetch(bound: string): Promise<OutboxRow[]> {
    const rows = await this.#options.database.query(
      `SELECT position, stamp, command, bytes > ${rowBytesMax} AS is_too_long,
        CASE WHEN bytes <= ${rowBytesMax} THEN name ELSE '' END AS name,
        CASE WHEN bytes <= ${rowBytesMax} THEN value END AS value
      FROM (
        SELECT *, sum(bytes) OVER (ORDER BY position) - bytes AS before FROM (
          SELECT position, ${stamp} AS stamp, command, name, value,
            octet_length(name)::bigint + coalesce(octet_length(value), 0) AS bytes
          FROM ${this.#table} WHERE position > $1 AND position <= $2
          ORDER BY position LIMIT ${fetchRowsMax}
        ) AS first
      ) AS waiting WHERE before < ${fetchBytesMax} ORDER BY position`,
      [this.#deletedUpTo, bound],
    );
    return rows.map(rowOf);
  }

  async #deleteUpTo(frame: readonly OutboxRow[]): Promise<void> {
    const last = frame.at(-1)?.position ?? '0';
    await this.#options.database.query(
      `DELETE FROM ${this.#table} WHERE position > $1 AND position <= $2`,
      [this.#deletedUpTo, last],
    );
    this.#deletedUpTo = last;
  }

  /** Deletes what arrived before the last crash. */
  async #recover(installation: Installation): Promise<void> {
    const { database, link, logger, signal } = this.#options;
    this.#deletedUpTo = '0';
    let mark: string | undefined;
    let losses: number;
    do {
      losses = link.losses;
      mark = await this.#readMark(installation);
      // What the mark says was handled before it was read, by a server that is to have kept it as well.
    } while ((!(await this.#flush()) || link.losses > losses) && !signal.aborted);
    if (signal.aborted) return;
    if (mark === undefined) await this.#tryMark(installation);
    const [, position, made] = /^(\d{1,18})\/(\d{1,18})$/u.exec(mark ?? '') ?? [];
    if (position !== undefined && made !== undefined) {
      // Only if that very row is there: a database that was restored gives its positions again.
      const gone = await database.query(
        `DELETE FROM ${this.#table} WHERE position <= $1 AND EXISTS (
          SELECT FROM ${this.#table} WHERE position = $1 AND ${stamp} = $2) RETURNING position`,
        [position, made],
      );
      if (gone.length > 0) logger.info({ rows: gone.length }, 'had been sent before the last end');
    }
    this.#recoveredId = installation.id;
  }

  /** The mark of what arrived last; waits for the server as long as it takes. */
  async #readMark({ id }: Installation): Promise<string | undefined> {
    const { link, signal, logger } = this.#options;
    while (await link.connected()) {
      try {
        return await link.client.retrieve(markName(id));
      } catch (error) {
        if ((error as { code?: string }).code === 'CLACKS_ERR_DENIED') throw denied(id, error);
        logger.warn({ error: (error as Error).message }, 'the Clacks server does not answer');
        await pause(retryMs, signal);
      }
    }
    return undefined;
  }

  /** Sees to it that marks can be kept: without them, what arrives twice would not be noticed. */
  async #tryMark(installation: Installation): Promise<void> {
    const { link, signal } = this.#options;
    do {
      if (!(await link.connected())) return;
      void link.client.store(markName(installation.id), '0/0');
    } while (!(await this.#flush()));
    if (signal.aborted) return;
    if ((await this.#readMark(installation)) === undefined) throw denied(installation.id);
  }

  /**
   * Sends rows and their mark, and waits until the server has handled and kept them.
   *
   * @returns Whether it has; not if the bridge is stopped.
   */
  async #deliver(frame: readonly OutboxRow[], installation: Installation): Promise<boolean> {
    const { link, database } = this.#options;
    const mark = frame.at(-1)?.mark ?? '';
    for (let attempt = 1; ; attempt++) {
      const { losses } = link;
      const hasArrived = attempt > 1 && (await this.#readMark(installation)) === mark;
      if (!(await link.connected())) return false;
      // Without the connection, another bridge may be at work meanwhile.
      if (!database.isOpen) throw await database.lost;
      if (!hasArrived) this.#send(frame, mark, installation);
      // On another connection it may be another server process, that has not kept what arrived.
      if ((await this.#flush()) && link.losses === losses) return true;
    }
  }

  /** All in one turn of the event loop: it goes out in one piece. */
  #send(frame: readonly OutboxRow[], mark: string, { id }: Installation): void {
    const { link, malformed } = this.#options;
    for (const row of frame) {
      try {
        void sendCommand(link.client, commandOf(row, link.maxLineLength));
      } catch (error) {
        if (!(error instanceof TypeError)) throw error;
        malformed(error.message, { position: row.position });
      }
    }
    void link.client.store(markName(id), mark);
  }

  async #flush(): Promise<boolean> {
    const { link, logger, signal } = this.#options;
    try {
      await link.client.flush();
      return true;
    } catch (error) {
      logger.warn({ error: (error as Error).message }, 'not known to have arrived');
      await pause(retryMs, signal);
      return false;
    }
  }
}

const markName = (id: string): string => `clacks::postgres::${id}::position`;

const denied = (id: string, cause?: unknown): PostgresBridgeError =>
  new PostgresBridgeError(
    `The Clacks user of the bridge must be allowed to read and write ${markName(id)}.`,
    { cause },
  );

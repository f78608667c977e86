import { hasFlag, lineEnd, overheadFlag, parseCommand } from '@clacks/protocol';
import { formatEntry, isTellable } from '../../link/entry-codec.ts';
import { toCacheEntry } from '../../storage/imported.ts';
import type { StoredEntry } from '../../storage/stored-entry.ts';
import type { ConnectionSettings } from '../connection-settings.ts';
import { CommandError } from '../exit-code.ts';
import { denial, denied } from '../server-errors.ts';
import type { ImportResult, ImportTarget } from './import-target.ts';
import { LineSession } from './line-session.ts';
import { dropped, Link } from './link.ts';

/** Bytes that are sent in one go, about. */
const chunkBytes = 64 * 1024;

const flushText = 'import';

/** The mode of an entry that the server tells of since its own is newer: `U!`. */
const answerPattern = /^KEYSYNC \S+ \S+ \w!/u;

/** Imports entries into a server that runs. */
export class ServerImport implements ImportTarget {
  readonly #session: LineSession;
  /** The line of an entry; `undefined` if it cannot be told. */
  readonly #format: (entry: StoredEntry) => string | undefined;
  readonly #answers: Promise<void>;
  #failure: Error | undefined;
  #older = 0;
  #untellable = 0;
  #tombstones = 0;

  private constructor(
    session: LineSession,
    format: (this: ServerImport, entry: StoredEntry) => string | undefined,
  ) {
    this.#session = session;
    this.#format = format.bind(this);
    this.#answers = this.#readAnswers();
    this.#answers.catch((error: unknown) => {
      this.#failure = error as Error;
    });
  }

  /**
   * Tells the server of entries as another node does: of each name the newest stays.
   *
   * @throws UsageError, CommandError
   */
  static async merging(
    settings: ConnectionSettings,
    timeoutMs: number | undefined,
  ): Promise<ServerImport> {
    const link = await Link.open(settings, 'import', timeoutMs);
    try {
      // What it tells is nothing to us, but it is not heard before.
      await link.sync(() => Promise.resolve());
    } catch (error) {
      link[Symbol.dispose]();
      throw error;
    }
    const { session, isOurs } = link;
    return new ServerImport(session, function format(entry) {
      if (!isOurs && !isTellable(entry.name)) {
        this.#untellable++;
        return undefined;
      }
      return formatEntry(toCacheEntry(entry, Date.now() / 1000), 0, { isOurs });
    });
  }

  /**
   * Stores values as any client does: they count as written now.
   *
   * @throws UsageError, CommandError
   */
  static async overwriting(
    settings: ConnectionSettings,
    timeoutMs: number | undefined,
  ): Promise<ServerImport> {
    const session = await LineSession.open(settings, 'clacks import', timeoutMs);
    return new ServerImport(session, function format({ name, value }) {
      if (value === undefined) this.#tombstones++;
      else if (!isTellable(name)) this.#untellable++;
      else return `STORE ${name}=${value}`;
      return undefined;
    });
  }

  async add(entries: readonly StoredEntry[]): Promise<void> {
    let lines = '';
    for (const entry of entries) {
      const line = this.#format(entry);
      if (line === undefined) continue;
      lines += line + lineEnd;
      if (lines.length < chunkBytes) continue;
      await this.#send(lines);
      lines = '';
    }
    if (lines !== '') await this.#send(lines);
  }

  async finish(): Promise<ImportResult> {
    await this.#send(`FLUSH ${flushText}${lineEnd}`);
    await this.#answers;
    await this.#session.quit();
    return { older: this.#older, untellable: this.#untellable, tombstones: this.#tombstones };
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#session[Symbol.dispose]();
    return Promise.resolve();
  }

  async #send(lines: string): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    await this.#session.send(lines);
  }

  /** Takes what the server tells until it has handled all, and kept it if it keeps anything. */
  async #readAnswers(): Promise<void> {
    for (;;) {
      for (const line of await this.#session.nextLines()) {
        if (line === `FLUSHED ${flushText}`) return;
        if (line === 'CLEARCACHE') throw dropped(this.#session);
        if (answerPattern.test(line)) this.#older++;
        else if (line.startsWith('OVERHEAD ')) this.#takeOverhead(line);
      }
    }
  }

  #takeOverhead(line: string): void {
    const command = parseCommand(line);
    if (command.verb !== 'OVERHEAD') return;
    const { flags, text } = command;
    if (!hasFlag(flags, overheadFlag.error) || hasFlag(flags, overheadFlag.forward)) return;
    const { settings, where } = this.#session;
    if (text === denial) throw denied(settings, 'import');
    const [, reason] = /^not_flushed \S+ \((.*)\)$/u.exec(text) ?? [];
    throw new CommandError(
      reason === undefined
        ? `The server at ${where} reports: ${text}`
        : `The server at ${where} has all entries, but cannot keep them on its disk: ${reason}.`,
    );
  }
}

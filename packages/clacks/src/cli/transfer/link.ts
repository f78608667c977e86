import { hasFlag, lineEnd, overheadFlag, parseCommand } from '@clacks/protocol';
import type { Command, KeysyncCommand, OverheadCommand } from '@clacks/protocol';
import type { CacheEntry } from '../../broker/entry.ts';
import { parseForeignEntry, parseOurEntry } from '../../link/entry-codec.ts';
import { isOurNode } from '../../link/peer.ts';
import { identification } from '../../server/identification.ts';
import { newNodeId } from '../../server/identity.ts';
import type { ConnectionSettings } from '../connection-settings.ts';
import { CommandError } from '../exit-code.ts';
import { denial, denied } from '../server-errors.ts';
import { toStoredEntry } from './entries.ts';
import type { TakeEntries } from './entries.ts';
import { LineSession } from './line-session.ts';

/** PINGs in the time after which the server counts a link as gone that sends none (protocol 9). */
const pingsInTimeout = 3;

/** A server tells its slaves to drop all when it does so: what its master has comes in its place. */
export const dropped = ({ where }: LineSession): CommandError =>
  new CommandError(
    `The server at ${where} has just linked to its master, and takes over its entries: try again.`,
  );

/** A connection on which a server tells of all entries, and takes others, as it does with a node. */
export class Link implements Disposable {
  readonly session: LineSession;
  /** Whether the server is one of ours, and not Net::Clacks. */
  readonly isOurs: boolean;
  readonly #command: string;
  #isSynced = false;

  private constructor(session: LineSession, command: string) {
    this.session = session;
    this.isOurs = isOurNode(session.identification);
    this.#command = command;
  }

  /**
   * Connects and links (protocol 9). The login needs the permission for that.
   *
   * @param command - The command that does so, for its name and for messages.
   * @throws UsageError, CommandError
   */
  static async open(
    settings: ConnectionSettings,
    command: string,
    timeoutMs: number | undefined,
  ): Promise<Link> {
    const name = `${identification} ${command} in interclacks client mode`;
    const link = new Link(await LineSession.open(settings, name, timeoutMs), command);
    await link.session.send(`OVERHEAD I 1${lineEnd}`);
    return link;
  }

  /**
   * Waits until the server has told of all its entries. What is written meanwhile may come, too, and
   * then some names twice: the last one is the newest.
   *
   * @throws CommandError if it does not, or the connection is lost.
   */
  async sync(take: TakeEntries): Promise<void> {
    while (!this.#isSynced) {
      const entries: CacheEntry[] = [];
      const lines = await this.session.nextLines();
      for (const [index, line] of lines.entries()) {
        this.#receive(parseCommand(line), entries);
        if (!this.#hasSynced()) continue;
        this.session.putBack(lines.slice(index + 1));
        break;
      }
      if (entries.length > 0) await take(entries.map((entry) => toStoredEntry(entry, 0)));
    }
  }

  [Symbol.dispose](): void {
    this.session[Symbol.dispose]();
  }

  #hasSynced(): boolean {
    return this.#isSynced;
  }

  #receive(command: Command, entries: CacheEntry[]): void {
    if (command.verb === 'KEYSYNC') {
      const entry = this.#entryOf(command);
      if (entry !== undefined) entries.push(entry);
    } else if (command.verb === 'OVERHEAD') {
      this.#receiveOverhead(command);
    } else if (command.verb === 'NODE') {
      this.#introduce(command.text);
    } else if (command.verb === 'CLEARCACHE') {
      throw dropped(this.session);
    }
  }

  /** A server of ours tells nothing before it knows who links. */
  #introduce(text: string): void {
    const [, , , pingTimeoutMs] = text.split(' ');
    this.session.pingEvery(Number(pingTimeoutMs) / pingsInTimeout);
    const answer = `NODE ${newNodeId()} ${this.session.timeoutMs}${lineEnd}`;
    // That the connection is lost is heard of by who waits for lines.
    this.session.send(answer).catch(() => undefined);
  }

  #receiveOverhead({ flags, text }: OverheadCommand): void {
    // What is forwarded is somebody else's word.
    if (hasFlag(flags, overheadFlag.forward)) return;
    if (hasFlag(flags, overheadFlag.error)) throw this.errorOf(text);
    if (hasFlag(flags, overheadFlag.lock)) this.#isSynced = text === '0';
  }

  /** What the server reports as an error. */
  errorOf(text: string): CommandError {
    const { settings, where } = this.session;
    return text === denial
      ? denied(settings, this.#command)
      : new CommandError(`The server at ${where} reports: ${text}`);
  }

  #entryOf(command: KeysyncCommand): CacheEntry | undefined {
    return this.isOurs ? parseOurEntry(command, 0)?.entry : parseForeignEntry(command, 0, 0);
  }
}

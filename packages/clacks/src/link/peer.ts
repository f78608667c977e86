import { formatNumber } from '@clacks/protocol';
import type { Command, KeysyncCommand } from '@clacks/protocol';
import type { Broker } from '../broker/broker.ts';
import { mergeEntry, replaceEntry } from '../broker/entry.ts';
import type { Merged } from '../broker/entry.ts';
import type { Session } from '../broker/session.ts';
import { formatEntry, formatMicros, parseEntry, parseMicros } from './entry-codec.ts';
import type { Interclacks } from './interclacks.ts';
import { SyncSender } from './sync-sender.ts';

/** Bytes of entries that are formatted in one go: one or two milliseconds. */
const chunkBytes = 128 * 1024;
/** With more than these on their way to the other node, no more entries are added. */
const maxWaitingBytes = 1024 * 1024;
/** When to look again whether the other node has taken some, in ms. */
const waitingCheckMs = 10;
/** PINGs in the time after which a node that sends none counts as gone (protocol 9). */
const pingsInTimeout = 3;

/** What the other node is told of what happens here. */
type Passing =
  | 'nothing'
  /** Signals, and the state of what was written: it may not have been told of the rest. */
  | 'states'
  /** Signals, and what clients write, as they wrote it. */
  | 'lines';

/** How our nodes introduce themselves. */
const oursPattern = /^clacks-ts \S+/u;

/** Whether that is what one of our own nodes calls itself. */
export const isOurNode = (identification: string): boolean => oursPattern.test(identification);

/**
 * The node at the other end of a link: what it tells of its cache, and what it is told. With one of
 * our own, the state of each written name goes over the link, with the time of the write, so that
 * both end up with the same whatever crosses on the way. One of Perl's gets the commands themselves.
 */
export class Peer {
  readonly session: Session;
  readonly isOurs: boolean;
  /** Its name for itself, if it is one of ours and has told. */
  nodeId: string | undefined;
  /** How long a line there and back took last, in ms. */
  lagMs: number | undefined;
  readonly #broker: Broker;
  readonly #tree: Interclacks;
  #passing: Passing = 'nothing';
  #sender: SyncSender | undefined;
  #synced: () => void = () => undefined;
  #nextChunkAtMs = Infinity;
  #nextPingAtMs: number;

  constructor(session: Session, isOurs: boolean, broker: Broker, tree: Interclacks) {
    this.session = session;
    this.isOurs = isOurs;
    this.#broker = broker;
    this.#tree = tree;
    this.#nextPingAtMs = broker.monotonicMs + this.#pingIntervalMs;
  }

  /** When {@link tick} next has something to do, in monotonic ms. */
  get nextTickMs(): number {
    return Math.min(this.#nextPingAtMs, this.#nextChunkAtMs);
  }

  /** Whether all entries have been sent. */
  get hasSynced(): boolean {
    return this.#passing !== 'nothing' && this.#sender === undefined;
  }

  /**
   * Sends all entries, and from now on tells what happens here.
   *
   * @param synced - Called when they are sent.
   */
  sync(synced: (entries: number) => void): void {
    const { cache } = this.#broker;
    const sender = new SyncSender(cache, this.isOurs);
    this.#passing = 'states';
    this.#sender = sender;
    this.#synced = () => {
      synced(sender.sent);
    };
    if (this.isOurs && cache.clearedAtUs > 0) this.cleared();
    this.#sendChunk(sender);
  }

  /** Tells the time, by the clock that the tree shares. */
  tellTime(): void {
    this.session.send(`OVERHEAD T ${formatMicros(this.#broker.nowUs)}`);
  }

  /** Tells that this node is alive, and asks for an answer where one can be had. */
  ping(): void {
    this.session.send('PING');
    if (this.isOurs) this.session.send(`ECHO ${this.#broker.monotonicMs}`);
  }

  /** Does what is due. */
  tick(): void {
    const { monotonicMs } = this.#broker;
    if (this.#sender !== undefined && monotonicMs >= this.#nextChunkAtMs) {
      this.#sendChunk(this.#sender);
    }
    if (monotonicMs < this.#nextPingAtMs) return;
    this.#nextPingAtMs = monotonicMs + this.#pingIntervalMs;
    this.ping();
    this.#tree.pinged(this);
  }

  /** A command was executed here: tells the other node. */
  passOn(command: Command, line: string): void {
    if (this.#passing === 'nothing') return;
    if (command.verb === 'CLEARCACHE' && this.isOurs) this.cleared();
    else if (this.isOurs || this.#passing === 'states') this.#passOnState(command, line);
    else this.session.send(line);
  }

  /** A third node told of an entry that was taken, or of steps that were added. */
  changed(name: string, merged: Merged, origin: Peer): void {
    if (this.#passing === 'nothing') return;
    // Between others, KEYSYNC is passed on as it is.
    const isCommand = !this.isOurs && origin.isOurs && this.#passing === 'lines';
    if (isCommand) this.#sendCommand(name, merged);
    else this.#sendEntry(name);
  }

  /** The cache was emptied. */
  cleared(): void {
    if (this.#passing === 'nothing') return;
    const { clearedAtUs } = this.#broker.cache;
    this.session.send(this.isOurs ? `CLEARED ${formatMicros(clearedAtUs)}` : 'CLEARCACHE');
  }

  /** All entries were dropped, because the master's ones come in their place. */
  dropped(): void {
    if (this.#passing !== 'nothing') this.session.send('CLEARCACHE');
  }

  /** Handles a line of the other node, if it is one that only nodes send. */
  receive(command: Command): boolean {
    switch (command.verb) {
      case 'KEYSYNC':
        this.#broker.heardFrom(this.session);
        this.#takeEntry(command);
        return true;
      case 'QUIT':
      case 'TIMEOUT':
        this.session.close('quit');
        return true;
      case 'UNKNOWN':
        this.#tree.malformed(this, command.line);
        return true;
      default:
        return this.isOurs && this.#receiveFromOurs(command);
    }
  }

  #receiveFromOurs(command: Command): boolean {
    switch (command.verb) {
      case 'CLEARED':
        this.#takeCleared(command.text);
        return true;
      case 'CLEARCACHE':
        this.#tree.drop(this);
        return true;
      case 'ECHO':
        this.session.send(`ECHOED ${command.text}`);
        return true;
      case 'ECHOED':
        this.lagMs = Math.max(0, this.#broker.monotonicMs - Number(command.text)) || 0;
        return true;
      default:
        return false;
    }
  }

  #takeEntry(command: KeysyncCommand): void {
    // Our nodes share one clock; others' times are by their own.
    const offsetMs = this.isOurs ? 0 : this.session.clockOffsetMs;
    const { originUs } = this.#broker.cache;
    const entry = parseEntry(command, originUs, offsetMs, this.isOurs);
    if (entry === undefined) {
      this.#tree.malformed(this, `KEYSYNC of ${command.name}`);
      return;
    }
    const how = this.isOurs ? mergeEntry : replaceEntry;
    const merged = this.#broker.cache.merge(entry, how);
    if (merged !== 'ignored') this.#tree.changed(this, command.name, merged);
  }

  #takeCleared(text: string): void {
    const { cache } = this.#broker;
    const before = cache.clearedAtUs;
    const timeUs = parseMicros(text);
    if (timeUs === undefined) this.#tree.malformed(this, `CLEARED ${text}`);
    else cache.clearUpTo(timeUs);
    if (cache.clearedAtUs !== before) this.#tree.cleared(this);
  }

  #passOnState(command: Command, line: string): void {
    switch (command.verb) {
      case 'STORE':
      case 'REMOVE':
      case 'INCREMENT':
      case 'DECREMENT':
        this.#sendEntry(command.name);
        break;
      case 'SETANDSTORE':
        this.session.send(`SET ${command.name}=${command.value}`);
        this.#sendEntry(command.name);
        break;
      default:
        this.session.send(line);
    }
  }

  /** As a command, what happened counts for a node that compares times by a clock of its own. */
  #sendCommand(name: string, merged: Merged): void {
    const value = this.#broker.cache.entry(name)?.value;
    if (typeof merged === 'number') this.session.send(`INCREMENT ${name}=${formatNumber(merged)}`);
    else if (value === undefined) this.session.send(`REMOVE ${name}`);
    else this.session.send(`STORE ${name}=${value}`);
  }

  #sendEntry(name: string): void {
    const { cache } = this.#broker;
    const entry = cache.entry(name);
    if (entry !== undefined) {
      this.session.send(formatEntry(entry, cache.originUs, this.isOurs));
    }
  }

  #sendChunk(sender: SyncSender): void {
    const { port } = this.session;
    const { monotonicMs } = this.#broker;
    if (port.outbufferLength > maxWaitingBytes) {
      this.#nextChunkAtMs = monotonicMs + waitingCheckMs;
      return;
    }
    const before = sender.sent;
    const lines = sender.next(chunkBytes);
    if (lines !== undefined) {
      this.#nextChunkAtMs = monotonicMs;
      port.send(lines);
      this.#tree.progressed(this, sender.sent, before);
    }
    if (lines !== undefined && lines.length >= chunkBytes) return;
    this.#nextChunkAtMs = Infinity;
    this.#sender = undefined;
    this.#passing = 'lines';
    this.#synced();
  }

  get #pingIntervalMs(): number {
    return this.#tree.options.interclacksPingTimeoutMs / pingsInTimeout;
  }
}

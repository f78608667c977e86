import type { Broker } from './broker.ts';
import {
  CacheLines,
  carriageReturn,
  equalsSign,
  increment,
  lineFeed,
  maxNameLength,
  maxValueLength,
  retrieve,
  store,
} from './cache-lines.ts';
import { detachBytes, fewBytes } from './detach.ts';
import type { CacheEntry } from './entry.ts';
import { isNameAt, seedOf } from './name-table.ts';
import { permissionBit } from './permissions.ts';
import type { LineSource } from './ports.ts';
import type { Session } from './session.ts';
import { indexOfVerb } from './traffic.ts';

/** What each kind of line is counted as. */
const verbs = [
  [retrieve, indexOfVerb('RETRIEVE')],
  [store, indexOfVerb('STORE')],
  [increment, indexOfVerb('INCREMENT')],
] as const;

const retrievedHead = Buffer.from('RETRIEVED ', 'latin1');

/** Answers are handed over when there are about so many bytes of them. */
const answerBytes = 32 * 1024;
/** Room for one more: `RETRIEVED`, a space, a name, `=`, a value, and the line end. */
const roomBytes = 16 + maxNameLength + maxValueLength;

/** So many lines are left alone after one that could not be handled here, as its like may follow. */
const passedLines = 16;

/** Whether it may send commands that need that, whatever the name. */
const mayAlways = (session: Session, needs: 'read' | 'write'): boolean =>
  (session.permissions & permissionBit[needs]) !== 0 &&
  (needs === 'read' ? session.readable : session.writable) === undefined;

/**
 * The short way for what clients of the cache send most: STORE, RETRIEVE and INCREMENT of names that
 * have a value, where nobody but the sender is concerned. Such lines are handled as bytes, without
 * strings for them and their parts, and several names are looked up together: the processor waits for
 * memory once for all of them. What this way does not know it leaves alone: then it goes the usual
 * way, which says what each line means.
 */
export class CacheLane {
  readonly #broker: Broker;
  readonly #group: CacheLines;
  /** How many lines to read at once: few where few can be handled here. */
  #groupSize = 1;
  /** How many lines to leave alone before it tries again. */
  #linesToPass = 0;
  readonly #entries = new Array<CacheEntry | undefined>(CacheLines.max).fill(undefined);
  /** Of what is only read to have it at hand: without this the compiler would leave it out. */
  // eslint-disable-next-line no-unused-private-class-members -- That it is written is what it is for.
  #touched = 0;
  readonly #answers = Buffer.allocUnsafeSlow(answerBytes + roomBytes);
  #answersLength = 0;

  constructor(broker: Broker) {
    this.#broker = broker;
    this.#group = new CacheLines(seedOf(broker.options.nodeId));
  }

  /** Whether nobody but the session is concerned by its lines. */
  isOpenTo(session: Session): boolean {
    return (
      session.state.kind === 'ready' &&
      session.link === undefined &&
      session.allowance === undefined &&
      this.#broker.monitors.isEmpty
    );
  }

  /** Handles lines, up to the first one that it does not know. */
  take(session: Session, lines: LineSource): void {
    if (this.#linesToPass > 0) {
      this.#linesToPass--;
      return;
    }
    const source = lines.asBytes();
    if (source === undefined) return;
    const kinds = this.#kindsFor(session);
    this.#answersLength = 0;
    while (this.#group.read(source.bytes, source.position, this.#groupSize, kinds) > 0) {
      this.#lookUp();
      const handled = this.#handleAll(session, lines, source.bytes);
      this.#entries.fill(undefined, 0, this.#group.length);
      if (handled > 0) source.skipTo(this.#group.count(handled), handled);
      if (handled < this.#group.length) {
        this.#failed();
        break;
      }
      this.#groupSize = Math.min(CacheLines.max, this.#groupSize * 2);
    }
    this.#tellTraffic(session);
    if (this.#answersLength > 0) this.#send(session);
  }

  /** What was read and looked up for nothing costs time: less is, from now on. */
  #failed(): void {
    if (this.#groupSize === 1) this.#linesToPass = passedLines;
    else this.#groupSize >>= 1;
  }

  /** What the session may send, whatever the name, and nobody else has to be told of. */
  #kindsFor(session: Session): number {
    const mayRead = mayAlways(session, 'read');
    const mayWrite = mayAlways(session, 'write') && this.#broker.links.isEmpty;
    return (mayRead ? retrieve : 0) | (mayWrite ? store | increment : 0);
  }

  /**
   * Finds what may be the entries of the names. Each step is done for all of them before the next
   * one, so that the processor can fetch what lies here and there in memory at the same time.
   */
  #lookUp(): void {
    const { length, hashes, kinds } = this.#group;
    const entries = this.#entries;
    const { cache } = this.#broker;
    for (let index = 0; index < length; index++) {
      entries[index] = cache.entryByHash(hashes[index] ?? 0);
    }
    for (let index = 0; index < length; index++) {
      const entry = entries[index];
      if (entry?.value === undefined) continue;
      this.#touched ^= entry.name.length ^ entry.value.length ^ entry.cacheTimeUs;
      if (kinds[index] === increment) this.#touched ^= entry.counter?.parts[0]?.steps ?? 0;
    }
  }

  /** Returns how many of them could be handled; those left have to go the usual way. */
  #handleAll(session: Session, lines: LineSource, bytes: Uint8Array): number {
    const { length, kinds, nameStarts, nameEnds } = this.#group;
    const { cache } = this.#broker;
    const { changeCount } = cache;
    for (let index = 0; index < length; index++) {
      const entry = this.#entries[index];
      // If entries have gone meanwhile, to make room for others, this may be one of them.
      if (entry?.value === undefined || changeCount !== cache.changeCount) return index;
      const start = nameStarts[index] ?? 0;
      const nameEnd = nameEnds[index] ?? 0;
      if (!isNameAt(entry.name, bytes, start, nameEnd)) return index;
      if (!lines.mayGoOn()) return index;
      if (kinds[index] !== retrieve) this.#change(session, bytes, index, entry);
      else if (!this.#answer(session, bytes, index, entry)) return index;
    }
    return length;
  }

  /** Once for all lines, since it would be a good part of what one of them takes. */
  #tellTraffic(session: Session): void {
    const { lineCounts, byteCounts } = this.#group;
    for (const [kind, verbIndex] of verbs) {
      const lines = lineCounts[kind] ?? 0;
      if (lines > 0) this.#broker.traffic.handled(verbIndex, lines, byteCounts[kind] ?? 0);
    }
    session.linesSent += lineCounts[retrieve] ?? 0;
    lineCounts.fill(0);
    byteCounts.fill(0);
  }

  #change(session: Session, bytes: Uint8Array, index: number, entry: CacheEntry): void {
    const { kinds, nameEnds, ends } = this.#group;
    const { cache, keeper, nowUs } = this.#broker;
    if (kinds[index] === store) {
      const value = detachBytes(bytes, (nameEnds[index] ?? 0) + 1, ends[index] ?? 0);
      cache.overwrite(entry, value, nowUs);
    } else {
      cache.countUp(entry, nowUs);
    }
    keeper.wrote(session);
  }

  #answer(session: Session, bytes: Uint8Array, index: number, entry: CacheEntry): boolean {
    const { nameStarts, nameEnds } = this.#group;
    const value = this.#broker.cache.read(entry, this.#broker.nowUs);
    if (value === undefined || value.length > maxValueLength) return false;
    const answers = this.#answers;
    let at = this.#answersLength;
    for (const byte of retrievedHead) answers[at++] = byte;
    const end = nameEnds[index] ?? 0;
    for (let from = nameStarts[index] ?? 0; from < end; from++) answers[at++] = bytes[from] ?? 0;
    answers[at++] = equalsSign;
    at = this.#write(value, at);
    answers[at++] = carriageReturn;
    answers[at++] = lineFeed;
    this.#answersLength = at;
    if (at > answerBytes) this.#send(session);
    return true;
  }

  #write(wire: string, at: number): number {
    const answers = this.#answers;
    const { length } = wire;
    if (length > fewBytes) answers.write(wire, at, 'latin1');
    else for (let index = 0; index < length; index++) answers[at + index] = wire.charCodeAt(index);
    return at + length;
  }

  #send(session: Session): void {
    const length = this.#answersLength;
    this.#answersLength = 0;
    session.port.send(this.#answers.toString('latin1', 0, length));
  }
}

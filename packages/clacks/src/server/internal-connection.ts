import { LineSplitter } from '@clacks/protocol';
import type { Broker } from '../broker/broker.ts';
import { openFor } from '../broker/internal-session.ts';
import type { Rights } from '../broker/permissions.ts';
import type { CloseReason, ConnectionFacts, ConnectionPort, LineSource } from '../broker/ports.ts';
import type { Session } from '../broker/session.ts';
import type { Turns } from '../net/turns.ts';
import { tellTime } from './attach.ts';

/** Who has such a connection. Nothing is called from within its own constructor. */
export interface InternalHandler {
  /** A wire string of whole lines was sent to it. */
  receive(lines: string): void;
  /** It is gone. Comes once, never from within a call of the connection. */
  closed(reason: CloseReason): void;
}

/** What such a connection works with. */
export interface InternalSurroundings {
  readonly broker: Broker;
  /** Longest line in bytes. */
  readonly maxLineLength: number;
  /** Those of all connections: one with much to do does not hold up others. */
  readonly turns: Turns;
  /** Called when the broker may want to be called earlier than before. */
  readonly wakeTicker: () => void;
}

/**
 * A connection of this process to its own broker, for somebody whose login was checked elsewhere: so
 * what is done for that one goes the same way as if a client asked for it.
 */
export class InternalConnection implements ConnectionPort, LineSource {
  readonly facts: ConnectionFacts;
  readonly cid: string;
  readonly session: Session;
  readonly outbufferLength = 0;
  readonly stalledSinceMs = 0;
  readonly sinceMs = Date.now();
  lastSentAtMs = performance.now();
  readonly #surroundings: InternalSurroundings;
  readonly #handler: InternalHandler;
  readonly #lines: LineSplitter;
  #isClosed = false;
  #isHandling = false;
  /** Whether it has lines left for its next turn. */
  #waitsForTurn = false;

  constructor(
    { cid, ...facts }: ConnectionFacts & { readonly cid: string },
    user: { readonly username: string; readonly rights: Rights },
    surroundings: InternalSurroundings,
    handler: InternalHandler,
  ) {
    this.facts = facts;
    this.cid = cid;
    this.#surroundings = surroundings;
    this.#handler = handler;
    this.#lines = new LineSplitter(surroundings.maxLineLength);
    const { broker, wakeTicker } = surroundings;
    tellTime(broker);
    this.session = openFor(broker, this, user.username, user.rights);
    wakeTicker();
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  get inbufferLength(): number {
    return this.#lines.length;
  }

  get alike(): number {
    return this.#lines.alike;
  }

  /** Lines that were handled. */
  get linesReceived(): number {
    return this.#lines.taken;
  }

  /** Sends a wire string of whole lines to the broker. What takes long is handled in parts. */
  say(lines: string): void {
    if (this.#isClosed) return;
    this.#lines.push(lines);
    this.#handle();
  }

  send(lines: string): void {
    if (this.#isClosed) return;
    this.lastSentAtMs = performance.now();
    this.#handler.receive(lines);
  }

  close(reason: CloseReason): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    setImmediate(() => {
      const { broker, wakeTicker } = this.#surroundings;
      tellTime(broker);
      broker.closed(this.session, 0);
      wakeTicker();
      this.#handler.closed(reason);
    });
  }

  setLink(): void {
    // Nothing waits here that would have to be bounded.
  }

  resume(): void {
    setImmediate(() => {
      this.#handle();
    });
  }

  next(): string | undefined {
    return this.mayGoOn() ? this.#lines.next() : undefined;
  }

  mayGoOn(): boolean {
    return !this.#isClosed && !this.#surroundings.turns.current.spend();
  }

  /** It is this connection's turn. */
  takeTurn(): void {
    this.#waitsForTurn = false;
    this.#handle();
  }

  asBytes(): undefined {
    // There are few lines: they need no short way.
  }

  withAlike(line: string, headLength: number): string {
    return this.#lines.withAlike(line, headLength);
  }

  #handle(): void {
    if (this.#isClosed || this.#isHandling || this.#waitsForTurn) return;
    const { broker, maxLineLength, turns, wakeTicker } = this.#surroundings;
    this.#isHandling = true;
    try {
      tellTime(broker);
      turns.begin();
      broker.receive(this.session, this);
      if (this.#lines.overflowed) broker.lineTooLong(this.session, maxLineLength);
      if (turns.current.isOver) {
        this.#waitsForTurn = true;
        turns.waitAgain(this);
      }
    } finally {
      this.#isHandling = false;
    }
    wakeTicker();
  }
}

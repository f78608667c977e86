import { formatNumber, lineEnd } from '@clacks/protocol';
import type { NodeLink } from './links.ts';
import type { CloseReason, ConnectionPort } from './ports.ts';
import type { NameScope } from './name-scope.ts';
import { noRights } from './permissions.ts';
import type { PermissionBits, Rights } from './permissions.ts';
import type { Allowance } from './rate-limits.ts';

/** Where a connection stands. */
export type SessionState =
  /** Not logged in: only CLACKS and OVERHEAD A are heard. */
  | { readonly kind: 'greeted' }
  /** A login is being checked: lines wait. */
  | { readonly kind: 'authenticating'; readonly abort: AbortController }
  | { readonly kind: 'ready' }
  /** Nothing more is handled. */
  | { readonly kind: 'closing'; readonly reason: CloseReason };

// All sessions share these: there may be many.
const greeted: SessionState = { kind: 'greeted' };
export const ready: SessionState = { kind: 'ready' };

/** One connection's side of the conversation. Its times are monotonic ms. */
export class Session {
  readonly port: ConnectionPort;
  state: SessionState = greeted;
  /** Who has logged in, as long as a second login is checked, too. */
  username = '';
  /** What it may do; nothing before it has logged in. */
  permissions: PermissionBits = noRights.bits;
  /** The names that it may read, and write; `undefined` for all. */
  readable: NameScope | undefined = noRights.readable;
  writable: NameScope | undefined = noRights.writable;
  /** How much its user may send a second; `undefined` for what the settings say. */
  maxMessagesPerSecond: number | undefined;
  /** What its user may send, if that is limited. */
  allowance: Allowance | undefined;
  /** Whether its lines wait until its user may send more. */
  isThrottled = false;
  /** The token that it logged in with, if it may be a link: it is sent back then (protocol 9). */
  token = '';
  /** Stays true while a second login is checked. */
  hasLoggedIn = false;
  /** What it calls itself, set by CLACKS. */
  clientInfo = '';
  /** Whether it calls itself a node that wants to link. */
  isNode = false;
  /** Set if another node is at the other end. */
  link: NodeLink | undefined;
  /** Names and patterns it listens to. */
  readonly names = new Set<string>();
  /** How many of them are patterns. */
  patterns = 0;
  /** Bytes of memory that they all take, about. */
  nameBytes = 0;
  /** The tree's clock minus its clock in ms, once it has told (OVERHEAD T). */
  clockOffsetMs = 0;
  /** Bytes it sent before it logged in. */
  bytesBeforeLogin = 0;
  /** The number of the last change that it made to the cache: see `Persistence`. */
  lastChange = 0;
  /** Whether its lines wait, until its changes are kept or a reload is over. */
  isHeld = false;
  /** When it connected, or began to log in anew. */
  loginBeganAtMs: number;
  lastPingAtMs: number;
  /** NOPING: it need not ping until it pings again. */
  pingTimeoutOff = false;
  /** Lines that it was sent, but for signals to who listens. */
  linesSent = 0;
  /** When it is next looked at for timeouts. */
  nextCheckAtMs = Infinity;

  constructor(port: ConnectionPort, nowMs: number) {
    this.port = port;
    this.loginBeganAtMs = nowMs;
    this.lastPingAtMs = nowMs;
  }

  /** May do that from now on. */
  grant({ bits, readable, writable, maxMessagesPerSecond }: Rights): void {
    this.permissions = bits;
    this.readable = readable;
    this.writable = writable;
    this.maxMessagesPerSecond = maxMessagesPerSecond;
  }

  /** Listens to nothing any more. */
  forgetNames(): void {
    this.names.clear();
    this.patterns = 0;
    this.nameBytes = 0;
  }

  /** Sends one line. */
  send(line: string): void {
    this.linesSent++;
    this.port.send(line + lineEnd);
  }

  /** Ends the conversation: nothing it sends from now on is handled. */
  close(reason: CloseReason): void {
    if (this.state.kind === 'closing') return;
    this.ended(reason);
    this.port.close(reason);
  }

  /** The connection has ended, or is about to. */
  ended(reason: CloseReason): void {
    const { state } = this;
    if (state.kind === 'closing') return;
    this.state = { kind: 'closing', reason };
    this.grant(noRights);
    if (state.kind === 'authenticating')
      state.abort.abort(new Error(`connection closed: ${reason}`));
  }

  /** The line about this connection in a CLIENTLIST (protocol 5). */
  describe(isMonitor: boolean, wallClockOffsetMs: number): string {
    const { port } = this;
    const seconds = (atMs: number): string => formatNumber((atMs + wallClockOffsetMs) / 1000);
    const stalledSince = port.stalledSinceMs === 0 ? '0' : seconds(port.stalledSinceMs);
    const lastPing = seconds(this.lastPingAtMs);
    const isLink = this.link !== undefined;
    return (
      `CLIENT CID=${port.cid};HOST=${port.facts.host};PORT=${port.facts.port};` +
      `CLIENTINFO=${this.clientInfo};OUTBUFFER_LENGTH=${port.outbufferLength};` +
      `INBUFFER_LENGTH=${port.inbufferLength};INTERCLACKS=${isLink ? 1 : 0};MONITOR=${isMonitor ? 1 : 0};` +
      `LASTPING=${lastPing};LASTINTERCLACKSPING=${isLink ? lastPing : 0};` +
      `WRITEFAILTIME=${stalledSince};${this.#describeLink()}`
    );
  }

  /** What a link has besides: clients that do not know these fields skip them. */
  #describeLink(): string {
    if (this.link === undefined) return '';
    const { state, offsetMs, lagMs } = this.link.status;
    const field = (name: string, ms: number | undefined): string =>
      ms === undefined ? '' : `${name}=${formatNumber(ms / 1000)};`;
    return `LINKSTATE=${state};${field('LINKOFFSET', offsetMs)}${field('LINKLAG', lagMs)}`;
  }
}

import type { Broker } from '../broker/broker.ts';
import { closeReasons } from '../broker/close-reason.ts';
import type { CloseReason } from '../broker/close-reason.ts';
import type { TransportKind } from '../broker/ports.ts';
import type { BufferBudget } from '../net/buffer-budget.ts';
import type { ConnectionLimits } from '../net/socket-gate.ts';

/** What a server has done since it was started, and what it holds now. Plain counts, but for bytes. */
export interface ServerStatistics {
  readonly connections: {
    /**
     * Accepted from clients and other nodes; TLS handshakes done, WebSockets open; of `http`, made for
     * its users.
     */
    readonly accepted: Readonly<Record<TransportKind, number>>;
    /** Opened by this node, to its master. */
    readonly dialed: number;
    /** All that were accepted or dialed and are not closed yet. */
    readonly open: number;
    readonly closed: Readonly<Record<CloseReason, number>>;
    /** Refused because of a limit on connections. */
    readonly refused: Readonly<Record<keyof ConnectionLimits, number>>;
    readonly tlsHandshakesFailed: number;
  };
  readonly logins: { readonly succeeded: number; readonly failed: number };
  /** Commands that were answered with an error. */
  readonly commands: { readonly denied: number; readonly unknown: number };
  readonly cache: {
    /** Entries now, tombstones included. */
    readonly entries: number;
    /** Forgotten because there were too many. */
    readonly evicted: number;
  };
  /** Bytes that wait to be sent now, of all connections together. */
  readonly unsentBytes: number;
}

/** Counts what a node does. */
export class Statistics {
  readonly accepted: Record<TransportKind, number> = { tls: 0, unix: 0, websocket: 0, http: 0 };
  readonly refused: Record<keyof ConnectionLimits, number> = {
    maxConnections: 0,
    maxConnectionsPerHost: 0,
  };
  dialed = 0;
  open = 0;
  tlsHandshakesFailed = 0;
  loginsSucceeded = 0;
  loginsFailed = 0;
  /** Why changes of the cache cannot be kept now, if they cannot. */
  storeFailure: string | undefined;
  readonly #closed = new Map<string, number>(closeReasons.map((reason) => [reason, 0]));

  /** A connection is gone. */
  closed(reason: string): void {
    this.open--;
    this.#closed.set(reason, (this.#closed.get(reason) ?? 0) + 1);
  }

  /** All of it, as it is now. Does not change any more. */
  snapshot({ cache, refusals }: Broker, budget: BufferBudget): ServerStatistics {
    return {
      connections: {
        accepted: { ...this.accepted },
        dialed: this.dialed,
        open: this.open,
        // Every reason is there from the start.
        closed: Object.fromEntries(this.#closed) as Record<CloseReason, number>,
        refused: { ...this.refused },
        tlsHandshakesFailed: this.tlsHandshakesFailed,
      },
      logins: { succeeded: this.loginsSucceeded, failed: this.loginsFailed },
      commands: { ...refusals },
      cache: { entries: cache.size, evicted: cache.evicted },
      unsentBytes: budget.bytes,
    };
  }
}

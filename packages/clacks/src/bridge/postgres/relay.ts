import type { Logger } from 'pino';
import { isRefusal } from './bridge-error.ts';
import type { ClacksLink } from './clacks-link.ts';
import { parsePayload, sendCommand } from './command.ts';
import type { GapReason, Inbox, OutboxBound } from './inbox.ts';
import type { Leadership } from './leadership.ts';
import { Backoff, pause } from './pause.ts';

/** What a relay works with. */
export interface RelayOptions {
  readonly inbox: Inbox;
  readonly link: ClacksLink;
  readonly leadership: Leadership;
  readonly logger: Logger;
  /** The signal that tells of a gap, if one shall. */
  readonly gapSignal: string | undefined;
  /** Called for a payload that is none of a command. */
  readonly malformed: (why: string, payload: string) => void;
  readonly gap: (reason: GapReason) => void;
  /** Aborted when the bridge shall end. */
  readonly signal: AbortSignal;
}

/** Takes what the database sent, item by item, and hands it to the Clacks server. */
export class Relay {
  readonly #options: RelayOptions;

  constructor(options: RelayOptions) {
    this.#options = options;
  }

  /**
   * Works until the inbox is closed and empty.
   *
   * @throws PostgresBridgeError if the Clacks client is closed.
   */
  async run(): Promise<void> {
    const { inbox, link } = this.#options;
    for (let item = await inbox.take(); item !== undefined; item = await inbox.take()) {
      if (item.kind === 'outbox') {
        await this.#drain(item.upTo);
        continue;
      }
      if (!(await link.connected())) return;
      if (item.kind === 'payload') await this.#send(item.payload);
      else await this.#tellGap(item.reason);
    }
  }

  async #send(payload: string): Promise<void> {
    const { link, malformed } = this.#options;
    try {
      // A loss is told by the client's event, and becomes a gap.
      await sendCommand(link.client, parsePayload(payload)).catch(() => undefined);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      malformed(error.message, payload);
    }
  }

  async #tellGap(reason: GapReason): Promise<void> {
    const { link, gap, gapSignal } = this.#options;
    gap(reason);
    if (gapSignal !== undefined) await link.client.set(gapSignal, reason).catch(() => undefined);
  }

  /** Sends the outbox so far, however often the connection to PostgreSQL is lost meanwhile. */
  async #drain(upTo: OutboxBound): Promise<void> {
    const { leadership, logger, signal } = this.#options;
    const backoff = new Backoff();
    while (!signal.aborted) {
      const outbox = await leadership.outbox();
      if (outbox === undefined) return;
      try {
        await outbox.drain(upTo);
        return;
      } catch (error) {
        const level = isRefusal(error) ? 'error' : 'warn';
        logger[level]({ error: (error as Error).message }, 'the outbox cannot be sent for now');
        await pause(backoff.next(), signal);
      }
    }
  }
}

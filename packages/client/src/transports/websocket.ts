import { bytesFromWire, wireFromBytes, wireFromText } from '@clacks/protocol';
import { ClacksClientError } from '../errors.ts';
import { nextTurn } from '../next-turn.ts';
import { describeEndpoint } from '../options.ts';
import type { Settings } from '../options.ts';
import { attempt } from './attempt.ts';
import type { Transport, TransportEvents } from './transport.ts';
import type { WebSocketLike } from './websocket-like.ts';

/**
 * Bytes of one frame. A server takes frames that are no longer than its longest line, and these
 * always: so lines are cut, as on any stream.
 */
const frameBytes = 64 * 1024;

/** How often it is looked whether the system has taken what was written, in ms: no event tells. */
const lookMs = 10;

/** The codes of RFC 6455 for a WebSocket that was closed as it should be. */
const normalCodes: readonly number[] = [1000, 1001, 1005];

const wireOf = (data: unknown): string => {
  if (typeof data === 'string') return wireFromText(data);
  return wireFromBytes(new Uint8Array(data as ArrayBuffer));
};

/** What an event of an error says, in Node.js. Browsers say nothing. */
const messageOf = ({ message }: { readonly message?: unknown }): string =>
  typeof message === 'string' && message !== ''
    ? message
    : 'it is not said why; is it a clacks server, is its certificate trusted here, and does it take ' +
      'pages from this origin?';

const unreachable = (settings: Settings, why: string, cause?: unknown): ClacksClientError =>
  new ClacksClientError(
    'CLACKS_ERR_UNREACHABLE',
    `Cannot connect to ${describeEndpoint(settings)}: ${why}`,
    { cause },
  );

interface Written {
  /** How many bytes were written up to its end. */
  readonly end: number;
  readonly taken: () => void;
}

/** An open WebSocket. */
class WebSocketTransport implements Transport {
  readonly #webSocket: WebSocketLike;
  readonly #events: TransportEvents;
  #writtenBytes = 0;
  #waiting: Written[] = [];
  #isLooking = false;
  #isGone = false;

  constructor(webSocket: WebSocketLike, events: TransportEvents) {
    this.#webSocket = webSocket;
    this.#events = events;
    webSocket.onmessage = ({ data }: { readonly data: unknown }) => {
      if (!this.#isGone) events.received(wireOf(data));
    };
    // It is followed by the event that it is closed.
    webSocket.onerror = () => undefined;
    webSocket.onclose = ({ code, reason }: { readonly code: number; readonly reason: string }) => {
      const isNormal = normalCodes.includes(code);
      const why = `the WebSocket was closed with code ${code}${reason && ` (${reason})`}`;
      this.#closed(isNormal ? undefined : new Error(why));
    };
  }

  get bufferedBytes(): number {
    return this.#webSocket.bufferedAmount;
  }

  write(wire: string, taken: () => void): void {
    for (let start = 0; start < wire.length; start += frameBytes) {
      this.#webSocket.send(bytesFromWire(wire.slice(start, start + frameBytes)));
    }
    this.#writtenBytes += wire.length;
    this.#waiting.push({ end: this.#writtenBytes, taken });
    if (this.#isLooking) return;
    this.#isLooking = true;
    nextTurn(this.#look);
  }

  end(): void {
    this.#webSocket.close(1000);
  }

  destroy(): void {
    // One without an answer of the other side may stay for minutes: it is not waited for.
    if (this.#webSocket.terminate === undefined) this.#webSocket.close();
    else this.#webSocket.terminate();
    nextTurn(() => {
      this.#closed(undefined);
    });
  }

  pause(): void {
    this.#webSocket.pause?.();
  }

  resume(): void {
    this.#webSocket.resume?.();
  }

  readonly #look = (): void => {
    if (this.#isGone) return;
    const takenBytes = this.#writtenBytes - this.#webSocket.bufferedAmount;
    const first = this.#waiting.findIndex(({ end }) => end > takenBytes);
    const written = this.#waiting.splice(0, first === -1 ? this.#waiting.length : first);
    this.#isLooking = this.#waiting.length > 0;
    if (this.#isLooking) setTimeout(this.#look, lookMs);
    for (const { taken } of written) taken();
    if (!this.#isLooking) this.#events.drained();
  };

  #closed(error: Error | undefined): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#events.closed(error);
  }
}

/** @throws ClacksClientError with `CLACKS_ERR_UNREACHABLE` if it is not even begun. */
const openWebSocket = (settings: Settings): WebSocketLike => {
  const { endpoint } = settings;
  if (endpoint.kind !== 'websocket') throw new TypeError('There is no url to connect to.');
  try {
    const webSocket = new endpoint.WebSocket(endpoint.url);
    webSocket.binaryType = 'arraybuffer';
    return webSocket;
  } catch (error) {
    // Browsers refuse some: without TLS from a page that has TLS, for instance.
    throw unreachable(settings, (error as Error).message, error);
  }
};

/**
 * Opens a WebSocket.
 *
 * @param signal - Gives up with its reason when it is aborted.
 * @throws ClacksClientError with `CLACKS_ERR_UNREACHABLE`.
 */
export const dialWebSocket = (
  settings: Settings,
  events: TransportEvents,
  signal: AbortSignal,
): Promise<Transport> =>
  attempt(signal, ({ succeed, fail }) => {
    const webSocket = openWebSocket(settings);
    webSocket.onerror = (event: { readonly message?: unknown }) => {
      fail(unreachable(settings, messageOf(event)));
    };
    webSocket.onclose = () => {
      fail(unreachable(settings, 'the server closed the connection.'));
    };
    webSocket.onopen = () => {
      succeed(new WebSocketTransport(webSocket, events));
    };
    return () => {
      webSocket.onopen = webSocket.onclose = () => undefined;
      // An error that nobody hears would end a process.
      webSocket.onerror = () => undefined;
      webSocket.close();
    };
  });

import { Client } from './client.ts';
import { resolveOptions } from './options.ts';
import type { ConnectOptions } from './options.ts';
import { dialWebSocket } from './transports/websocket.ts';

/** What of a page tells that its connection may be gone, or that there may be one again. */
interface Page {
  readonly visibilityState: string;
  addEventListener(name: string, listener: () => void): void;
  removeEventListener(name: string, listener: () => void): void;
}

/** Missing in workers. */
type Surroundings = Partial<Pick<Page, 'addEventListener' | 'removeEventListener'>> & {
  readonly document?: Page;
};

/**
 * A page that was not seen, or a machine that slept, may have lost its connection without a word:
 * that is looked for as soon as somebody looks at the page, or the network is there.
 *
 * @returns A function that ends this.
 */
const watchPage = (client: Client): (() => void) => {
  const surroundings = globalThis as Surroundings;
  const { document } = surroundings;
  const wake = (): void => {
    client.wake();
  };
  const wakeIfSeen = (): void => {
    if (document?.visibilityState === 'visible') client.wake();
  };
  surroundings.addEventListener?.('online', wake);
  document?.addEventListener('visibilitychange', wakeIfSeen);
  return () => {
    surroundings.removeEventListener?.('online', wake);
    document?.removeEventListener('visibilitychange', wakeIfSeen);
  };
};

/**
 * Connects to a Clacks server by WebSocket, and logs in.
 *
 * @throws TypeError if the options are wrong, or there is no `url`.
 * @throws ClacksClientError as in Node.js.
 */
export const connect = async (options: ConnectOptions): Promise<Client> => {
  const settings = resolveOptions(options);
  if (settings.endpoint.kind !== 'websocket') {
    throw new TypeError('A page needs a url to connect to, such as wss://house.example/clacks.');
  }
  const client = new Client(settings, dialWebSocket);
  // From the beginning: with waitForServer, it may take long until there is a connection.
  const end = watchPage(client);
  client.once('closed', end);
  try {
    await client.start(options.signal);
  } catch (error) {
    end();
    throw error;
  }
  return client;
};

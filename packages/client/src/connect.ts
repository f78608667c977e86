import { Client } from './client.ts';
import { resolveOptions } from './options.ts';
import type { ConnectOptions } from './options.ts';
import { dialSocket } from './transports/socket.ts';
import { dialWebSocket } from './transports/websocket.ts';

/**
 * Connects to a Clacks server and logs in.
 *
 * @throws TypeError if the options are wrong.
 * @throws ClacksClientError with a code that says why there is no connection:
 * `CLACKS_ERR_UNREACHABLE`, `CLACKS_ERR_CERTIFICATE`, `CLACKS_ERR_NOT_CLACKS`,
 * `CLACKS_ERR_LOGIN_FAILED`, `CLACKS_ERR_TIMEOUT`, `CLACKS_ERR_CONNECTION_LOST`,
 * `CLACKS_ERR_ABORTED`.
 */
export const connect = async (options: ConnectOptions): Promise<Client> => {
  const settings = resolveOptions(options);
  const dial = settings.endpoint.kind === 'websocket' ? dialWebSocket : dialSocket;
  const client = new Client(settings, dial);
  await client.start(options.signal);
  return client;
};

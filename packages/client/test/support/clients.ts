import { expect } from 'vitest';
import { connect } from '@clacks/client';
import type { Client, ClientEvents, ConnectOptions } from '@clacks/client';

/** Options for tests: never a long pause. */
export const login = (
  server: { readonly socketPath: string },
  options: Partial<ConnectOptions> = {},
): ConnectOptions => ({
  path: server.socketPath,
  username: 'admin',
  password: 'adminpass',
  reconnect: { initialDelayMs: 5, maxDelayMs: 20 },
  ...options,
});

/** A client on the unix socket of a server. */
export const connectTo = (
  server: { readonly socketPath: string },
  options: Partial<ConnectOptions> = {},
): Promise<Client> => connect(login(server, options));

/** The next event of that name. */
export const next = <Name extends keyof ClientEvents>(
  client: Client,
  name: Name,
): Promise<ClientEvents[Name]> =>
  new Promise((resolve) => {
    client.once(name, resolve);
  });

/** Something that a promise is rejected with: our error of that code. */
export const withCode = (code: string) => expect.objectContaining({ code }) as Error;

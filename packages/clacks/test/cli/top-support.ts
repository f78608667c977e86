import { RawClient } from '../../../../test/support/raw-client.ts';
import type { TestServer } from '../../../../test/support/test-server.ts';

/** Where the admin HTTP of a server is. */
export const httpUrlOf = ({ server: { httpAddress } }: TestServer): string => {
  const { isTls = false, host = '', port = 0 } = httpAddress ?? {};
  return `${isTls ? 'https' : 'http'}://${host}:${port}`;
};

/** A client with a name of its own. */
export const clientOf = async (server: TestServer, name: string): Promise<RawClient> => {
  const client = await RawClient.login(server);
  client.send(`CLACKS ${name}`);
  await client.fence();
  return client;
};

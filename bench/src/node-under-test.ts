import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ConnectOptions } from '@clacks/client';
import type { ListenAddress } from 'clacks';
import { generate } from 'selfsigned';

const config = `<clacks>
  <ip>127.0.0.1</ip><port>0</port>
  <socket>clacks.sock</socket>
  <ssl><cert>bench.crt</cert><key>bench.key</key></ssl>
  <username>bench</username><password>bench</password>
</clacks>
`;

/** A node in a process of its own, with a certificate made for it. */
export interface NodeUnderTest extends AsyncDisposable {
  /** How to connect to it over TLS. */
  readonly connection: ConnectOptions;
}

/** Starts a node in a temporary directory. */
export const startNode = async (): Promise<NodeUnderTest> => {
  const directory = await mkdtemp(path.join(tmpdir(), 'clacks-bench-'));
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
  });
  await writeFile(path.join(directory, 'bench.crt'), cert);
  await writeFile(path.join(directory, 'bench.key'), key);
  await writeFile(path.join(directory, 'bench.xml'), config);
  const script = fileURLToPath(new URL('node-process.js', import.meta.url));
  const child = fork(script, [path.join(directory, 'bench.xml')]);
  const [addresses] = (await once(child, 'message')) as [ListenAddress[]];
  const port = addresses.find((address) => address.transport === 'tls')?.port ?? 0;
  return {
    connection: {
      host: '127.0.0.1',
      port,
      username: 'bench',
      password: 'bench',
      tls: { ca: cert },
    },
    [Symbol.asyncDispose]: async () => {
      child.disconnect();
      await once(child, 'exit');
      await rm(directory, { recursive: true });
    },
  };
};

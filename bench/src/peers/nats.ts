import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { writeCertificate } from '../certificate.ts';
import { bytesOf } from './dialect.ts';
import type { Dialect } from './dialect.ts';
import type { Peer } from './peer.ts';
import { freePort, startCommand, versionOf } from './server-process.ts';

const options = { verbose: false, pedantic: false, user: 'bench', pass: 'bench', protocol: 1 };

const dialect: Dialect = {
  separator: '.',
  anyLevel: '*',
  greetsBeforeTls: true,
  noise: 'PING\r\n',
  login: () => ({
    send: bytesOf(
      `CONNECT ${JSON.stringify({ ...options, lang: 'bench', version: '1' })}\r\nPING\r\n`,
    ),
    answer: 'PONG\r\n',
  }),
  listen: (names) => bytesOf(names.map((name, index) => `SUB ${name} ${index + 1}\r\n`).join('')),
  publish: (name, value) => bytesOf(`PUB ${name} ${value.length}\r\n${value}\r\n`),
  deliver: ({ number }, name, value) =>
    bytesOf(`MSG ${name} ${number} ${value.length}\r\n${value}\r\n`),
  fence: () => ({ send: bytesOf('PING\r\n'), answer: 'PONG\r\n' }),
};

/** The nats-server of Debian. It has no unix sockets. */
export const nats: Peer = {
  name: 'nats',
  plain: 'tcp',
  hasTls: true,
  dialect,
  program: 'nats-server',
  version: () => versionOf('nats-server', '--version'),
  start: async ({ transport, certificate, directory }) => {
    const port = await freePort();
    const { certFile, keyFile } = await writeCertificate(certificate, directory);
    const isTls = transport === 'tls';
    const config = path.join(directory, 'nats.conf');
    await writeFile(
      config,
      `host: 127.0.0.1\nport: ${port}\nauthorization { user: bench, password: bench }\n` +
        (isTls ? `tls { cert_file: "${certFile}", key_file: "${keyFile}" }\n` : ''),
    );
    return await startCommand(['nats-server', '-c', config], {
      transport: isTls ? 'tls' : 'tcp',
      port,
    });
  },
};

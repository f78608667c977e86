import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { generate } from 'mqtt-packet';
import { writeCertificate } from '../certificate.ts';
import type { Dialect } from './dialect.ts';
import type { Peer } from './peer.ts';
import { startScript } from './script.ts';
import { freePort, startCommand, versionOf } from './server-process.ts';

let clients = 0;

const publish = (topic: string, value: string): Buffer =>
  generate({
    ...{ cmd: 'publish', topic, payload: Buffer.from(value, 'latin1') },
    ...{ qos: 0, dup: false, retain: false },
  });
const fence = { send: generate({ cmd: 'pingreq' }), answer: '\xd0\x00' };

const dialect: Dialect = {
  separator: '/',
  anyLevel: '+',
  login: () => {
    const connect = generate({
      ...{ cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, clean: true, keepalive: 0 },
      ...{ clientId: `bench${clients++}`, username: 'bench', password: Buffer.from('bench') },
    });
    return { send: Buffer.concat([connect, fence.send]), answer: fence.answer };
  },
  listen: (names) =>
    generate({
      ...{ cmd: 'subscribe', messageId: 1 },
      subscriptions: names.map((topic) => ({ topic, qos: 0 })),
    }),
  listened: (names) =>
    generate({ cmd: 'suback', messageId: 1, granted: names.map(() => 0) }).toString('latin1'),
  publish,
  deliver: (_subscription, name, value) => publish(name, value),
  fence: () => fence,
};

/** Throws if the program that does it is missing, or fails. */
const writeUsers = (file: string): void => {
  const { error, status, stderr } = spawnSync(
    'mosquitto_passwd',
    ['-b', '-c', file, 'bench', 'bench'],
    { encoding: 'latin1' },
  );
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`mosquitto_passwd failed: ${stderr}`);
};

/** The mosquitto of Debian. It queues without a limit, as others do. */
export const mosquitto: Peer = {
  ...{ name: 'mosquitto', plain: 'unix', hasTls: true, dialect },
  program: 'mosquitto',
  version: () => versionOf('mosquitto', '-h'),
  start: async ({ transport, certificate, directory }) => {
    const inDirectory = (name: string): string => path.join(directory, name);
    const { certFile, keyFile } = await writeCertificate(certificate, directory);
    writeUsers(inDirectory('users'));
    const port = await freePort();
    const listener =
      transport === 'tls'
        ? `listener ${port} 127.0.0.1\ncertfile ${certFile}\nkeyfile ${keyFile}`
        : `listener 0 ${inDirectory('mqtt.sock')}`;
    const config =
      `user root\npersistence false\nallow_anonymous false\nmax_queued_messages 0\n` +
      `password_file ${inDirectory('users')}\n${listener}\n`;
    await writeFile(inDirectory('mosquitto.conf'), config);
    return await startCommand(
      ['mosquitto', '-c', inDirectory('mosquitto.conf')],
      transport === 'tls'
        ? { transport, port }
        : { transport: 'unix', path: inDirectory('mqtt.sock') },
    );
  },
};

/** The broker of npm, in a process of its own. */
export const aedes: Peer = {
  ...{ name: 'aedes', plain: 'unix', hasTls: true, dialect },
  version: () => {
    const manifest = new URL('package.json', import.meta.resolve('aedes'));
    const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
    return version;
  },
  start: (options) => startScript('aedes-process.js', options),
};

import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { Child } from '../support/child.ts';
import { TestLog } from '../support/log.ts';
import { childrenOf } from '../support/processes.ts';
import { RawClient } from '../support/raw-client.ts';
import { TestServer } from '../support/test-server.ts';
import { valueOf } from './storm.ts';

const kept = '<persistancefile>cache.dat</persistancefile>';

const servers: TestServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server[Symbol.asyncDispose]();
});

const startServer = async (
  options: NonNullable<Parameters<typeof TestServer.start>[0]> = {},
): Promise<TestServer> => {
  const server = await TestServer.start({ xml: kept, ...options });
  servers.push(server);
  return server;
};

/** The KEYSYNC lines that a node of ours gets when it links. */
const entriesOf = async (server: TestServer): Promise<string[]> => {
  const link = await RawClient.login(server);
  link.send('CLACKS clacks-ts 0 in interclacks client mode', 'OVERHEAD I 1', 'NODE test 60000');
  await link.waitFor((line) => line === 'OVERHEAD L 0');
  const lines = link.take().filter((line) => line.startsWith('KEYSYNC'));
  link.destroy();
  return lines;
};

describe('a server that is started again', () => {
  it('has its values, tombstones, counters and their times, and goes on with them', async () => {
    const server = await startServer();
    const client = await RawClient.login(server);
    const odd = 'STORE odd=\u0000\u00e4\u00ff = % \u007f';
    client.send('STORE a=1', 'REMOVE gone', 'INCREMENT n=5', odd, `STORE ${'l'.repeat(5000)}=long`);
    await client.fence();
    const before = await entriesOf(server);
    expect(before).toHaveLength(5);
    for (let restart = 0; restart < 3; restart++) {
      await server.restart();
      expect(await entriesOf(server)).toEqual(before);
    }
    const again = await RawClient.login(server);
    again.send('INCREMENT n', 'REMOVE a', 'STORE gone=2');
    await again.fence();
    await server.restart();
    const reader = await RawClient.login(server);
    expect([await valueOf(reader, 'n'), await valueOf(reader, 'a')]).toEqual(['6', undefined]);
    expect(await valueOf(reader, 'gone')).toBe('2');
    // One node has counted, in one run after the other: one part.
    const counter = (await entriesOf(server)).find((line) => line.includes(' C n='));
    expect(counter).toMatch(/ C n=0 D [\w-]+:2:6 $/u);
  });

  it('keeps what nobody has flushed when it is stopped in order', async () => {
    const server = await startServer();
    const client = await RawClient.login(server);
    client.send('STORE a=1', 'QUIT');
    await client.closed();
    await server.restart();
    expect(await valueOf(await RawClient.login(server), 'a')).toBe('1');
  });

  it('does not bring back what was there before the cache was emptied', async () => {
    const server = await startServer();
    const client = await RawClient.login(server);
    client.send('STORE a=1', 'CLEARCACHE', 'STORE b=2');
    await client.fence();
    await server.restart();
    const reader = await RawClient.login(server);
    expect([await valueOf(reader, 'a'), await valueOf(reader, 'b')]).toEqual([undefined, '2']);
    expect(await entriesOf(server)).toHaveLength(1);
  });

  it('goes on when the process of its store is killed, and loses nothing', async () => {
    const log = new TestLog();
    const server = await startServer({ logger: log.logger });
    const client = await RawClient.login(server);
    client.send('STORE a=1');
    await client.fence();
    for (const pid of await childrenOf(process.pid, 'store-process')) process.kill(pid, 'SIGKILL');
    client.send('STORE b=2');
    client.send('FLUSH x');
    const answer = await client.waitFor((line) => line.includes('x'));
    // Either it was gone already, and another one was started, or it went with the batch.
    expect(answer).toMatch(/^FLUSHED x$|not_flushed x \(its process was ended by SIGKILL\)$/u);
    if (answer !== 'FLUSHED x') await log.next(/kept again/u);
    client.take();
    expect(await client.fence()).toEqual([]);
    await server.restart();
    const reader = await RawClient.login(server);
    expect([await valueOf(reader, 'a'), await valueOf(reader, 'b')]).toEqual(['1', '2']);
  });
});

describe('a server whose store hangs', () => {
  it('tells who flushes when the disk comes back, and others are served meanwhile', async () => {
    const server = await startServer();
    const client = await RawClient.login(server);
    client.send('STORE a=1');
    await client.fence();
    const [pid = 0] = await childrenOf(process.pid, server.directory);
    process.kill(pid, 'SIGSTOP');
    client.send('STORE b=2', 'FLUSH x');
    const other = await RawClient.login(server);
    other.send('RETRIEVE b');
    expect(await other.fence()).toEqual(['RETRIEVED b=2']);
    process.kill(pid, 'SIGCONT');
    await client.waitFor((line) => line === 'FLUSHED x');
  });

  it('ends all the same', { timeout: 60_000 }, async () => {
    const log = new TestLog();
    const server = await startServer({ logger: log.logger });
    const client = await RawClient.login(server);
    client.send('STORE a=1');
    await client.fence();
    client.send('STORE b=2', 'RETRIEVE b');
    await client.waitFor((line) => line === 'RETRIEVED b=2');
    const [pid = 0] = await childrenOf(process.pid, server.directory);
    process.kill(pid, 'SIGSTOP');
    await server.server.stop();
    await log.next(/the last changes of the cache are lost/u);
    await server.restart();
    expect(await valueOf(await RawClient.login(server), 'a')).toBe('1');
  });
});

describe('a store that cannot be used', () => {
  it('by two servers is left to the first one', async () => {
    const server = await startServer();
    const store = path.join(server.directory, 'cache.dat');
    const other = await startServer({ xml: '' });
    await other.server.stop();
    const config = path.join(other.directory, 'server.xml');
    const xml = `<clacks><socket>other.sock</socket><username>a</username><password>b</password>
      <persistancefile>${store}</persistancefile></clacks>`;
    await writeFile(config, xml);
    const clacks = path.join(import.meta.dirname, '../../packages/clacks/bin/clacks.js');
    const second = new Child(clacks, ['server', config]);
    expect(await second.exit()).toBe(1);
    expect(second.output).toMatch(
      new RegExp(`cache\\.dat\\.lmdb is used by another server, process ${process.pid}\\.`, 'u'),
    );
    await other.restart('');
  });

  it.each([
    ['something else', 'a text', /cache\.dat\.lmdb is no store of Clacks: move it away\./u],
    ['cut off', undefined, /since the file is cut off.*: look at it with .clacks store check/u],
  ])('because it is %s stays as it is, and the server says so', async (_, content, message) => {
    const server = await startServer();
    const client = await RawClient.login(server);
    client.send('STORE a=1');
    await client.fence();
    await server.server.stop();
    const file = path.join(server.directory, 'cache.dat.lmdb');
    const bytes = await readFile(file);
    const broken = content === undefined ? bytes.subarray(0, 4 * 4096) : Buffer.from(content);
    await writeFile(file, broken);
    await expect(server.restart(kept)).rejects.toThrow(message);
    expect(await readFile(file)).toEqual(broken);
    await server.restart('');
  });
});

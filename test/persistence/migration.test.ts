import { copyFile, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { TestLog } from '../support/log.ts';
import { RawClient } from '../support/raw-client.ts';
import { TestServer } from '../support/test-server.ts';

const data = path.join(import.meta.dirname, '../../packages/clacks/test/storage/data');
const kept = '<persistancefile>cache.dat</persistancefile>';

const servers: TestServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server[Symbol.asyncDispose]();
});

const startServer = async (
  options: NonNullable<Parameters<typeof TestServer.start>[0]>,
): Promise<TestServer> => {
  const server = await TestServer.start(options);
  servers.push(server);
  return server;
};

describe('the cache of Net::Clacks', () => {
  const perlFile = (): Promise<Buffer> => readFile(path.join(data, 'current.bin'));

  it('is taken over once, and its file stays as it is', async () => {
    const log = new TestLog();
    const server = await startServer({ xml: '', logger: log.logger });
    await server.server.stop();
    const file = path.join(server.directory, 'cache.dat');
    await copyFile(path.join(data, 'current.bin'), file);
    const before = await stat(file);
    await server.restart(kept);
    const { entries } = await log.next(/^imported the cache of Net::Clacks/u);
    expect(Number(entries)).toBeGreaterThan(10);
    const client = await RawClient.login(server);
    client.send('KEYLIST');
    expect((await client.fence()).length).toBeGreaterThan(10);
    client.send('CLEARCACHE', 'STORE new=1');
    await client.fence();
    await server.restart(kept);
    const reader = await RawClient.login(server);
    reader.send('KEYLIST');
    expect(await reader.fence()).toEqual(['KEYLISTSTART', 'KEY new', 'KEYLISTEND']);
    expect(await readFile(file)).toEqual(await perlFile());
    expect((await stat(file)).mtimeMs).toBe(before.mtimeMs);
  });

  it('is taken over by one of two servers that start at once; the other one is refused', async () => {
    const [server, other] = [await startServer({ xml: '' }), await startServer({ xml: '' })];
    for (const each of [server, other]) await each.server.stop();
    const file = path.join(server.directory, 'cache.dat');
    await copyFile(path.join(data, 'current.bin'), file);
    const xml = `<persistancefile>${file}</persistancefile>`;
    const outcomes = await Promise.allSettled([server.restart(xml), other.restart(xml)]);
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
    expect(refused).toHaveLength(1);
    expect(refused[0]?.reason).toMatchObject({ problem: 'in_use' });
    const [first, second] = outcomes[0].status === 'fulfilled' ? [server, other] : [other, server];
    const client = await RawClient.login(first);
    client.send('KEYLIST');
    expect((await client.fence()).length).toBeGreaterThan(10);
    await second.restart('');
  });

  it('is no device', async () => {
    const server = await startServer({ xml: '' });
    const config = '<persistancefile>/dev/full</persistancefile>';
    await expect(server.restart(config)).rejects.toThrow(/\/dev\/full .*no regular file/u);
    await server.restart('');
  });

  it('is taken from a backup if its file is torn, and the log says why', async () => {
    const log = new TestLog();
    const server = await startServer({ xml: '', logger: log.logger });
    await server.server.stop();
    const bytes = await perlFile();
    await writeFile(path.join(server.directory, 'cache.dat'), bytes.subarray(0, bytes.length / 2));
    await writeFile(path.join(server.directory, 'cache.dat_'), bytes);
    await server.restart(kept);
    const { problem } = await log.next(/backup is taken instead/u);
    expect(problem).toMatch(/cache\.dat: incomplete/u);
    expect((await log.next(/^imported/u))['file']).toMatch(/cache\.dat_$/u);
  });

  it.each([
    ['torn', '\u0000CLACKSV3--- \na: ', /Net::Clacks' cache cannot be read: .*incomplete.*mend/u],
    ['something else', 'important', /is no persistence file of Net::Clacks: name another file/u],
  ])('is not overwritten if it is %s, and the server says so', async (_, content, message) => {
    const server = await startServer({ xml: '' });
    await server.server.stop();
    const file = path.join(server.directory, 'cache.dat');
    await writeFile(file, content, 'latin1');
    await expect(server.restart(kept)).rejects.toThrow(message);
    expect(await readFile(file, 'latin1')).toBe(content);
    await server.restart('');
  });
});

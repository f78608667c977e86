import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Child } from '../support/child.ts';
import { childrenOf } from '../support/processes.ts';
import { RawClient } from '../support/raw-client.ts';
import { valueOf } from './storm.ts';

const run = promisify(execFile);
const clacks = path.join(import.meta.dirname, '../../packages/clacks/bin/clacks.js');

let directory: string;
let server: Child | undefined;

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'clacks-'));
  await writeFile(
    path.join(directory, 'server.xml'),
    `<clacks><socket>server.sock</socket><username>admin</username><password>adminpass</password>
    <persistancefile>cache</persistancefile></clacks>`,
    { mode: 0o600 },
  );
});

afterEach(async () => {
  await server?.kill('SIGKILL');
  await rm(directory, { recursive: true });
});

const start = async (wrapper: readonly string[] = []): Promise<Child> => {
  const config = path.join(directory, 'server.xml');
  server = new Child(clacks, ['server', config], process.env, wrapper);
  await server.waitFor(/listening/u);
  return server;
};

/** What a full disk is to a program: its files cannot grow. */
const limitFiles = async (running: Child, size: string): Promise<void> => {
  for (const pid of [running.pid, ...(await childrenOf(running.pid, 'store-process'))]) {
    await run('prlimit', ['--pid', `${pid}`, `--fsize=${size}:`]);
  }
};

const login = (): Promise<RawClient> => RawClient.loginAt(path.join(directory, 'server.sock'));

describe('a disk that is full', () => {
  it('lets clients write in memory, tells who flushes, and heals when there is room', async () => {
    const running = await start();
    const client = await login();
    client.send('STORE before=1');
    await client.fence();
    await limitFiles(running, '100000');
    const value = 'x'.repeat(1000);
    for (let index = 0; index < 300; index++) client.send(`STORE k${index}=${value}`);
    client.send('FLUSH full');
    const answer = await client.waitFor((line) => line.includes('full'));
    expect(answer).toMatch(/^OVERHEAD E not_flushed full \(.+\)$/u);
    await running.waitFor(/changes of the cache cannot be kept.*\n/u);
    // All goes on.
    const other = await login();
    client.send('LISTEN s', 'RETRIEVE k299');
    await client.waitFor((line) => line === `RETRIEVED k299=${value}`);
    other.send('SET s=1', 'RETRIEVE before');
    await client.waitFor((line) => line === 'SET s=1');
    expect(await other.fence()).toEqual(['RETRIEVED before=1']);

    await limitFiles(running, 'unlimited');
    await running.waitFor(/changes of the cache are kept again/u);
    client.take();
    client.send('STORE after=2');
    expect(await client.fence()).toEqual([]);
    await running.kill('SIGKILL');
    await start();
    const reader = await login();
    expect([
      await valueOf(reader, 'before'),
      await valueOf(reader, 'k0'),
      await valueOf(reader, 'k299'),
      await valueOf(reader, 'after'),
    ]).toEqual(['1', value, value, '2']);
  });

  it('when the server starts for the first time, is told in one line', async () => {
    const config = path.join(directory, 'server.xml');
    const limit = ['prlimit', '--fsize=0:'];
    const first = new Child(clacks, ['server', config], process.env, limit);
    expect(await first.exit()).toBe(1);
    expect(first.output).toMatch(/^error: The store \S+cache\.lmdb cannot be (?:made|used).*\n$/u);
    // What was begun is not in the way.
    await start();
  });

  it('when the server starts, lets it serve what was kept', async () => {
    const running = await start();
    const client = await login();
    client.send('STORE before=1');
    await client.fence();
    await running.kill('SIGTERM');
    const limited = await start(['prlimit', '--fsize=0:']);
    await limited.waitFor(/the store cannot be written/u);
    const reader = await login();
    expect(await valueOf(reader, 'before')).toBe('1');
    reader.send('STORE now=2', 'FLUSH x');
    await reader.waitFor((line) => line.startsWith('OVERHEAD E not_flushed x'));
    await limitFiles(limited, 'unlimited');
    await limited.waitFor(/kept again/u);
    reader.take();
    expect(await reader.fence()).toEqual([]);
  });
});

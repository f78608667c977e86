import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { encodeToken } from '@clacks/protocol';
import { Server } from 'clacks';
import type { ServerConfigInput } from 'clacks';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TestLog } from '../support/log.ts';
import { RawClient } from '../support/raw-client.ts';

const token = encodeToken({ username: 'admin', password: 'adminpass' });

let directory: string;
let master: net.Server;
let server: Server;
let log: TestLog;
const socketPath = (name: string): string => path.join(directory, name);

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'clacks-'));
  master = net.createServer().listen(socketPath('master.sock'));
  await once(master, 'listening');
  log = new TestLog();
  server = newServer();
});

const newServer = (more: Partial<ServerConfigInput> = {}): Server =>
  new Server({
    config: {
      sockets: [socketPath('slave.sock')],
      users: [{ username: 'admin', password: 'adminpass' }],
      master: { socket: socketPath('master.sock') },
      interclacksReconnectTimeoutMs: 50,
      ...more,
    },
    logger: log.logger,
  });

afterEach(async () => {
  await server.stop();
  master.close();
  await rm(directory, { recursive: true });
});

/** The slave's next connection, as its master sees it. */
const nextLink = async (): Promise<RawClient> => {
  const [socket] = (await once(master, 'connection')) as [net.Socket];
  const link = new RawClient(socket);
  await link.waitFor((line) => line === 'OVERHEAD I 1');
  return link;
};

const startAndLink = async (): Promise<RawClient> => {
  const linked = nextLink();
  await server.start();
  return linked;
};

/** What a master of Perl's says up to the lock. */
const lock = (
  link: RawClient,
  clock = Date.now() / 1000,
  name = 'test master in interclacks master mode',
): void => {
  link.send('CLACKS test master', 'OVERHEAD M Authentication required', 'OVERHEAD O Welcome!');
  link.send(`CLACKS ${name}`, `OVERHEAD A ${token}`);
  link.send('OVERHEAD L 1', `OVERHEAD T ${clock}`);
};

const isNoPing = (line: string): boolean => line !== 'PING';

describe('a slave of a master of ours', () => {
  it('tells nothing of what it has from it, if it had nothing, and else all', async () => {
    const entry = 'KEYSYNC 1700000000 1700000000 U k::one=from master';
    const keySyncs = (link: RawClient): string[] =>
      link.take().filter((line) => line.startsWith('KEYSYNC '));
    const synchronise = async (link: RawClient): Promise<void> => {
      lock(link, Date.now() / 1000, 'clacks-ts 1.0.0 in interclacks master mode');
      link.send(entry, 'OVERHEAD L 0', 'PING', 'ECHO there');
      await log.next(/^synchronised with the master$/u);
      await link.waitFor((line) => line === 'ECHOED there');
    };
    const link = await startAndLink();
    await synchronise(link);
    expect(keySyncs(link)).toEqual([]);
    const client = await RawClient.loginAt(socketPath('slave.sock'));
    client.send('RETRIEVE k::one');
    expect(await client.fence()).toEqual(['RETRIEVED k::one=from master']);
    const again = nextLink();
    link.destroy();
    const second = await again;
    await synchronise(second);
    expect(keySyncs(second)).toEqual([expect.stringMatching(/ U k::one=from master$/u)]);
  });
});

describe('a slave of a master of Net::Clacks', () => {
  it('logs in, is locked, takes what the master has, and tells what it has itself', async () => {
    const link = await startAndLink();
    expect(link.take()).toEqual([
      expect.stringMatching(/^CLACKS clacks-ts \S+ in interclacks client mode$/u),
      `OVERHEAD A ${token}`,
      'OVERHEAD I 1',
    ]);
    // An hour behind.
    const clock = Math.floor(Date.now() / 1000) - 3600;
    lock(link, clock);
    await link.waitFor((line) => line === 'OVERHEAD O Welcome!');
    link.take();
    const client = await RawClient.unixAt(socketPath('slave.sock'));
    client.send('CLACKS c', `OVERHEAD A ${token}`, 'STORE loc::a=1', 'RETRIEVE k::one', 'FLUSH x');
    await client.waitFor((line) => line.startsWith('OVERHEAD M'));
    link.send(`KEYSYNC ${clock - 8} ${clock - 8} U k::one=from master`);
    link.send(`KEYSYNC ${clock - 8} 0 D k::gone=REMOVED`, 'OVERHEAD L 0', 'PING');
    await client.waitFor((line) => line === 'FLUSHED x');
    expect(client.take().slice(2)).toEqual([
      'OVERHEAD O Welcome!',
      'RETRIEVED k::one=from master',
      'FLUSHED x',
    ]);
    await link.waitFor((line) => line === 'STORE loc::a=1');
    const told = link.take().filter(isNoPing);
    expect(told).toEqual([
      expect.stringMatching(/^OVERHEAD T \d+(?:\.\d+)?$/u),
      `KEYSYNC ${clock - 8} 0 D k::gone=REMOVED`,
      `KEYSYNC ${clock - 8} ${clock - 8} U k::one=from master`,
      'STORE loc::a=1',
    ]);
    // It goes by the master's clock.
    expect(Math.abs(Number(told[0]?.slice('OVERHEAD T '.length)) - clock)).toBeLessThan(60);
  });

  it('passes on what clients do, as they do it, and takes what comes', async () => {
    const link = await startAndLink();
    lock(link);
    link.send('OVERHEAD L 0', 'PING');
    await log.next(/^synchronised with the master$/u);
    const client = await RawClient.loginAt(socketPath('slave.sock'));
    link.take();
    const lines = [
      'SET s::x=1',
      'NOTIFY s::y',
      'STORE loc::b=2',
      'INCREMENT loc::n',
      'DECREMENT loc::n=4',
      'REMOVE loc::b',
      'SETANDSTORE s::z=3',
      'CLEARCACHE',
    ];
    client.send(...lines, 'LISTEN s::x', 'RETRIEVE s::z', 'MONITOR', 'UNMONITOR');
    await client.fence();
    link.send('SET s::x=9', 'SETANDSTORE s::x=10', 'NOTIFY s::x', 'STORE k::two=2', 'NOTIFY s::x');
    await client.waitFor((line) => line === 'NOTIFY s::x');
    client.send('RETRIEVE k::two', 'RETRIEVE s::x');
    const received = [...(await client.fence())];
    expect(received).toEqual([
      'SET s::x=9',
      'SET s::x=10',
      'NOTIFY s::x',
      'NOTIFY s::x',
      'RETRIEVED k::two=2',
      'RETRIEVED s::x=10',
    ]);
    expect(link.take().filter(isNoPing)).toEqual(lines);
  });

  it('is unlocked when the master goes in the middle, and links again', async () => {
    const link = await startAndLink();
    lock(link);
    await link.waitFor((line) => line === 'OVERHEAD O Welcome!');
    const client = await RawClient.unixAt(socketPath('slave.sock'));
    client.send(`OVERHEAD A ${token}`, 'FLUSH waits');
    await client.waitFor((line) => line.startsWith('OVERHEAD M'));
    const again = nextLink();
    link.destroy();
    await client.waitFor((line) => line === 'FLUSHED waits');
    await again;
  });

  it('is unlocked when the master sends nothing but signs of life', async () => {
    const linked = nextLink();
    await server.stop();
    server = newServer({ interclacksPingTimeoutMs: 300 });
    await server.start();
    const link = await linked;
    lock(link);
    const pings = setInterval(() => {
      link.send('PING');
    }, 50);
    const client = await RawClient.unixAt(socketPath('slave.sock'));
    client.send(`OVERHEAD A ${token}`, 'FLUSH waits');
    await client.waitFor((line) => line === 'FLUSHED waits');
    clearInterval(pings);
    expect((await link.closed()).filter(isNoPing).at(-1)).toBe('TIMEOUT');
  });

  it('does not wait for ever for a master that logs in and no more', async () => {
    const linked = nextLink();
    await server.stop();
    server = newServer({ interclacksPingTimeoutMs: 300 });
    await server.start();
    const link = await linked;
    link.send('CLACKS test master', 'OVERHEAD O Welcome!', `OVERHEAD A ${token}`);
    const pings = setInterval(() => {
      link.send('PING');
    }, 50);
    const client = await RawClient.unixAt(socketPath('slave.sock'));
    client.send(`OVERHEAD A ${token}`, 'FLUSH waits');
    await client.waitFor((line) => line === 'FLUSHED waits');
    clearInterval(pings);
    await log.next(/keeps this node waiting/u);
  });

  it('lets no client in before its turn because of what it calls itself', async () => {
    await server.stop();
    server = newServer({
      users: [
        { username: 'admin', password: 'adminpass' },
        { username: 'rw', password: 'x', permissions: { read: true, write: true } },
      ],
    });
    const link = await startAndLink();
    const client = await RawClient.unixAt(socketPath('slave.sock'));
    const login = encodeToken({ username: 'rw', password: 'x' });
    client.send('CLACKS x in interclacks client mode', `OVERHEAD A ${login}`, 'RETRIEVE k');
    client.send('FLUSH x');
    await client.waitFor((line) => line === 'OVERHEAD O Welcome!');
    lock(link);
    link.send('KEYSYNC 1700000000 1700000000 U k=from master', 'OVERHEAD L 0', 'PING');
    await client.waitFor((line) => line === 'FLUSHED x');
    expect(client.take()).toContain('RETRIEVED k=from master');
  });

  it('serves its clients while there is no master', async () => {
    master.close();
    await server.start();
    const client = await RawClient.loginAt(socketPath('slave.sock'));
    client.send('STORE x=1', 'RETRIEVE x');
    expect(await client.fence()).toEqual(['RETRIEVED x=1']);
  });

  it('lets nobody in who does not know the password', async () => {
    const link = await startAndLink();
    const wrong = encodeToken({ username: 'admin', password: 'wrong' });
    link.send('CLACKS x', `OVERHEAD A ${wrong}`, 'OVERHEAD L 1', 'KEYSYNC 1 1 U x=1');
    expect((await link.closed()).slice(3)).toEqual(['OVERHEAD F Login failed!']);
  });

  it.each([
    'KEYSYNC 1e400 1 U x=1',
    'KEYSYNC 99999999999999999999 1 U x=1',
    'KEYSYNC 1 1 U',
    'OVERHEAD T Infinity',
    'OVERHEAD T 1e300',
    'OVERHEAD L',
    'NODE a b c',
    'CLEARED 12',
    'ECHO x',
    '\u0000\u00ff',
  ])('goes on after %j', async (line) => {
    const link = await startAndLink();
    lock(link);
    link.send(line, 'OVERHEAD L 0', line, 'STORE after=1');
    await log.next(/^synchronised with the master$/u);
    const client = await RawClient.loginAt(socketPath('slave.sock'));
    client.send('STORE own=2', 'RETRIEVE own');
    expect(await client.fence()).toEqual(['RETRIEVED own=2']);
  });
});

import { encodeToken } from '@clacks/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import { TestLog } from '../support/log.ts';
import { RawClient } from '../support/raw-client.ts';
import { TestServer } from '../support/test-server.ts';

const users = '<user username="reader" password="readerpass" read="1"/>';
const attackers: RawClient[] = [];

afterEach(() => {
  for (const attacker of attackers.splice(0)) attacker.destroy();
});

/** Tries wrong passwords on the unix socket, all at once. */
const attack = async (server: TestServer, times: number): Promise<void> => {
  for (let attempt = 0; attempt < times; attempt++) {
    const attacker = await RawClient.unix(server);
    attackers.push(attacker);
    attacker.send(`OVERHEAD A ${encodeToken({ username: 'admin', password: `guess ${attempt}` })}`);
  }
};

const stillWaiting = (): number => attackers.filter(({ isClosed }) => !isClosed).length;

describe('a flood of failed logins', () => {
  it('is slowed down, and holds up neither known clients nor other addresses', async () => {
    await using server = await TestServer.start({ xml: users });
    (await RawClient.login(server)).destroy();
    await attack(server, 40);
    await Promise.all(attackers.slice(0, 10).map((attacker) => attacker.closed()));
    // Accepted before, and now from the same address.
    for (let time = 0; time < 100; time++) (await RawClient.login(server)).destroy();
    // Never seen before, from another address.
    const elsewhere = await RawClient.tls(server);
    await elsewhere.login('reader', 'readerpass');
    expect(await elsewhere.fence()).toEqual([]);
    expect(stillWaiting()).toBeGreaterThan(20);
  });

  it('lets somebody new of its address in after a pause', async () => {
    await using server = await TestServer.start({ xml: users });
    await attack(server, 10);
    await Promise.all(attackers.map((attacker) => attacker.closed()));
    // Their failures are forgiven little by little: this one makes up for it.
    await attack(server, 1);
    const beganAt = performance.now();
    const reader = await RawClient.login(server, 'reader', 'readerpass');
    expect(performance.now() - beganAt).toBeGreaterThan(200);
    expect(await reader.fence()).toEqual([]);
  });

  it('waits no longer than anybody may take to log in', async () => {
    await using server = await TestServer.start({ xml: '<authtimeout>1</authtimeout>' });
    await attack(server, 40);
    const answers = await Promise.all(attackers.map((attacker) => attacker.closed()));
    const last = answers.map((lines) => lines.at(-1));
    expect(new Set(last)).toEqual(
      new Set(['OVERHEAD F Login failed!', 'OVERHEAD E login_unavailable']),
    );
    expect(last.filter((line) => line === 'OVERHEAD F Login failed!').length).toBeLessThan(20);
    const client = await RawClient.tls(server);
    await client.login();
    expect(await client.fence()).toEqual([]);
  });

  it('does not keep a server from stopping', async () => {
    const server = await TestServer.start();
    await attack(server, 30);
    await Promise.all(attackers.slice(0, 10).map((attacker) => attacker.closed()));
    await server[Symbol.asyncDispose]();
    await Promise.all(attackers.map((attacker) => attacker.closed()));
  });

  it('asks a custom authenticator no faster', async () => {
    const asked: string[] = [];
    await using server = await TestServer.start({
      xml: '<authtimeout>1</authtimeout>',
      authenticate: async (_username, password) => {
        await Promise.resolve();
        asked.push(password);
        return undefined;
      },
    });
    await attack(server, 15);
    await Promise.all(attackers.map((attacker) => attacker.closed()));
    asked.length = 0;
    await attack(server, 40);
    await Promise.all(attackers.map((attacker) => attacker.closed()));
    expect(asked.length).toBeLessThan(10);
  });

  it('does not flood the log, which never has a password', async () => {
    const log = new TestLog();
    const server = await TestServer.start({ logger: log.logger });
    const strangers = await Promise.all(Array.from({ length: 100 }, () => RawClient.unix(server)));
    const username = `name ${'x'.repeat(1000)}`;
    for (const stranger of strangers) {
      stranger.send(
        'OVERHEAD A nonsense',
        `OVERHEAD A ${encodeToken({ username, password: 's' })}`,
      );
    }
    await Promise.all(strangers.map((stranger) => stranger.closed()));
    await attack(server, 1);
    await attackers[0]?.closed();
    const overTls = await RawClient.tls(server);
    overTls.send(`OVERHEAD A ${encodeToken({ username, password: 'secret guess' })}`);
    await overTls.closed();
    await server[Symbol.asyncDispose]();
    const told = log.entries.filter(({ level }) => Number(level) >= 30);
    const failed = told.filter(({ msg }) => msg === 'login failed');
    expect(failed).toHaveLength(11);
    expect(failed.at(-1)).toMatchObject({
      cid: expect.stringMatching(/^127\.0\.0\.1:/u) as string,
      username: `${username.slice(0, 64)}…`,
    });
    expect(told.filter(({ msg }) => msg === 'more logins failed')).toMatchObject([
      { host: 'unixdomainsocket', leftOut: 91 },
    ]);
    expect(told.length).toBeLessThan(20);
    expect(JSON.stringify(log.entries)).not.toContain('guess');
  });
});

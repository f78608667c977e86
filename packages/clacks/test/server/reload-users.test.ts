import { hashPassword } from 'clacks';
import { encodeToken } from '@clacks/protocol';
import { describe, expect, it } from 'vitest';
import { TestLog } from '../../../../test/support/log.ts';
import { RawClient } from '../../../../test/support/raw-client.ts';
import { TestServer } from '../../../../test/support/test-server.ts';
import { reasonOf, reload, startLogged, user } from './reload-support.ts';

describe('users after a reload', () => {
  it('are those of the new file, and connections of those who stay go on', async () => {
    const log = new TestLog();
    await using server = await startLogged(
      log,
      user('old', 'x', 'read') + user('same', 'x', 'read'),
    );
    const [admin, old, same] = await Promise.all([
      RawClient.login(server),
      RawClient.login(server, 'old', 'x'),
      RawClient.login(server, 'same', 'x'),
    ]);
    const result = await reload(server, user('same', 'y', 'read') + user('new', 'z', 'read'));
    expect(result).toEqual({ changed: ['user'], needsRestart: [] });
    expect(await old.closed()).toEqual(['OVERHEAD E user_removed', 'QUIT']);
    expect(await reasonOf(log)).toBe('user_removed');
    expect([await admin.fence(), await same.fence()]).toEqual([[], []]);
    expect(await (await RawClient.login(server, 'new', 'z')).fence()).toEqual([]);
    expect(await (await RawClient.login(server, 'same', 'y')).fence()).toEqual([]);
    await expect(RawClient.login(server, 'same', 'x')).rejects.toThrow('Login failed');
    await expect(RawClient.login(server, 'old', 'x')).rejects.toThrow('Login failed');
  });

  it('may do at once what they may do now, and no more', async () => {
    await using server = await TestServer.start({ xml: user('u', 'x', 'read', 'manage') });
    const [admin, client] = [
      await RawClient.login(server),
      await RawClient.login(server, 'u', 'x'),
    ];
    client.send('LISTEN a', 'MONITOR');
    await client.fence();
    await reload(server, user('u', 'x', 'write'));
    admin.send('SET a=1');
    await admin.fence();
    client.send('RETRIEVE a', 'SET b=1');
    expect(await client.fence()).toEqual(['OVERHEAD E permission_denied']);
    // What it had asked for before is gone, even if it may ask for it again.
    await reload(server, user('u', 'x', 'read'));
    admin.send('SET a=1');
    await admin.fence();
    client.send('RETRIEVE a');
    expect(await client.fence()).toEqual(['NOTRETRIEVED a']);
  });

  it('may use at once the names that they may use now, as fast as they may now', async () => {
    const named = (more: string): string => `<user username="u" password="x" ${more}/>`;
    await using server = await TestServer.start({ xml: named('readnames="a::** b" write="1"') });
    const [admin, client] = [
      await RawClient.login(server),
      await RawClient.login(server, 'u', 'x'),
    ];
    client.send('LISTEN a::*', 'LISTEN b', 'LISTEN c');
    expect(await client.fence()).toEqual(['OVERHEAD E permission_denied']);
    await reload(server, named('readnames="b c" writenames="c" maxmessagespersecond="50"'));
    admin.send('NOTIFY a::x', 'NOTIFY b');
    await admin.fence();
    client.send('LISTEN a::*', 'SET b=1', 'LISTEN c', 'SET c=1');
    const denied = 'OVERHEAD E permission_denied';
    expect(await client.fence()).toEqual(['NOTIFY b', denied, denied]);
    admin.send('LISTEN c');
    await admin.fence();
    for (let number = 0; number < 80; number++) client.send(`SET c=${number}`);
    const fenced = client.fence();
    await admin.waitFor((line) => line === 'SET c=40');
    expect(await admin.fence()).not.toContain('SET c=79');
    await fenced;
    expect((await admin.fence()).at(-1)).toBe('SET c=79');
  });

  it('go on with lines that wait for their rate, whatever else has changed', async () => {
    const slow = '<user username="u" password="x" maxmessagespersecond="3"/>';
    await using server = await TestServer.start({ xml: slow });
    const client = await RawClient.login(server, 'u', 'x');
    client.send(...[1, 2, 3, 4, 5].map((number) => `FLUSH ${number}`));
    await client.waitFor((line) => line === 'FLUSHED 2');
    await reload(server, slow + user('another', 'y'));
    await client.waitFor((line) => line === 'FLUSHED 5');
  });

  it('are not let in with a hashed password that is no longer theirs, though it was accepted', async () => {
    const [before, after] = await Promise.all([hashPassword('before'), hashPassword('after')]);
    await using server = await TestServer.start({ xml: user('h', before, 'read') });
    await RawClient.login(server, 'h', 'before');
    await reload(server, user('h', after, 'read'));
    await expect(RawClient.login(server, 'h', 'before')).rejects.toThrow('Login failed');
    expect(await (await RawClient.login(server, 'h', 'after')).fence()).toEqual([]);
  });

  it('are asked for anew whose old password is being checked', async () => {
    const [before, after] = await Promise.all([hashPassword('before'), hashPassword('after')]);
    await using server = await TestServer.start({ xml: user('h', before, 'read') });
    await server.configure(user('h', after, 'read'));
    const client = await RawClient.unix(server);
    await client.waitFor((line) => line.startsWith('OVERHEAD M'));
    // It has been read before the answer of this one comes; checking takes a quarter of a second.
    const admin = await RawClient.login(server);
    client.send(`OVERHEAD A ${encodeToken({ username: 'h', password: 'before' })}`);
    admin.send('CLIENTLIST');
    await admin.fence();
    await server.server.reload();
    expect((await client.closed()).at(-1)).toBe('OVERHEAD F Login failed!');
  });

  it('do not matter to those whom a function of the program has let in', async () => {
    await using server = await TestServer.start({
      authenticate: () => ({ read: true, write: true, manage: true, interclacks: true }),
    });
    const client = await RawClient.login(server, 'anybody', 'x');
    await reload(server, user('other', 'x'));
    expect(await client.fence()).toEqual([]);
    expect(await (await RawClient.login(server, 'anybody', 'y')).fence()).toEqual([]);
  });
});

import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Server } from 'clacks';
import { describe, expect, it } from 'vitest';
import { makeCertificate } from '../../../../test/support/certificate.ts';
import { TestLog } from '../../../../test/support/log.ts';
import { RawClient } from '../../../../test/support/raw-client.ts';
import { TestServer } from '../../../../test/support/test-server.ts';
import {
  kib,
  reload,
  shownFingerprint,
  startLogged,
  user,
  writeCertificate,
} from './reload-support.ts';

describe('a reload that fails', () => {
  it.each([
    ['XML that is broken', '<user>', /server\.xml:\d+: is not well-formed/u],
    [
      'an unknown key',
      '\n<maxconections>1</maxconections>',
      /server\.xml:7: maxconections: .*maxconnections\?/u,
    ],
    [
      'a wrong value',
      '\n<pingtimeout>-1</pingtimeout>',
      /server\.xml:7: pingtimeout: expected seconds/u,
    ],
    [
      'a file that is not there',
      '\n<hosts/><master><ip>x</ip><ca>none</ca></master>',
      /server\.xml:7: master\/ca: there is no/u,
    ],
    [
      'a user who is there twice',
      user('a', '1') + user('a', '2'),
      /server\.xml:6: user\[3\]\/username: "a" is given twice/u,
    ],
  ])('because of %s changes nothing, and says where', async (_, xml, message) => {
    const log = new TestLog();
    await using server = await startLogged(log, user('u', 'old', 'read'));
    const client = await RawClient.login(server, 'u', 'old');
    await server.configure(user('u', 'new', 'write') + xml);
    const failed = server.server.reload();
    await expect(failed).rejects.toMatchObject({ code: 'CLACKS_ERR_CONFIG' });
    await expect(failed).rejects.toThrow(message);
    expect(await log.next(/^not reloaded/u)).toMatchObject({
      reason: expect.stringMatching(message) as string,
    });
    client.send('RETRIEVE a', 'SET a=1');
    expect(await client.fence()).toEqual(['NOTRETRIEVED a', 'OVERHEAD E permission_denied']);
    expect(await (await RawClient.login(server, 'u', 'old')).fence()).toEqual([]);
    await expect(RawClient.login(server, 'u', 'new')).rejects.toThrow('Login failed');
  });

  it('because the key is of another certificate keeps the old one', async () => {
    await using server = await TestServer.start({ xml: user('u', 'old') });
    const before = await shownFingerprint(server);
    await writeFile(path.join(server.directory, 'server.key'), (await makeCertificate()).key);
    await server.configure(user('u', 'new'));
    await expect(server.server.reload()).rejects.toMatchObject({
      message: expect.stringMatching(
        /server\.xml:4: ssl: .*server\.crt and .*server\.key/u,
      ) as string,
      line: 4,
      key: 'ssl',
    });
    expect(await shownFingerprint(server)).toBe(before);
    expect(await (await RawClient.login(server, 'u', 'old')).fence()).toEqual([]);
  });

  it('because the key is of another kind than the certificate keeps the old one', async () => {
    await using server = await TestServer.start();
    const before = await shownFingerprint(server);
    const { key } = await makeCertificate('localhost', { rsaBits: 2048 });
    await writeFile(path.join(server.directory, 'server.key'), key);
    await expect(server.server.reload()).rejects.toThrow(/the key is of another certificate/u);
    expect(await shownFingerprint(server)).toBe(before);
  });

  it('is one of a server that does not run', async () => {
    const server = await TestServer.start();
    const state = { code: 'CLACKS_ERR_SERVER_STATE' };
    await using unstarted = new Server({ config: { sockets: ['/none'], users: [] } });
    await expect(unstarted.reload()).rejects.toMatchObject(state);
    const stopped = server.server.stop();
    await expect(server.server.reload()).rejects.toMatchObject(state);
    await stopped;
    await expect(server.server.reload()).rejects.toMatchObject(state);
    await server[Symbol.asyncDispose]();
  });
});

describe('a reload', () => {
  it('names what needs a restart, and takes over the rest', async () => {
    const log = new TestLog();
    await using server = await startLogged(log);
    const more = `<appname>Other</appname><socket>b.sock</socket><socketchmod>0777</socketchmod>
      <socketcommands>touch ${server.directory}/ran</socketcommands>
      <persistancefile>p</persistancefile><master><ip>127.0.0.1</ip><port>1</port></master>
      <websocket port="0"/>`;
    for (let round = 0; round < 2; round++) {
      const needsRestart = [
        ...['appname', 'socket', 'socketchmod', 'socketcommands', 'persistancefile', 'master'],
        'websocket',
      ];
      const result = await reload(server, `${more}${user('new', String(round))}`);
      expect(result.changed).toEqual(['user']);
      expect(new Set(result.needsRestart)).toEqual(new Set(needsRestart));
      const entry = await log.next(/needs a restart/u);
      expect(new Set(entry['needsRestart'] as string[])).toEqual(new Set(needsRestart));
      expect(await (await RawClient.login(server, 'new', String(round))).fence()).toEqual([]);
    }
    expect(server.server.address).toHaveLength(2);
    expect(await reload(server, '')).toEqual({ changed: ['user'], needsRestart: [] });
  });

  it('sets the log level, and sets it back when the file names none', async () => {
    const log = new TestLog();
    await using server = await startLogged(log, '<loglevel>warn</loglevel>');
    expect(log.logger.level).toBe('warn');
    await reload(server, '<loglevel>trace</loglevel>');
    expect(log.logger.level).toBe('trace');
    await reload(server, '');
    expect(log.logger.level).toBe('debug');
    log.logger.level = 'error';
    await server.server.reload();
    expect(log.logger.level).toBe('error');
  });

  it('of a server that was made from an object takes a new object, and reads files anew', async () => {
    await using server = await TestServer.start();
    const socketPath = path.join(server.directory, 'own.sock');
    const file = (name: string): string => path.join(server.directory, name);
    const config = {
      sockets: [socketPath],
      tls: { certFile: file('server.crt'), keyFile: file('server.key') },
      users: [{ username: 'admin', password: 'adminpass' }],
    };
    await using own = new Server({ config, overrides: { logLevel: 'warn' } });
    await own.start();
    const client = await RawClient.loginAt(socketPath);
    expect(
      await own.reload({ ...config, logLevel: 'debug', port: 5, pingTimeoutMs: 100_000 }),
    ).toEqual({ changed: ['pingTimeoutMs'], needsRestart: ['port'] });
    await writeCertificate(server);
    expect(await own.reload()).toEqual({ changed: ['tls'], needsRestart: ['port'] });
    await expect(own.reload({ ...config, users: [] })).rejects.toThrow('users');
    await expect(server.server.reload(config)).rejects.toThrow(TypeError);
    expect(await client.fence()).toEqual([]);
  });

  it('waits for the one before it', async () => {
    await using server = await TestServer.start();
    await server.configure(user('a', '1'));
    const results = await Promise.all([server.server.reload(), server.server.reload()]);
    expect(results.map(({ changed }) => changed)).toEqual([['user'], []]);
    // One that has less to read must not come before.
    const file = (name: string): string => path.join(server.directory, name);
    const config = (password: string) => ({
      sockets: [file('own.sock')],
      users: [{ username: 'admin', password }],
    });
    const tls = { certFile: file('server.crt'), keyFile: file('server.key') };
    await using own = new Server({ config: { ...config('first'), tls } });
    await own.start();
    await Promise.all([own.reload({ ...config('second'), tls }), own.reload(config('third'))]);
    const client = await RawClient.unixAt(file('own.sock'));
    await client.login('admin', 'third');
  });

  it('loses no signal, however often it happens', async () => {
    await using server = await TestServer.start();
    const [sender, receiver] = [await RawClient.tls(server), await RawClient.login(server)];
    await sender.login();
    receiver.send('LISTEN count');
    await receiver.fence();
    let sent = 0;
    for (let round = 0; round < 20; round++) {
      await server.configure(
        `${user('u', String(round))}<maxoutbuffer>${(64 + round) * kib * kib}</maxoutbuffer>
         <maxlinelength>${(round + 1) * kib}</maxlinelength>`,
      );
      await writeCertificate(server);
      const reloaded = server.server.reload();
      let isOver = false;
      void reloaded.finally(() => {
        isOver = true;
      });
      const isUnderWay = (): boolean => !isOver;
      do {
        for (let burst = 0; burst < 100; burst++) sender.send(`SET count=${sent++}`);
        await sender.fence();
      } while (isUnderWay());
      await reloaded;
    }
    await sender.fence();
    expect(sent).toBeGreaterThanOrEqual(2000);
    expect(await receiver.fence()).toEqual(
      Array.from({ length: sent }, (_, number) => `SET count=${number}`),
    );
  });
});

describe('RELOAD', () => {
  it('is answered when it is done, in the order of the lines', async () => {
    await using server = await TestServer.start();
    const client = await RawClient.login(server);
    await server.configure(`${user('new', 'x')}<appname>x</appname>`);
    client.send('RETRIEVE a', 'RELOAD some text', 'RETRIEVE b');
    expect(await client.fence()).toEqual([
      'NOTRETRIEVED a',
      'RELOADED some text (appname)',
      'NOTRETRIEVED b',
    ]);
    expect(await (await RawClient.login(server, 'new', 'x')).fence()).toEqual([]);
    await server.configure('');
    client.send('RELOAD x');
    expect(await client.fence()).toEqual(['RELOADED x']);
  });

  it('that fails says why, in one line', async () => {
    await using server = await TestServer.start();
    const client = await RawClient.login(server);
    await server.configure('<nonsense>1</nonsense>');
    client.send('RELOAD x', 'RETRIEVE a');
    expect(await client.fence()).toEqual([
      expect.stringMatching(/^OVERHEAD E not_reloaded x \(.*server\.xml:6: nonsense: .*\)$/u),
      'NOTRETRIEVED a',
    ]);
  });

  it('needs the permission, and a text', async () => {
    await using server = await TestServer.start({ xml: user('u', 'x', 'read', 'write') });
    const client = await RawClient.login(server, 'u', 'x');
    await server.configure('<nonsense/>');
    client.send('RELOAD x');
    expect(await client.fence()).toEqual(['OVERHEAD E permission_denied']);
    const admin = await RawClient.login(server);
    admin.send('RELOAD');
    expect(await admin.fence()).toEqual(['OVERHEAD E unknown_command RELOAD']);
  });

  it('that removes its own sender, or that a client does not wait for, harms nobody', async () => {
    await using server = await TestServer.start({ xml: user('u', 'x', 'manage') });
    const [client, gone] = [
      await RawClient.login(server, 'u', 'x'),
      await RawClient.login(server, 'u', 'x'),
    ];
    await server.configure('');
    gone.send('RELOAD x');
    gone.destroy();
    client.send('RELOAD x');
    expect(await client.closed()).toEqual(['OVERHEAD E user_removed', 'QUIT']);
    expect(await (await RawClient.login(server)).fence()).toEqual([]);
  });
});

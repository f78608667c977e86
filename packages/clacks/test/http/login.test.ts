import { encodeToken } from '@clacks/protocol';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { RawClient } from '../../../../test/support/raw-client.ts';
import { basic, EventReader, HttpClient, startHttp } from './support.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const credentials = { username: 'admin', password: 'adminpass' };

describe('who is not logged in', () => {
  it.each([
    '/metrics',
    '/api/overview',
    '/api/history',
    '/api/nodes',
    '/api/names',
    '/api/connections',
    '/api/logs',
    '/api/console',
    '/api/stream?topics=overview',
    '/api/cache/children',
    '/api/cache/search?q=a',
    '/api/cache/value?name=a',
  ])('gets nothing from %s', async (path) => {
    await using server = await startHttp();
    const reply = await new HttpClient(server).request(path);
    expect(reply.status).toBe(401);
    expect(JSON.parse(reply.text)).toMatchObject({ error: 'not_logged_in' });
  });

  it('learns that the node is alive and ready, and no more', async () => {
    await using server = await startHttp();
    const client = new HttpClient(server);
    expect((await client.request('/healthz')).text).toBe('{"status":"ok"}');
    expect((await client.request('/readyz')).text).toBe('{"status":"ready"}');
  });
});

describe('a login', () => {
  it('is kept in a cookie that scripts and other sites do not get', async () => {
    await using server = await startHttp();
    const client = new HttpClient(server);
    const reply = await client.change('POST', '/api/login', credentials);
    expect(JSON.parse(reply.text)).toEqual({
      username: 'admin',
      read: true,
      write: true,
      manage: true,
    });
    const [cookie = ''] = reply.headers['set-cookie'] ?? [];
    expect(cookie).toMatch(
      /^clacks-\d+=[\w-]{12}\.[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/u,
    );
    expect(reply.text).not.toContain(cookie.split('=')[1]?.slice(0, 56));
    expect(await client.get('/api/session')).toMatchObject({ username: 'admin' });
  });

  it('over TLS is in a cookie for TLS only', async () => {
    await using server = await startHttp('', {}, '<http><port>0</port><tls>1</tls></http>');
    const client = new HttpClient(server);
    expect(client.base).toMatch(/^https:/u);
    const reply = await client.change('POST', '/api/login', credentials);
    expect(reply.headers['set-cookie']?.[0]).toMatch(
      /^__Host-clacks-\d+=[\w-]{12}\.[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Strict$/u,
    );
    expect(await client.get('/api/session')).toMatchObject({ username: 'admin' });
  });

  it('with a wrong password is refused, counted and logged like any other', async () => {
    await using server = await startHttp();
    const client = new HttpClient(server);
    const body = { ...credentials, password: 'wrong' };
    const reply = await client.change('POST', '/api/login', body);
    expect(reply.status).toBe(401);
    expect(JSON.parse(reply.text)).toMatchObject({ error: 'login_failed' });
    expect(reply.headers['set-cookie']).toBeUndefined();
    expect(server.server.statistics?.logins).toEqual({ succeeded: 0, failed: 1 });
  });

  it('of somebody who may neither read nor manage is refused', async () => {
    await using server = await startHttp();
    const body = { username: 'writer', password: 'writerpass' };
    const reply = await new HttpClient(server).change('POST', '/api/login', body);
    expect(reply.status).toBe(403);
    expect(reply.headers['set-cookie']).toBeUndefined();
  });

  it('is slowed down where those of the protocol have failed: they are checked one by one', async () => {
    const checks: (() => void)[] = [];
    const authenticate = (_: string, password: string) =>
      password === 'wrong'
        ? undefined
        : new Promise<undefined>((resolve) => {
            checks.push(() => {
              resolve(undefined);
            });
          });
    await using server = await startHttp('', { authenticate });
    for (let failures = 0; failures < 12; failures++) {
      const client = await RawClient.tls(server);
      client.send(`OVERHEAD A ${encodeToken({ username: `u${failures}`, password: 'wrong' })}`);
      await client.closed();
    }
    const client = new HttpClient(server);
    const replies = ['a', 'b'].map((username) =>
      client.change('POST', '/api/login', { username, password: 'later' }),
    );
    while (checks.length === 0) await client.request('/healthz');
    // The other one has come as well by now.
    await client.request('/healthz');
    expect(checks).toHaveLength(1);
    checks[0]?.();
    while (checks.length === 1) await client.request('/healthz');
    checks[1]?.();
    expect((await Promise.all(replies)).map(({ status }) => status)).toEqual([401, 401]);
  });

  it('that is not checked in time is given up, whatever garbage was collected meanwhile', async () => {
    let asked = (): void => undefined;
    const isAsked = new Promise<void>((resolve) => {
      asked = resolve;
    });
    const authenticate = () => {
      asked();
      return new Promise<undefined>(() => undefined);
    };
    await using server = await startHttp('<authtimeout>1</authtimeout>', { authenticate });
    const reply = new HttpClient(server).change('POST', '/api/login', credentials);
    await isAsked;
    // What was made in this turn of the event loop is kept until its end.
    await new HttpClient(server).request('/healthz');
    collectGarbage();
    const { status, text } = await reply;
    expect(status).toBe(503);
    expect(JSON.parse(text)).toMatchObject({ error: 'login_unavailable' });
  });

  it('ends with a logout, and its cookie is worth nothing then', async () => {
    await using server = await startHttp();
    const client = await HttpClient.login(server);
    const { cookie } = client;
    expect((await client.change('POST', '/api/logout')).status).toBe(204);
    client.cookie = cookie;
    expect(await client.get('/api/session')).toEqual({ username: null, isForgotten: false });
  });

  it('ends when somebody disconnects it', async () => {
    await using server = await startHttp();
    const client = await HttpClient.login(server);
    const manager = await RawClient.login(server);
    manager.send('CLIENTLIST');
    await manager.waitFor((line) => line === 'CLIENTLISTEND');
    const listed = manager.take().find((line) => line.includes('CLIENTINFO=clacks http;')) ?? '';
    const [, cid = ''] = /CID=([^;]+);/u.exec(listed) ?? [];
    expect(cid).toMatch(/^127\.0\.0\.1:http:\d+$/u);
    manager.send(`CLIENTDISCONNECT ${cid}`);
    await manager.fence();
    expect(await client.get('/api/session')).toEqual({ username: null, isForgotten: false });
  });

  it('ends when its user is removed by a reload, and has the permissions of today', async () => {
    await using server = await startHttp();
    const [admin, reader] = [
      await HttpClient.login(server),
      await HttpClient.login(server, 'reader'),
    ];
    await server.configure(`<http><port>0</port></http>
      <user><username>cook</username><password>cookpass</password><read>1</read></user>`);
    await server.server.reload();
    expect(await reader.get('/api/session')).toMatchObject({ username: null });
    expect((await admin.request('/api/session')).status).toBe(200);
  });

  it('ends with its streams when a reload gives its user another password, and no other does', async () => {
    await using server = await startHttp();
    const [admin, reader] = [
      await HttpClient.login(server),
      await HttpClient.login(server, 'reader'),
    ];
    const path = '/api/stream?topics=overview';
    const [byCookie, byHeader] = [
      new EventReader(await reader.open(path, { headers: { cookie: reader.cookie ?? '' } })),
      new EventReader(await reader.open(path, { headers: basic('reader') })),
    ];
    await server.configure(`<http><port>0</port></http>
      <user><username>reader</username><password>another</password><read>1</read></user>`);
    await server.server.reload();
    expect(await reader.get('/api/session')).toMatchObject({ username: null });
    expect(await byCookie.next('nothing')).toBeUndefined();
    expect(await byHeader.next('nothing')).toBeUndefined();
    expect((await admin.request('/api/session')).status).toBe(200);
    expect(server.server.statistics?.connections.closed.login_changed).toBe(2);
    expect((await HttpClient.login(server, 'reader', 'another')).cookie).toBeDefined();
  });

  it('may do at once what its user may do after a reload, and its streams tell no more', async () => {
    await using server = await startHttp();
    const keeper = await HttpClient.login(server, 'keeper');
    const open = async (query: string) => {
      const headers = { cookie: keeper.cookie ?? '' };
      return new EventReader(await keeper.open(`/api/stream?${query}`, { headers }));
    };
    const [logs, names] = [await open('topics=logs'), await open('name=n')];
    await names.next('listening');
    await server.configure(`<http><port>0</port></http>
      <user><username>keeper</username><password>keeperpass</password><read>1</read></user>`);
    await server.server.reload();
    expect(await logs.next('nothing')).toBeUndefined();
    expect((await keeper.request('/api/logs')).status).toBe(403);
    const raw = await RawClient.login(server);
    raw.send('NOTIFY n');
    await raw.fence();
    expect(await names.next('signals')).toMatchObject({ seen: 1 });
    names.close();
  });

  it.each([
    ['no JSON', '{"username":"admin","password":"hushhush', 400],
    ['a missing key', '{"username":"admin"}', 400],
    ['a strange key', '{"username":"admin","password":"x","more":1}', 400],
    ['a list', '[]', 400],
    ['too much', JSON.stringify({ username: 'admin', password: 'x'.repeat(9000) }), 413],
  ])('with %s is refused, and nothing of it is repeated', async (_, content, status) => {
    await using server = await startHttp();
    const headers = {
      'content-type': 'application/json',
      'content-length': String(content.length),
      'x-clacks': '1',
    };
    const response = await new HttpClient(server).open(
      '/api/login',
      { method: 'POST', headers },
      content,
    );
    const text = (await response.toArray()).join('');
    expect(response.statusCode).toBe(status);
    expect(text).not.toContain('hushhush');
  });
});

describe('credentials with each request', () => {
  it('are enough for metrics, and open no session for a browser', async () => {
    await using server = await startHttp();
    const client = new HttpClient(server);
    const reply = await client.request('/metrics', { headers: basic('reader') });
    expect(reply.status).toBe(200);
    expect(reply.headers['set-cookie']).toBeUndefined();
    // Many scrapes are one login.
    await client.request('/metrics', { headers: basic('reader') });
    expect(server.server.statistics?.logins.succeeded).toBe(1);
    const wrong = await client.request('/metrics', { headers: basic('reader', 'wrong') });
    expect(wrong.status).toBe(401);
    // A browser must not ask for them, and then send them to whoever asks it to.
    expect(wrong.headers['www-authenticate']).toBeUndefined();
  });

  it('are worth nothing any more after a reload with another password', async () => {
    await using server = await startHttp();
    const client = new HttpClient(server);
    const headers = basic('reader');
    expect((await client.request('/metrics', { headers })).status).toBe(200);
    await server.configure(`<http><port>0</port></http>
      <user><username>reader</username><password>another</password><read>1</read></user>`);
    await server.server.reload();
    expect((await client.request('/metrics', { headers })).status).toBe(401);
  });

  it('that are none are refused', async () => {
    await using server = await startHttp();
    const client = new HttpClient(server);
    for (const authorization of ['Bearer abc', 'Basic', 'Basic YWRtaW4=', '']) {
      const reply = await client.request('/metrics', { headers: { authorization } });
      expect(reply.status).toBe(401);
    }
  });
});

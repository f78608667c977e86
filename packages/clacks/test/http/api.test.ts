import { describe, expect, it } from 'vitest';
import type {
  ApiCacheChildren,
  ApiCacheSearch,
  ApiConnection,
  ApiConsoleOutput,
  ApiLogs,
  ApiNames,
  ApiOverview,
  ApiPage,
} from '../../src/http/api-types.ts';
import { RawClient } from '../../../../test/support/raw-client.ts';
import { HttpClient, startHttp } from './support.ts';

const json = (text: string): unknown => JSON.parse(text);

describe('the overview', () => {
  it('says what the node is and holds', async () => {
    await using server = await startHttp('<appname>House</appname>');
    const sensor = await RawClient.login(server);
    sensor.send('LISTEN a', 'LISTEN b::*', 'STORE x=1');
    await sensor.fence();
    const client = await HttpClient.login(server, 'reader');
    const overview = await client.get<ApiOverview>('/api/overview');
    expect(overview).toMatchObject({
      name: 'House',
      role: 'root',
      isReady: true,
      problems: [],
      connections: { open: 2, byTransport: { tls: 0, unix: 1, http: 1 } },
      links: 0,
      listens: 2,
      cache: { entries: 1 },
    });
    expect(overview.version).toMatch(/^\d+\.\d+\.\d+/u);
    expect(overview.nodeId).not.toBe('');
    expect(overview.uptimeMs).toBeGreaterThanOrEqual(0);
    expect(await client.get('/api/nodes')).toEqual({
      self: { name: 'House', version: overview.version, nodeId: overview.nodeId, role: 'root' },
      above: [],
      links: [],
    });
  });
});

describe('connections', () => {
  const list = (client: HttpClient, query = ''): Promise<ApiPage<ApiConnection>> =>
    client.get<ApiPage<ApiConnection>>(`/api/connections?${query}`);

  it('are listed with what went through them, filtered, sorted and in parts', async () => {
    await using server = await startHttp();
    const sensor = await RawClient.login(server);
    sensor.send('CLACKS <b>sensor</b>', 'LISTEN a', 'NOTIFY n', 'NOTIFY n', 'NOTIFY n');
    await sensor.fence();
    const display = await RawClient.tls(server);
    await display.login('reader', 'readerpass');
    const client = await HttpClient.login(server);
    const { items, total } = await list(client, 'filter=sensor');
    expect(total).toBe(1);
    expect(items[0]).toMatchObject({
      name: '<b>sensor</b>',
      username: 'admin',
      transport: 'unix',
      address: 'unixdomainsocket',
      state: 'ready',
      isLink: false,
      isMonitor: false,
      listens: 1,
      // Its name, the login, its name again, LISTEN, three signals that came together, FLUSH.
      linesReceived: 8,
      // The greeting (2), the welcome, FLUSHED.
      linesSent: 4,
    });
    const received = items[0]?.bytesReceived ?? 0;
    expect(received).toBe(sensor.socket.bytesWritten);
    expect(items[0]?.bytesSent).toBe(sensor.socket.bytesRead);
    const all = await list(client, 'sort=listens&order=desc');
    expect(all.total).toBe(3);
    expect(all.items[0]?.name).toBe('<b>sensor</b>');
    const part = await list(client, 'sort=listens&order=desc&offset=1&limit=1');
    expect(part).toMatchObject({ total: 3, offset: 1 });
    expect(part.items.map(({ id }) => id)).toEqual([all.items[1]?.id]);
  });

  it('are for who may manage only, and so is closing them', async () => {
    await using server = await startHttp();
    const client = await HttpClient.login(server, 'reader');
    expect((await client.request('/api/connections')).status).toBe(403);
    expect((await client.change('DELETE', '/api/connections?id=x')).status).toBe(403);
  });

  it('can be closed', async () => {
    await using server = await startHttp();
    const sensor = await RawClient.login(server);
    const client = await HttpClient.login(server, 'keeper');
    const { items } = await list(client, 'filter=unixdomainsocket');
    const id = encodeURIComponent(items[0]?.id ?? '');
    expect((await client.change('DELETE', `/api/connections?id=${id}`)).status).toBe(204);
    expect(await sensor.closed()).toEqual(['QUIT']);
    // Its socket is gone a moment later.
    const closed = () => server.server.statistics?.connections.closed.disconnected_by_manager;
    while (closed() === 0) await client.request('/healthz');
    expect(closed()).toBe(1);
    expect((await client.change('DELETE', `/api/connections?id=${id}`)).status).toBe(404);
    const twoLines = encodeURIComponent('x\r\nCLEARCACHE');
    expect((await client.change('DELETE', `/api/connections?id=${twoLines}`)).status).toBe(400);
  });
});

describe('the cache', () => {
  const fill = async (client: RawClient, ...names: string[]): Promise<void> => {
    client.send(...names.map((name) => `STORE ${name}=${name.length}`));
    await client.fence();
  };
  const children = (client: HttpClient, query: string): Promise<ApiCacheChildren> =>
    client.get<ApiCacheChildren>(`/api/cache/children?${query}`);

  it('is shown by its levels, in parts', async () => {
    await using server = await startHttp();
    const raw = await RawClient.login(server);
    await fill(raw, 'a', 'a::b', 'a::b::c', 'a::d', 'a-x', 'b::', 'b::::', 'z');
    const client = await HttpClient.login(server, 'reader');
    expect(await children(client, '')).toEqual({
      prefix: '',
      count: 8,
      items: [
        { kind: 'value', name: 'a', label: 'a' },
        { kind: 'value', name: 'a-x', label: 'a-x' },
        { kind: 'group', prefix: 'a::', label: 'a', count: 3 },
        { kind: 'group', prefix: 'b::', label: 'b', count: 2 },
        { kind: 'value', name: 'z', label: 'z' },
      ],
    });
    const first = await children(client, 'prefix=a::&limit=2');
    expect(first).toMatchObject({
      count: 3,
      items: [
        { kind: 'value', name: 'a::b', label: 'b' },
        { kind: 'group', prefix: 'a::b::', label: 'b', count: 1 },
      ],
    });
    const rest = await children(client, `prefix=a::&after=${encodeURIComponent(first.next ?? '')}`);
    expect(rest.items).toEqual([{ kind: 'value', name: 'a::d', label: 'd' }]);
    expect(rest.next).toBeUndefined();
    expect((await children(client, 'prefix=b::')).items).toEqual([
      { kind: 'value', name: 'b::', label: '' },
      { kind: 'group', prefix: 'b::::', label: '', count: 1 },
    ]);
    expect((await client.request('/api/cache/children?prefix=a')).status).toBe(400);
    expect((await client.request('/api/cache/children?after=%00')).status).toBe(400);
  });

  it('is searched', async () => {
    await using server = await startHttp();
    const raw = await RawClient.login(server);
    await fill(raw, 'Kitchen::Temperature', 'Garden::Temperature', 'Garden::Light');
    const client = await HttpClient.login(server, 'reader');
    const found = await client.get<ApiCacheSearch>('/api/cache/search?q=temper&limit=1');
    expect(found.items).toEqual(['Garden::Temperature']);
    const after = encodeURIComponent(found.next ?? '');
    expect(await client.get(`/api/cache/search?q=temper&after=${after}`)).toEqual({
      items: ['Kitchen::Temperature'],
    });
  });

  it('shows to who may read some names those alone, and counts those alone', async () => {
    await using server = await startHttp();
    const raw = await RawClient.login(server);
    await fill(raw, 'Kitchen::a', 'Kitchen::b', 'Garden::a', 'x');
    const client = await HttpClient.login(server, 'cook');
    expect(await children(client, '')).toEqual({
      prefix: '',
      count: 2,
      items: [{ kind: 'group', prefix: 'Kitchen::', label: 'Kitchen', count: 2 }],
    });
    expect(await client.get('/api/cache/search?q=a')).toEqual({ items: ['Kitchen::a'] });
    expect(await client.get('/api/cache/value?name=Kitchen::a')).toMatchObject({ value: '10' });
    // Whether it is there is not told either.
    for (const name of ['Garden::a', 'Garden::nothing']) {
      expect((await client.request(`/api/cache/value?name=${name}`)).status).toBe(403);
    }
  });

  it('shows values as they are: text, bytes, counters, and long ones in part', async () => {
    await using server = await startHttp();
    const raw = await RawClient.login(server);
    const long = 'x'.repeat(1024 * 1024 + 5);
    raw.sendRaw('STORE text=gr\xc3\xbcn\r\nSTORE bytes=\xff\xfe\r\n');
    raw.send('INCREMENT counter=5', `STORE long=${long}`);
    await raw.fence();
    const client = await HttpClient.login(server, 'reader');
    const value = (name: string) => client.get<Record<string, unknown>>(`/api/cache/value?name=${name}`);
    expect(await value('text')).toMatchObject({ encoding: 'text', value: 'grün', bytes: 5 });
    expect(await value('bytes')).toMatchObject({ encoding: 'base64', value: '//4=', bytes: 2 });
    expect(await value('counter')).toMatchObject({ value: '5', isCounter: true });
    const { value: part, ...shown } = await value('long');
    expect(shown).toMatchObject({ bytes: long.length, isTruncated: true, isCounter: false });
    expect(Buffer.from(part as string, 'base64').length).toBe(1024 * 1024);
    const { writtenAtMs } = await value('text');
    expect(Math.abs(Number(writtenAtMs) - Date.now())).toBeLessThan(60_000);
  });

  it('is changed as by a client: others see it at once, and what is listed is fresh', async () => {
    await using server = await startHttp('<persistancefile>cache</persistancefile>');
    const raw = await RawClient.login(server);
    const client = await HttpClient.login(server, 'keeper');
    expect((await children(client, '')).count).toBe(0);
    const body = { name: 'Kitchen::Target', value: 'grün = 22' };
    const written = await client.change('PUT', '/api/cache/value', body);
    expect(json(written.text)).toEqual({ isKept: true });
    expect((await children(client, '')).count).toBe(1);
    raw.send('RETRIEVE Kitchen::Target');
    expect(await raw.fence()).toEqual(['RETRIEVED Kitchen::Target=gr\xc3\xbcn = 22']);
    const bytes = { name: 'Kitchen::Image', value: 'AA0K', encoding: 'base64' };
    expect((await client.change('PUT', '/api/cache/value', bytes)).status).toBe(200);
    raw.send('RETRIEVE Kitchen::Image');
    expect(await raw.fence()).toEqual(['RETRIEVED Kitchen::Image=PAGECAMELCLACKSB64:AA0K']);
    const removed = await client.change('DELETE', '/api/cache/value?name=Kitchen::Target');
    expect(json(removed.text)).toEqual({ isKept: true });
    raw.send('RETRIEVE Kitchen::Target');
    expect(await raw.fence()).toEqual(['NOTRETRIEVED Kitchen::Target']);
  });

  it.each([
    ['reader', 'Kitchen::a', 403],
    ['keeper', 'Garden::a', 403],
    ['keeper', 'Kitchen::a b', 400],
    ['keeper', 'Kitchen::a=b', 400],
    ['keeper', 'Kitchen::a\r\nCLEARCACHE', 400],
    ['keeper', '', 400],
  ])('is not changed by %s where it may not: %j', async (username, name, status) => {
    await using server = await startHttp();
    const raw = await RawClient.login(server);
    await fill(raw, 'Kitchen::a', 'Garden::a');
    const client = await HttpClient.login(server, username);
    const put = await client.change('PUT', '/api/cache/value', { name, value: '99' });
    const path = `/api/cache/value?name=${encodeURIComponent(name)}`;
    const remove = await client.change('DELETE', path);
    expect([put.status, remove.status]).toEqual([status, status]);
    raw.send('RETRIEVE Kitchen::a', 'RETRIEVE Garden::a');
    expect(await raw.fence()).toEqual(['RETRIEVED Kitchen::a=10', 'RETRIEVED Garden::a=9']);
  });

  it.each([
    { value: 'two\r\nCLEARCACHE' },
    { value: 'no base64', encoding: 'base64' },
    { value: 5 },
    { value: 'x', encoding: 'hex' },
  ])('takes no value such as %j', async (more) => {
    await using server = await startHttp();
    const client = await HttpClient.login(server);
    const reply = await client.change('PUT', '/api/cache/value', { name: 'a', ...more });
    expect(reply.status).toBe(400);
    expect((await children(client, '')).count).toBe(0);
  });
});

describe('the console', () => {
  const say = async (client: HttpClient, ...lines: string[]): Promise<ApiConsoleOutput> =>
    json((await client.change('POST', '/api/console', { lines })).text) as ApiConsoleOutput;

  it('sends lines as the user, and shows what comes back, later as well', async () => {
    await using server = await startHttp();
    const raw = await RawClient.login(server);
    const client = await HttpClient.login(server, 'keeper');
    expect(await say(client, 'STORE Kitchen::a=1', 'RETRIEVE Kitchen::a', 'STORE x=1', 'Hm')).toEqual({
      lines: [
        'RETRIEVED Kitchen::a=1',
        'OVERHEAD E permission_denied',
        'OVERHEAD E unknown_command Hm',
      ],
      leftOut: 0,
      isClosed: false,
    });
    await say(client, 'LISTEN news');
    raw.send('SET news=gr\xc3\xbcn');
    await raw.fence();
    expect(await client.get('/api/console')).toMatchObject({ lines: ['SET news=grün'] });
    expect(await client.get('/api/console')).toMatchObject({ lines: [] });
  });

  it('opens another connection after the end of one', async () => {
    await using server = await startHttp();
    const client = await HttpClient.login(server);
    expect(await say(client, 'QUIT')).toMatchObject({ isClosed: true });
    expect(await say(client, 'RETRIEVE a')).toMatchObject({ lines: ['NOTRETRIEVED a'] });
  });

  it('leaves out what is too much', async () => {
    await using server = await startHttp();
    const raw = await RawClient.login(server);
    raw.send(...Array.from({ length: 3000 }, (_, index) => `STORE n${index}=1`));
    await raw.fence();
    const client = await HttpClient.login(server);
    const { lines, leftOut } = await say(client, 'KEYLIST');
    expect([lines.length, leftOut]).toEqual([2000, 1002]);
  });

  it('is for who may manage only, and takes lines only', async () => {
    await using server = await startHttp();
    const reader = await HttpClient.login(server, 'reader');
    const body = { lines: ['KEYLIST'] };
    expect((await reader.change('POST', '/api/console', body)).status).toBe(403);
    const client = await HttpClient.login(server);
    for (const lines of [[], [''], ['a\nb'], 'KEYLIST', [1]]) {
      expect((await client.change('POST', '/api/console', { lines })).status).toBe(400);
    }
  });

  it('is each its own: a link it never becomes', async () => {
    await using server = await startHttp();
    const client = await HttpClient.login(server);
    expect(await say(client, 'CLACKS clacks-ts 1 in interclacks client mode', 'OVERHEAD I 1')).toMatchObject({
      lines: ['OVERHEAD E permission_denied'],
    });
    expect(await client.get('/api/nodes')).toMatchObject({ links: [] });
  });
});

describe('names', () => {
  it('are told with how often signals were sent for them, and who listens', async () => {
    await using server = await startHttp();
    const raw = await RawClient.login(server);
    const listener = await RawClient.login(server);
    listener.send('LISTEN Kitchen::*', 'LISTEN Garden::a');
    await listener.fence();
    const [client, cook] = [await HttpClient.login(server), await HttpClient.login(server, 'cook')];
    expect((await client.get<ApiNames>('/api/names')).items).toEqual([]);
    raw.send('SET Kitchen::a=1', 'SET Kitchen::a=22', 'NOTIFY Garden::a', 'SETANDSTORE x=1');
    await raw.fence();
    const { items } = await client.get<ApiNames>('/api/names');
    const told = Object.fromEntries(items.map((item) => [item.name, item]));
    expect(Object.keys(told).toSorted()).toEqual(['Garden::a', 'Kitchen::a', 'x']);
    expect(items[0]?.name).toBe('Kitchen::a');
    expect(told['Kitchen::a']?.signalsPerS).toBeCloseTo(2 * (told['x']?.signalsPerS ?? 0));
    expect(items.map(({ listeners }) => listeners).toSorted()).toEqual([0, 1, 1]);
    const some = await cook.get<ApiNames>('/api/names');
    expect(some.items.map(({ name }) => name)).toEqual(['Kitchen::a']);
  });
});

describe('the log', () => {
  it('is shown to who may manage, the newest last', async () => {
    await using server = await startHttp();
    const raw = await RawClient.login(server);
    raw.send('OVERHEAD E <img src=x>');
    await raw.fence();
    const client = await HttpClient.login(server);
    const { items } = await client.get<ApiLogs>('/api/logs');
    const reported = items.find(({ message }) => message === 'client reports an error');
    expect(reported).toMatchObject({ level: 'warn' });
    expect(json(reported?.details ?? '')).toMatchObject({ text: '<img src=x>' });
    expect((await client.get<ApiLogs>('/api/logs?limit=1')).items).toEqual([items.at(-1)]);
    const reader = await HttpClient.login(server, 'reader');
    expect((await reader.request('/api/logs')).status).toBe(403);
  });
});

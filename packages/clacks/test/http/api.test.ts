import { describe, expect, it } from 'vitest';
import type {
  ApiConnection,
  ApiConnectionNames,
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
      sinceStart: { slowConsumersCut: 0, loginsFailed: 0, commandsDenied: 0 },
    });
    await client.change('POST', '/api/login', { username: 'admin', password: 'wrong' });
    const writer = await RawClient.login(server, 'writer', 'writerpass');
    writer.send('LISTEN a', 'RETRIEVE x');
    await writer.fence();
    expect((await client.get<ApiOverview>('/api/overview')).sinceStart).toEqual({
      slowConsumersCut: 0,
      loginsFailed: 1,
      commandsDenied: 2,
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
    expect(received).toBe(sensor.bytes.sent);
    expect(items[0]?.bytesSent).toBe(sensor.bytes.received);
    const all = await list(client, 'sort=listens&order=desc');
    expect(all.total).toBe(3);
    expect(all.items[0]?.name).toBe('<b>sensor</b>');
    const part = await list(client, 'sort=listens&order=desc&offset=1&limit=1');
    expect(part).toMatchObject({ total: 3, offset: 1 });
    expect(part.items.map(({ id }) => id)).toEqual([all.items[1]?.id]);
  });

  it('are told with what each listens to, in byte order and in parts', async () => {
    await using server = await startHttp(
      `<user username="picky" password="pickypass" readnames="b::** a" manage="1"/>`,
    );
    const listener = await RawClient.login(server);
    const names = ['b::c', 'b', 'a', 'b::*', 'B', 'gr\xc3\xbcn', '**', 'a::b'];
    listener.send('CLACKS listener', ...names.map((name) => `LISTEN ${name}`));
    await listener.fence();
    const client = await HttpClient.login(server);
    const { items } = await list(client, 'filter=listener');
    const path = `/api/connections/names?id=${encodeURIComponent(items[0]?.id ?? '')}`;
    const sorted = ['**', 'B', 'a', 'a::b', 'b', 'b::*', 'b::c', 'grün'];
    expect(await client.get(path)).toEqual({ items: sorted });
    const seen: string[] = [];
    let next: string | undefined = '';
    while (next !== undefined) {
      const after: string = next === '' ? '' : `&after=${encodeURIComponent(next)}`;
      const part: ApiConnectionNames = await client.get(`${path}&limit=3${after}`);
      expect(part.items.length).toBeLessThanOrEqual(3);
      seen.push(...part.items);
      ({ next } = part);
    }
    expect(seen).toEqual(sorted);
    // As MONITOR has it: of others it is to know nothing.
    const picky = await HttpClient.login(server, 'picky');
    expect(await picky.get(path)).toEqual({ items: ['a', 'b::*', 'b::c'] });
    expect((await client.request('/api/connections/names?id=none')).status).toBe(404);
    expect((await client.request(`${path}&after=%00`)).status).toBe(400);
    const reader = await HttpClient.login(server, 'reader');
    expect((await reader.request(path)).status).toBe(403);
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

describe('the console', () => {
  const say = async (client: HttpClient, ...lines: string[]): Promise<ApiConsoleOutput> =>
    json((await client.change('POST', '/api/console', { lines })).text) as ApiConsoleOutput;

  it('sends lines as the user, and shows what comes back, later as well', async () => {
    await using server = await startHttp();
    const raw = await RawClient.login(server);
    const client = await HttpClient.login(server, 'keeper');
    expect(
      await say(client, 'STORE Kitchen::a=1', 'RETRIEVE Kitchen::a', 'STORE x=1', 'Hm'),
    ).toEqual({
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
    expect(
      await say(client, 'CLACKS clacks-ts 1 in interclacks client mode', 'OVERHEAD I 1'),
    ).toMatchObject({
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

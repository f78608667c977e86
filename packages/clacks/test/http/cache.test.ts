import { describe, expect, it } from 'vitest';
import type { ApiCacheChildren, ApiCacheSearch } from '../../src/http/api-types.ts';
import { RawClient } from '../../../../test/support/raw-client.ts';
import { HttpClient, startHttp } from './support.ts';

const json = (text: string): unknown => JSON.parse(text);

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

  it('shows many names in byte order, each once, while others come and go', async () => {
    await using server = await startHttp();
    const raw = await RawClient.login(server);
    // Far from each other in the order, so that no part of them is sorted already.
    const names = Array.from({ length: 20_000 }, (_, index) => `n${(index * 7919) % 20_000}`);
    await fill(raw, ...names);
    const client = await HttpClient.login(server, 'reader');
    raw.send('REMOVE n5', 'STORE n5=1', 'REMOVE n6', 'STORE o=1');
    const seen: string[] = [];
    let next: string | undefined = '';
    while (next !== undefined) {
      const part: ApiCacheChildren = await children(
        client,
        `limit=1000${next === '' ? '' : `&after=${encodeURIComponent(next)}`}`,
      );
      seen.push(...part.items.map(({ label }) => label));
      ({ next } = part);
    }
    await raw.fence();
    const settled = (list: readonly string[]): string[] =>
      list.filter((name) => !['n5', 'n6', 'o'].includes(name));
    expect(settled(seen)).toEqual(settled(names.toSorted()));
    expect(new Set(seen).size).toBe(seen.length);
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

  it('lets others have their turn while it looks which of many names somebody may read', async () => {
    const patterns = Array.from({ length: 200 }, (_, index) => `*::n${index}`).join(' ');
    await using server = await startHttp(
      `<user username="picky" password="pickypass" readnames="${patterns}"/>`,
    );
    const raw = await RawClient.login(server);
    await fill(raw, ...Array.from({ length: 20_000 }, (_, index) => `a::n${index}`));
    // The list of all is there already.
    await children(await HttpClient.login(server, 'reader'), '');
    const client = await HttpClient.login(server, 'picky');
    const request = { isDone: false };
    const listed = children(client, 'prefix=a::').finally(() => {
      request.isDone = true;
    });
    let turns = 0;
    while (!request.isDone) {
      await raw.fence();
      turns++;
    }
    expect((await listed).count).toBe(200);
    expect(turns).toBeGreaterThan(10);
  });

  it('shows values as they are: text, bytes, counters, and long ones in part', async () => {
    await using server = await startHttp();
    const raw = await RawClient.login(server);
    const long = 'x'.repeat(1024 * 1024 + 5);
    raw.sendRaw('STORE text=gr\xc3\xbcn\r\nSTORE bytes=\xff\xfe\r\n');
    raw.send('INCREMENT counter=5', `STORE long=${long}`);
    await raw.fence();
    const client = await HttpClient.login(server, 'reader');
    const value = (name: string) =>
      client.get<Record<string, unknown>>(`/api/cache/value?name=${name}`);
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

it('refuses half a character, in names and values, instead of storing another', async () => {
  await using server = await startHttp();
  const client = await HttpClient.login(server);
  for (const body of [
    { name: 'a\ud800', value: '1' },
    { name: 'a', value: '\udc00b' },
  ]) {
    const reply = await client.change('PUT', '/api/cache/value', body);
    expect(reply.status).toBe(400);
    expect(JSON.parse(reply.text)).toMatchObject({ error: 'bad_request' });
  }
  expect((await client.request('/api/cache/value?name=a')).status).toBe(404);
});

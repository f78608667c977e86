import { expect, it } from 'vitest';
import { RawClient } from '../../../../test/support/raw-client.ts';
import { TestServer } from '../../../../test/support/test-server.ts';
import { basic, HttpClient, startHttp } from './support.ts';

const xml = `<http><port>0</port></http>
  <user><username>scraper</username><password>scraperpass</password>
    <readnames>Nothing::at::all</readnames></user>`;

const scrape = async (server: TestServer): Promise<string[]> => {
  const client = new HttpClient(server);
  const reply = await client.request('/metrics', { headers: basic('scraper') });
  expect(reply.status).toBe(200);
  return reply.text.split('\n');
};

/** The values of metrics, by their names and labels. */
const valuesOf = (lines: readonly string[]): Record<string, number> =>
  Object.fromEntries(
    lines
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => {
        const space = line.lastIndexOf(' ');
        return [line.slice(0, space), Number(line.slice(space + 1))];
      }),
  );

it('tell exactly what came in and went out', async () => {
  await using server = await TestServer.start({ xml });
  const before = valuesOf(await scrape(server));
  const sender = await RawClient.login(server);
  const listeners = [await RawClient.login(server), await RawClient.login(server)];
  for (const listener of listeners) listener.send('LISTEN n', 'LISTEN p::*');
  for (const listener of listeners) await listener.fence();
  sender.send('NOTIFY n', 'NOTIFY n', 'NOTIFY n', 'SET p::a=12', 'SET p::a=345', 'SETANDSTORE n=1');
  sender.send('STORE x=1', 'STORE y=22', 'RETRIEVE x', 'INCREMENT c', 'Strange', 'KEYSYNC x');
  await sender.fence();
  const reader = await RawClient.login(server, 'scraper', 'scraperpass');
  reader.send('STORE x=1', 'RETRIEVE x');
  await reader.fence();
  const after = valuesOf(await scrape(server));
  const grown = (name: string): number => (after[name] ?? NaN) - (before[name] ?? NaN);

  const received = (verb: string): number => grown(`clacks_received_lines_total{verb="${verb}"}`);
  expect(received('NOTIFY')).toBe(3);
  expect(received('SET')).toBe(2);
  expect(received('SETANDSTORE')).toBe(1);
  // One of them is denied.
  expect(received('STORE')).toBe(3);
  expect(received('LISTEN')).toBe(4);
  expect(received('FLUSH')).toBe(4);
  expect(received('OVERHEAD')).toBe(4);
  expect(received('CLACKS')).toBe(4);
  expect(received('UNKNOWN')).toBe(2);
  const bytes = (verb: string): number => grown(`clacks_received_bytes_total{verb="${verb}"}`);
  expect(bytes('NOTIFY')).toBe(3 * 'NOTIFY n\r\n'.length);
  expect(bytes('SET')).toBe('SET p::a=12\r\nSET p::a=345\r\n'.length);
  const sent = (verb: string): number => grown(`clacks_sent_lines_total{verb="${verb}"}`);
  expect(sent('NOTIFY')).toBe(6);
  expect(sent('SET')).toBe(6);
  const sentBytes = (verb: string): number =>
    grown(`clacks_sent_signal_bytes_total{verb="${verb}"}`);
  expect(sentBytes('NOTIFY')).toBe(6 * 'NOTIFY n\r\n'.length);
  expect(sentBytes('SET')).toBe(2 * 'SET p::a=12\r\nSET p::a=345\r\nSET n=1\r\n'.length);
  // Greetings and welcomes (4 times 3), FLUSHED (4), RETRIEVED, unknown (2), denied (2).
  expect(sent('other')).toBe(12 + 4 + 1 + 2 + 2);
  expect(grown('clacks_commands_denied_total')).toBe(2);
  expect(grown('clacks_commands_unknown_total')).toBe(2);

  expect(after).toMatchObject({
    'clacks_connections{transport="unix"}': 4,
    'clacks_connections{transport="tls"}': 0,
    'clacks_connections{transport="http"}': 1,
    'clacks_connections_accepted_total{transport="unix"}': 4,
    clacks_listened_names: 2,
    clacks_listened_patterns: 2,
    clacks_cache_entries: 4,
    clacks_buffered_bytes: 0,
    clacks_store_writable: 1,
    clacks_slow_consumers_cut_total: 0,
    clacks_logins_succeeded_total: 5,
    clacks_logins_failed_total: 0,
    clacks_cache_evicted_total: 0,
    'clacks_connections_closed_total{reason="quit"}': 0,
    'clacks_connections_refused_total{limit="maxConnections"}': 0,
    clacks_tls_handshakes_failed_total: 0,
  });
  expect(after['clacks_cache_bytes']).toBeGreaterThan(4 * 200);
  const clients = [sender, ...listeners, reader];
  const sum = (of: (client: RawClient) => number): number =>
    clients.reduce((total, client) => total + of(client), 0);
  expect(after['clacks_network_received_bytes_total']).toBe(sum(({ bytes }) => bytes.sent));
  expect(after['clacks_network_sent_bytes_total']).toBe(sum(({ bytes }) => bytes.received));
  // Of the process.
  expect(after['process_cpu_seconds_total']).toBeGreaterThan(0);
  expect(after['nodejs_eventloop_lag_p99_seconds']).toBeGreaterThan(0);
});

it('keep what went over connections that are gone', async () => {
  await using server = await TestServer.start({ xml });
  const client = await RawClient.login(server);
  client.send('NOTIFY n', 'QUIT');
  await client.closed();
  const { sent, received } = client.bytes;
  const gone = async (): Promise<Record<string, number>> => {
    const values = valuesOf(await scrape(server));
    return values['clacks_connections{transport="unix"}'] === 0 ? values : gone();
  };
  expect(await gone()).toMatchObject({
    clacks_network_received_bytes_total: sent,
    clacks_network_sent_bytes_total: received,
    'clacks_sent_lines_total{verb="other"}': 3,
    'clacks_connections_closed_total{reason="quit"}': 1,
  });
});

it('tell of failed logins, slow consumers, and how long the store takes', async () => {
  await using server = await TestServer.start({
    xml: `${xml}<maxoutbuffer>100000</maxoutbuffer><maxlinelength>50000</maxlinelength>
      <persistancefile>cache</persistancefile>`,
  });
  const stranger = await RawClient.unix(server);
  stranger.send('OVERHEAD A eA==:eA==');
  await stranger.closed();
  const [slow, sender] = [await RawClient.login(server), await RawClient.login(server)];
  slow.send('LISTEN n');
  await slow.fence();
  slow.socket.pause();
  const line = `SET n=${'x'.repeat(40_000)}`;
  const cut = (): number => server.server.statistics?.connections.closed.output_limit ?? 0;
  while (cut() === 0) {
    sender.send(line);
    await sender.fence();
  }
  sender.send('STORE a=1');
  await sender.fence();
  const values = valuesOf(await scrape(server));
  expect(values).toMatchObject({
    clacks_logins_failed_total: 1,
    clacks_slow_consumers_cut_total: 1,
    clacks_store_commit_duration_seconds_count: 1,
    'clacks_store_commit_duration_seconds_bucket{le="+Inf"}': 1,
  });
  expect(values['clacks_store_commit_duration_seconds_sum']).toBeGreaterThan(0);
});

it('count lines of a linked node, and tell of the link', async () => {
  await using master = await TestServer.start({ xml });
  await using slave = await TestServer.start({
    xml: `${xml}<master><ip>127.0.0.1</ip><port>${master.port}</port></master>`,
  });
  const [above, below] = [await RawClient.login(master), await RawClient.login(slave)];
  below.send('LISTEN n');
  await below.fence();
  const before = valuesOf(await scrape(slave));
  above.send('NOTIFY n', 'NOTIFY n', 'NOTIFY n', 'STORE a=1', 'NOTIFY n');
  let heard = 0;
  while (heard < 4) heard += (await below.fence()).filter((each) => each === 'NOTIFY n').length;
  const after = valuesOf(await scrape(slave));
  const grown = (name: string): number => (after[name] ?? NaN) - (before[name] ?? NaN);
  expect(grown('clacks_received_lines_total{verb="NOTIFY"}')).toBe(4);
  expect(grown('clacks_received_lines_total{verb="KEYSYNC"}')).toBe(1);
  expect(after['clacks_links{direction="master",state="live"}']).toBe(1);
  expect(after['clacks_connections_dialed_total']).toBe(1);
  const lag = after['clacks_link_lag_seconds{direction="master",address="127.0.0.1"}'];
  expect(lag).toBeGreaterThanOrEqual(0);
  const ofMaster = valuesOf(await scrape(master));
  expect(ofMaster['clacks_links{direction="slave",state="live"}']).toBe(1);
  const client = await HttpClient.login(slave);
  expect(await client.get('/api/nodes')).toMatchObject({
    self: { role: 'slave' },
    above: [await HttpClient.login(master).then(nodeIdOf)],
    master: { isLinked: true },
    links: [{ direction: 'master', state: 'live', address: '127.0.0.1' }],
  });
});

const nodeIdOf = async (client: HttpClient): Promise<string> =>
  (await client.get<{ nodeId: string }>('/api/overview')).nodeId;

it('are as Prometheus wants them', async () => {
  await using server = await startHttp();
  const client = await HttpClient.login(server);
  const reply = await client.request('/metrics');
  expect(reply.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
  const types = reply.text.match(/^# TYPE (clacks_\S+) (\S+)$/gmu) ?? [];
  expect(types.length).toBeGreaterThan(25);
  for (const type of types) {
    const [, , name = '', kind] = type.split(' ');
    expect([name, name.endsWith('_total')]).toEqual([name, kind === 'counter']);
    expect(name).toMatch(/^clacks_[a-z_]+$/u);
  }
});

it('do not count the look at the busiest names as somebody who listens', async () => {
  await using server = await TestServer.start({ xml });
  const client = await HttpClient.login(server);
  await client.get('/api/names');
  const before = valuesOf(await scrape(server));
  const [sender, listener] = [await RawClient.login(server), await RawClient.login(server)];
  listener.send('LISTEN n');
  await listener.fence();
  sender.send('NOTIFY n', 'NOTIFY n', 'SET other=1');
  await sender.fence();
  const after = valuesOf(await scrape(server));
  const grown = (name: string): number => (after[name] ?? NaN) - (before[name] ?? NaN);
  expect(grown('clacks_sent_lines_total{verb="NOTIFY"}')).toBe(2);
  expect(grown('clacks_sent_signal_bytes_total{verb="NOTIFY"}')).toBe(2 * 'NOTIFY n\r\n'.length);
  expect(grown('clacks_sent_lines_total{verb="SET"}')).toBe(0);
  expect(after['clacks_listened_patterns']).toBe(0);
});

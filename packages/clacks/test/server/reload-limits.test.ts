import tls from 'node:tls';
import { describe, expect, it } from 'vitest';
import { TestLog } from '../../../../test/support/log.ts';
import { RawClient } from '../../../../test/support/raw-client.ts';
import { TestServer } from '../../../../test/support/test-server.ts';
import { kib, reasonOf, reload, startLogged } from './reload-support.ts';

describe('limits and times after a reload', () => {
  it('that are lower hold for connections that are there', async () => {
    const log = new TestLog();
    await using server = await startLogged(log);
    const [talker, bystander] = [await RawClient.login(server), await RawClient.login(server)];
    talker.send(`SET a=${'x'.repeat(2 * kib)}`);
    expect(await talker.fence()).toEqual([]);
    const result = await reload(server, `<maxlinelength>${kib}</maxlinelength>`);
    expect(result.changed).toEqual(['maxlinelength']);
    talker.send(`SET a=${'x'.repeat(2 * kib)}`);
    expect(await talker.closed()).toEqual([`OVERHEAD E limit_exceeded maxlinelength ${kib} bytes`]);
    expect(await reasonOf(log)).toBe('line_limit');
    expect(await bystander.fence()).toEqual([]);
  });

  it('close who already holds more than maxoutbuffer allows now', async () => {
    const log = new TestLog();
    await using server = await startLogged(log);
    const [slow, publisher] = [await RawClient.login(server), await RawClient.login(server)];
    slow.send('LISTEN a');
    await slow.fence();
    slow.socket.pause();
    for (let number = 0; number < 256; number++) publisher.send(`SET a=${'x'.repeat(64 * kib)}`);
    await publisher.fence();
    await reload(server, `<maxoutbuffer>${64 * kib}</maxoutbuffer>`);
    slow.socket.resume();
    expect(await reasonOf(log)).toBe('output_limit');
    expect(await publisher.fence()).toEqual([]);
  });

  it('let who was held up go on when maxbuffered is higher', async () => {
    await using server = await TestServer.start({ xml: `<maxbuffered>${64 * kib}</maxbuffered>` });
    const [slow, publisher] = [await RawClient.login(server), await RawClient.login(server)];
    slow.send('LISTEN a');
    await slow.fence();
    slow.socket.pause();
    for (let number = 0; number < 256; number++) publisher.send(`SET a=${'x'.repeat(64 * kib)}`);
    const fenced = publisher.fence();
    await reload(server, '');
    // The slow one still takes nothing.
    expect(await fenced).toEqual([]);
    slow.destroy();
  });

  it('of lines a second hold for who is there, up and down', async () => {
    await using server = await TestServer.start({
      xml: '<maxmessagespersecond>2</maxmessagespersecond>',
    });
    const client = await RawClient.login(server);
    client.send(...Array.from({ length: 1000 }, () => 'NOP'));
    const free = '<user username="free" password="x" maxmessagespersecond="0"/>';
    await reload(server, free);
    expect(await client.fence()).toEqual([]);
    await reload(server, `<maxmessagespersecond>5</maxmessagespersecond>${free}`);
    client.send(...Array.from({ length: 9 }, (_, number) => `FLUSH ${number}`));
    await client.waitFor((line) => line === 'FLUSHED 4');
    const other = await RawClient.login(server, 'free', 'x');
    for (let round = 0; round < 20; round++) expect(await other.fence()).toEqual([]);
    expect(client.take()).not.toContain('FLUSHED 8');
    await client.waitFor((line) => line === 'FLUSHED 8');
  });

  it('of names hold for what is asked for from then on', async () => {
    await using server = await TestServer.start();
    const client = await RawClient.login(server);
    client.send('LISTEN a', 'LISTEN b');
    await client.fence();
    await reload(server, '<maxnames>1</maxnames>');
    client.send('LISTEN c');
    expect(await client.fence()).toEqual(['OVERHEAD E limit_exceeded maxnames 1']);
  });

  it('let nobody new in where there are more than allowed, and close nobody', async () => {
    await using server = await TestServer.start();
    const clients = [await RawClient.login(server), await RawClient.login(server)];
    await reload(server, '<maxconnections>2</maxconnections>');
    expect(await (await RawClient.unix(server)).closed()).toEqual([]);
    for (const client of clients) expect(await client.fence()).toEqual([]);
    await reload(server, '<maxconnections>3</maxconnections>');
    expect(await (await RawClient.login(server)).fence()).toEqual([]);
  });

  it('close who has not logged in, or sent no PING, for so long', async () => {
    const log = new TestLog();
    await using server = await startLogged(log);
    const stranger = await RawClient.unix(server);
    await reload(server, '<authtimeout>0.2</authtimeout>');
    expect(await reasonOf(log)).toBe('auth_timeout');
    await stranger.closed();
    const client = await RawClient.login(server);
    await reload(server, '<pingtimeout>0.2</pingtimeout>');
    expect(await client.closed()).toEqual(['TIMEOUT']);
    expect(await reasonOf(log)).toBe('ping_timeout');
  });

  it('hold for TLS handshakes', async () => {
    const log = new TestLog();
    await using server = await startLogged(log);
    await reload(server, '<authtimeout>0.2</authtimeout>');
    const socket = tls.connect({ host: '127.0.0.1', port: server.port, ca: server.ca });
    const raw = new RawClient(socket);
    await raw.closed();
    expect(await reasonOf(log)).toBe('auth_timeout');
  });

  it('forget what the cache may not hold any more, longest unused first', async () => {
    await using server = await TestServer.start();
    const client = await RawClient.login(server);
    client.send('STORE a=1', 'STORE b=1', 'STORE c=1', 'RETRIEVE a');
    await client.fence();
    await reload(server, '<maxcacheentries>2</maxcacheentries>');
    client.send('STORE d=1', 'KEYLIST');
    const keys = (await client.fence()).filter((line) => line.startsWith('KEY '));
    expect(keys).toHaveLength(2);
    expect(keys).toContain('KEY d');
    await reload(server, '');
    client.send('STORE e=1', 'STORE f=1', 'KEYLIST');
    expect((await client.fence()).filter((line) => line.startsWith('KEY '))).toHaveLength(4);
  });

  it('are looked at anew for old entries', async () => {
    await using server = await TestServer.start();
    const [client, monitor] = [await RawClient.login(server), await RawClient.login(server)];
    client.send('STORE a=1');
    await client.fence();
    monitor.send('MONITOR');
    await monitor.fence();
    await reload(
      server,
      '<stalecachetime>0.05</stalecachetime><cachecleaninterval>0.1</cachecleaninterval>',
    );
    await monitor.waitFor((line) => line === 'DEBUG SERVERCACHE=CLEANSTALE=a');
  });
});

import { once } from 'node:events';
import net from 'node:net';
import { describe, expect, it } from 'vitest';
import { RawClient } from '../support/raw-client.ts';
import { TestServer } from '../support/test-server.ts';

describe('limits', () => {
  it('refuses connections beyond the most in all, and takes new ones when others have gone', async () => {
    await using server = await TestServer.start({ xml: '<maxconnections>2</maxconnections>' });
    const [first, second] = [await RawClient.login(server), await RawClient.login(server)];
    const refused = net.connect(server.socketPath);
    refused.on('error', () => undefined);
    refused.resume();
    await once(refused, 'close');
    second.destroy();
    first.send('MONITOR');
    await first.waitFor((line) => line.startsWith('DEBUG DISCONNECTED='));
    const third = await RawClient.login(server);
    expect(await third.fence()).toEqual([]);
  });

  it('refuses connections beyond the most from one host, but not from elsewhere', async () => {
    await using server = await TestServer.start({
      xml: '<maxconnectionsperhost>1</maxconnectionsperhost>',
    });
    const first = await RawClient.tls(server);
    await first.login();
    await expect(RawClient.tls(server)).rejects.toThrow();
    const elsewhere = await RawClient.login(server);
    expect(await elsewhere.fence()).toEqual([]);
    expect(await first.fence()).toEqual([]);
  });

  it('stops reading from publishers while it holds too many unsent bytes, and loses nothing', async () => {
    const mib = 1024 * 1024;
    await using server = await TestServer.start({ xml: `<maxbuffered>${mib}</maxbuffered>` });
    const slow = await RawClient.login(server);
    slow.send('LISTEN flood');
    await slow.fence();
    slow.socket.pause();
    const publisher = await RawClient.login(server);
    const signals = 2000;
    for (let number = 0; number < signals; number++) {
      publisher.send(`SET flood=${number} ${'x'.repeat(8 * 1024)}`);
    }
    const fenced = publisher.fence();
    const bystander = await RawClient.login(server);
    let held = 0;
    while (held <= mib) {
      bystander.send('CLIENTLIST');
      const lengths = (await bystander.fence()).map((line) =>
        /OUTBUFFER_LENGTH=(\d+);/u.exec(line),
      );
      held = Math.max(...lengths.map((match) => Number(match?.[1] ?? 0)));
    }
    expect(held).toBeLessThan(2 * mib);
    expect(publisher.socket.writableLength).toBeGreaterThan(mib);
    slow.socket.resume();
    await fenced;
    const received = await slow.fence();
    expect(received.map((line) => Number(line.slice('SET flood='.length).split(' ')[0]))).toEqual(
      Array.from({ length: signals }, (_, number) => number),
    );
  });

  it('lets who asks for more than it reads wait, and no one else', async () => {
    const mib = 1024 * 1024;
    await using server = await TestServer.start({ xml: `<maxoutbuffer>${mib}</maxoutbuffer>` });
    const greedy = await RawClient.login(server);
    const keys = Array.from({ length: 1000 }, (_, number) => `key${number}${'x'.repeat(50)}`);
    greedy.send(...keys.map((key) => `STORE ${key}=1`));
    await greedy.fence();
    greedy.socket.pause();
    const lists = 500;
    greedy.send(...Array.from({ length: lists }, () => 'KEYLIST'), 'STORE last=1');
    const fenced = greedy.fence();
    const bystander = await RawClient.login(server);
    let held = 0;
    while (held <= mib / 4) {
      bystander.send('CLIENTLIST');
      const [line = ''] = (await bystander.fence()).filter((each) => each.includes('INFO=admin;'));
      held = Number(/OUTBUFFER_LENGTH=(\d+);/u.exec(line)?.[1]);
    }
    bystander.send('RETRIEVE last');
    expect(await bystander.fence()).toEqual(['NOTRETRIEVED last']);
    greedy.socket.resume();
    const ends = (await fenced).filter((line) => line === 'KEYLISTEND');
    expect(ends).toHaveLength(lists);
  });

  it('lets a user that sends more lines a second than it may wait, and no one else', async () => {
    await using server = await TestServer.start({
      xml: `<user username="chatty" password="1" read="1" write="1" maxmessagespersecond="100"/>`,
    });
    const listener = await RawClient.login(server);
    listener.send('LISTEN x', 'LISTEN y');
    await listener.fence();
    const chatty = await RawClient.login(server, 'chatty', '1');
    const lines = 150;
    for (let number = 0; number < lines; number++) chatty.send(`SET x=${number}`);
    const fenced = chatty.fence();
    await listener.waitFor((line) => line === 'SET x=99');
    const before = listener.take().length;
    expect(before).toBeLessThan(lines);
    // Another one is served at once, whatever waits: its lines come before the chatty one's last.
    const other = await RawClient.login(server);
    for (let number = 0; number < 1000; number++) other.send('NOTIFY y');
    await other.fence();
    const meanwhile = await listener.fence();
    expect(meanwhile.filter((line) => line === 'NOTIFY y')).toHaveLength(1000);
    expect(meanwhile).not.toContain(`SET x=${lines - 1}`);
    // And none of what had to wait is lost.
    await fenced;
    const after = await listener.fence();
    const later = [...meanwhile, ...after].filter((line) => line !== 'NOTIFY y');
    expect(later.at(-1)).toBe(`SET x=${lines - 1}`);
    expect(before + later.length).toBe(lines);
  });

  it('closes who has the longest line that does not end when there are too many of them', async () => {
    const mib = 1024 * 1024;
    await using server = await TestServer.start({
      xml: `<maxbuffered>${2 * mib}</maxbuffered><maxlinelength>${2 * mib}</maxlinelength>`,
    });
    const witness = await RawClient.login(server);
    const [one, other] = [await RawClient.login(server), await RawClient.login(server)];
    one.sendRaw(`STORE one=${'x'.repeat(1.2 * mib)}`);
    // What it has sent has to be there before the other one sends.
    let held = 0;
    while (held < mib) {
      witness.send('CLIENTLIST');
      const lines = await witness.fence();
      held = Math.max(
        ...lines.map((line) => Number(/INBUFFER_LENGTH=(\d+)/u.exec(line)?.[1] ?? 0)),
      );
    }
    other.sendRaw(`STORE other=${'x'.repeat(mib)}`);
    expect(await one.closed()).toEqual([
      `OVERHEAD E limit_exceeded maxbuffered ${2 * mib} bytes of input`,
    ]);
    other.sendRaw('\r\nRETRIEVE one\r\n');
    expect(await other.fence()).toEqual(['NOTRETRIEVED one']);
    expect(server.server.statistics?.connections.closed.input_limit).toBe(1);
  });

  it('does nothing more for a connection that it has closed', async () => {
    await using server = await TestServer.start({ xml: '<maxoutbuffer>65536</maxoutbuffer>' });
    const client = await RawClient.login(server);
    client.send(`STORE large=${'x'.repeat(100_000)}`);
    await client.fence();
    client.send('RETRIEVE large', 'STORE later=1');
    expect(await client.closed()).toEqual(['OVERHEAD E limit_exceeded maxoutbuffer 65536 bytes']);
    const bystander = await RawClient.login(server);
    bystander.send('RETRIEVE later');
    expect(await bystander.fence()).toEqual(['NOTRETRIEVED later']);
  });

  it('never makes a line of the part of one that a slow reader was sent', async () => {
    await using server = await TestServer.start({ xml: '<maxoutbuffer>1048576</maxoutbuffer>' });
    const slow = await RawClient.login(server);
    slow.send('LISTEN large');
    await slow.fence();
    slow.socket.pause();
    const publisher = await RawClient.login(server);
    publisher.send(`SET large=${'x'.repeat(900_000)}`, `SET large=${'y'.repeat(900_000)}`);
    await publisher.fence();
    slow.socket.resume();
    expect(await slow.closed()).toEqual([]);
  });
});

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
});

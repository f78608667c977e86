import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Server } from 'clacks';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TestLog } from '../support/log.ts';
import { RawClient } from '../support/raw-client.ts';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'clacks-'));
});

afterEach(async () => {
  await rm(directory, { recursive: true });
});

describe('a loop', () => {
  /** A server that listens on one socket and has its master on another. */
  const newServer = (own: string, master: string) => {
    const log = new TestLog();
    const config = {
      sockets: [path.join(directory, own)],
      users: [{ username: 'admin', password: 'adminpass' }],
      master: { socket: path.join(directory, master) },
    };
    return { log, server: new Server({ config, logger: log.logger }) };
  };

  it.each([2, 3])('of %d masters is refused, and nothing goes round', async (count) => {
    const names = Array.from({ length: count }, (_, index) => `${index}.sock`);
    const ring = names.map((name, index) => newServer(name, names[(index + 1) % count] ?? ''));
    for (const { server } of ring) await server.start();
    await Promise.any(
      ring.map(({ log }) => log.next(/the masters form a loop; remove <master> from one/u)),
    );
    const clients = await Promise.all(
      names.map((name) => RawClient.loginAt(path.join(directory, name))),
    );
    for (const client of clients) {
      client.send('LISTEN x', 'SET x=1', 'STORE y=1');
      await client.fence();
    }
    // What goes round would come again and again.
    for (const client of clients) {
      const lines = (await client.fence()).filter((line) => line === 'SET x=1');
      expect(lines.length).toBeLessThanOrEqual(count);
    }
    await Promise.all(ring.map(({ server }) => server.stop()));
  });

  it('of one is refused as well', async () => {
    const { log, server } = newServer('one.sock', 'one.sock');
    await server.start();
    await log.next(/the masters form a loop/u);
    const client = await RawClient.loginAt(path.join(directory, 'one.sock'));
    expect(await client.fence()).toEqual([]);
    await server.stop();
  });
});

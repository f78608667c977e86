import { writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import net from 'node:net';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { connect } from '@clacks/client';
import { installPostgres, PostgresBridge } from 'clacks/postgres';
import { makeCertificate } from '../support/certificate.ts';
import { TestServer } from '../support/test-server.ts';
import { hasPostgres, TestCluster, TestSession } from './cluster.ts';

/** A way to a server on which the records of TLS that clients send are measured. */
class Way implements AsyncDisposable {
  readonly #server: net.Server;
  readonly #sockets = new Set<net.Socket>();
  /** Bytes of each record of data. */
  readonly records: number[] = [];

  constructor(port: number) {
    this.#server = net.createServer((socket) => {
      const onward = net.connect(port, '127.0.0.1');
      for (const each of [socket, onward]) {
        this.#sockets.add(each);
        // Who closes first does not matter.
        each.on('error', () => undefined);
      }
      onward.pipe(socket);
      let held = Buffer.alloc(0);
      socket.on('data', (chunk) => {
        held = Buffer.concat([held, chunk]);
        while (held.length >= 5 && held.length >= 5 + held.readUInt16BE(3)) {
          const length = held.readUInt16BE(3);
          if (held[0] === 23) this.records.push(length);
          onward.write(held.subarray(0, 5 + length));
          held = held.subarray(5 + length);
        }
      });
    });
  }

  async listen(): Promise<number> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return (this.#server.address() as AddressInfo).port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

describe.skipIf(!hasPostgres)('TLS of the bridge', () => {
  it('sends commands and their mark in one record, as much as goes into one', async () => {
    await using cluster = await TestCluster.start();
    await using server = await TestServer.start();
    await using way = new Way(server.port);
    const port = await way.listen();
    await using clacks = await connect({
      port,
      username: 'admin',
      password: 'adminpass',
      tls: { ca: server.ca, servername: 'localhost' },
    });
    const url = cluster.url();
    await installPostgres(url, { schema: 'public', durable: true });
    await using session = await TestSession.open(url);
    await session.rows(
      `SELECT clacks_store('name::' || n, repeat('x', 100)) FROM generate_series(1, 300) n`,
    );
    way.records.length = 0;
    await using bridge = new PostgresBridge({ pg: url, clacks });
    await bridge.start();
    while ((await session.rows('SELECT FROM clacks_outbox')).length > 0);
    // Each of these lines has less than 125 bytes, and what else is sent has few.
    const large = way.records.filter((length) => length > 500);
    expect(large).toHaveLength(Math.ceil((300 * 125) / (12 * 1024)));
    for (const length of large.slice(0, -1)) expect(length).toBeGreaterThan(12 * 1024 - 1500);
    expect(await clacks.retrieve('name::300')).toBe('x'.repeat(100));
  });

  it('checks the certificate of PostgreSQL, if it is told to use TLS', async () => {
    const certificate = await makeCertificate();
    await using cluster = await TestCluster.start(certificate);
    await using server = await TestServer.start();
    await using clacks = await connect({
      path: server.socketPath,
      username: 'admin',
      password: 'adminpass',
    });
    const ca = path.join(server.directory, 'pg.crt');
    await writeFile(ca, certificate.cert);
    const url = cluster.url().replace('127.0.0.1', 'localhost');
    const full = `${url}?sslmode=verify-full`;
    await expect(installPostgres(full, { schema: 'public' })).rejects.toThrow(/certificate/u);
    const trusting = `${full}&sslrootcert=${ca}`;
    await installPostgres(trusting, { schema: 'public' });
    await using bridge = new PostgresBridge({ pg: trusting, clacks });
    await bridge.start();
    await using session = await TestSession.open(cluster.url());
    const rows = await session.rows(
      `SELECT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE application_name = 'clacks postgres'`,
    );
    expect(rows).toEqual([{ ssl: true }]);
  });
});

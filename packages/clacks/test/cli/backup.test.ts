import { copyFile, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RawClient } from '../../../../test/support/raw-client.ts';
import { TestServer } from '../../../../test/support/test-server.ts';
import { Sandbox, failure } from './sandbox.ts';

const kept = '<persistancefile>cache</persistancefile>';

let sandbox: Sandbox;
const servers: TestServer[] = [];

beforeEach(async () => {
  sandbox = await Sandbox.create();
});
afterEach(async () => {
  await sandbox[Symbol.asyncDispose]();
  for (const server of servers.splice(0)) await server[Symbol.asyncDispose]();
});

const startServer = async (): Promise<TestServer> => {
  const server = await TestServer.start({ xml: kept });
  servers.push(server);
  return server;
};

/** A client that counts up, a value of its own and one that all share, until it is told to stop. */
class Writer {
  readonly written: Promise<void>;
  /** How far it had come when it last heard that all was flushed. */
  flushed = 0;
  readonly #client: RawClient;
  readonly #name: string;
  #isOver = false;

  constructor(client: RawClient, name: string) {
    this.#client = client;
    this.#name = name;
    this.written = this.#write();
  }

  stop(): Promise<void> {
    this.#isOver = true;
    return this.written;
  }

  async #write(): Promise<void> {
    for (let count = 1; !this.#isStopped(); count++) {
      const { length } = String(count);
      const filler = Array.from({ length: 20 }, (_, n) => `STORE ${this.#name}::${n}=${count}`);
      this.#client.send(`STORE ${this.#name}=${count}`, 'INCREMENT shared', ...filler);
      this.#client.send(`STORE ${this.#name}::size${count % 500}=${'x'.repeat(length * 100)}`);
      await this.#client.fence();
      this.flushed = count;
    }
    this.#client.destroy();
  }

  #isStopped(): boolean {
    return this.#isOver;
  }
}

describe('clacks backup', () => {
  it('copies all that was flushed before while clients write, for another server to use', async () => {
    const server = await startServer();
    const config = path.join(server.directory, 'server.xml');
    const writers: Writer[] = [];
    for (const name of ['w0', 'w1', 'w2', 'w3']) {
      writers.push(new Writer(await RawClient.login(server), name));
    }
    const backups: { file: string; flushed: number[] }[] = [];
    for (const file of ['b0.lmdb', 'b1.lmdb', 'b2.lmdb']) {
      const flushed = writers.map((writer) => writer.flushed);
      const result = await sandbox.run(['backup', file, config]);
      expect(result).toMatchObject({ code: 0, stderr: '' });
      expect(result.stdout).toMatch(
        new RegExp(`^Copied \\d+ entries to ${file}, \\d+ bytes\n$`, 'u'),
      );
      backups.push({ file, flushed });
    }
    await Promise.all(writers.map((writer) => writer.stop()));
    expect(Math.min(...writers.map((writer) => writer.flushed))).toBeGreaterThan(1);
    const other = await startServer();
    for (const { file, flushed } of backups) {
      expect(await sandbox.run(['store', 'check', file])).toMatchObject({ code: 0 });
      expect((await stat(sandbox.path(file))).mode & 0o777).toBe(0o600);
      await other.server.stop();
      await copyFile(sandbox.path(file), path.join(other.directory, 'cache.lmdb'));
      await other.restart();
      const client = await RawClient.login(other);
      const valueOf = async (name: string): Promise<number> => {
        client.send(`RETRIEVE ${name}`);
        const [line = ''] = await client.fence();
        return Number(line.replace(/^RETRIEVED \S+?=/u, ''));
      };
      const values = [];
      for (const [index, count] of flushed.entries()) {
        const value = count === 0 ? 0 : await valueOf(`w${index}`);
        expect(value).toBeGreaterThanOrEqual(count);
        values.push(value);
      }
      const counted = flushed.reduce((sum, count) => sum + count, 0);
      if (counted > 0) expect(await valueOf('shared')).toBeGreaterThanOrEqual(counted);
      client.destroy();
    }
  });

  it('overwrites nothing, and leaves nothing behind when it fails', async () => {
    const server = await startServer();
    const config = path.join(server.directory, 'server.xml');
    expect(await sandbox.run(['backup', 'b.lmdb', config])).toMatchObject({ code: 0 });
    const again = await sandbox.run(['backup', 'b.lmdb', config]);
    expect(again).toEqual(failure(1, /b\.lmdb is there already; choose another name/u));
    const nowhere = await sandbox.run(['backup', 'none/b.lmdb', config]);
    expect(nowhere).toEqual(failure(1, /none\/b\.lmdb cannot be written: .*none/u));
    expect(await readdir(sandbox.home)).toEqual(['b.lmdb']);
  });
});

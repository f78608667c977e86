import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Child } from '../support/child.ts';
import { randomFrom } from '../support/random.ts';
import { RawClient } from '../support/raw-client.ts';
import { StormClient, valueOf } from './storm.ts';

const { CLACKS_CRASH_ROUNDS = '10', CLACKS_CRASH_SEED } = process.env;
const rounds = Number(CLACKS_CRASH_ROUNDS);
const seed = Number(CLACKS_CRASH_SEED ?? 1);
const clientCount = 20;

const root = path.dirname(path.dirname(import.meta.dirname));
const clacks = path.join(root, 'packages', 'clacks', 'bin', 'clacks.js');

let directory: string;
let server: Child | undefined;
const file = (name: string): string => path.join(directory, name);

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'clacks-'));
});

afterEach(async () => {
  await server?.kill('SIGKILL');
  await rm(directory, { recursive: true });
});

const start = async (): Promise<Child> => {
  server = new Child(clacks, ['server', file('server.xml')]);
  await server.waitFor(/listening/u);
  return server;
};

describe('a server that is killed while twenty clients write', () => {
  it(`has everything that was flushed, in ${rounds} rounds`, { timeout: 0 }, async () => {
    // Changes are kept all the time, not only when somebody asks for it.
    await writeFile(
      file('server.xml'),
      `<clacks><socket>server.sock</socket><username>admin</username><password>adminpass</password>
      <persistancefile>cache</persistancefile><persistanceinterval>0.05</persistanceinterval></clacks>`,
    );
    const random = randomFrom(seed);
    const clients = Array.from({ length: clientCount }, (_, id) => new StormClient(id, seed + id));
    let sharedBefore = 0;
    for (let round = 1; round <= rounds; round++) {
      const running = await start();
      let left = 1 + Math.floor(random() * 200);
      const flushed = (): void => {
        // Not awaited: the others go on writing until it has happened.
        if (--left === 0) void running.kill('SIGKILL');
      };
      const connections = await Promise.all(
        clients.map((client) =>
          RawClient.loginAt(file('server.sock')).then((c) => [client, c] as const),
        ),
      );
      await Promise.all(connections.map(([client, raw]) => client.write(raw, flushed)));
      await running.exit();

      await start();
      const reader = await RawClient.loginAt(file('server.sock'));
      for (const client of clients) await client.check(reader);
      const shared = Number((await valueOf(reader, 'shared')) ?? 0);
      const sum = (of: 'sharedKept' | 'sharedSteps'): number =>
        clients.reduce((total, client) => total + client[of], 0);
      expect(shared).toBeGreaterThanOrEqual(sharedBefore + sum('sharedKept'));
      expect(shared).toBeLessThanOrEqual(sharedBefore + sum('sharedSteps'));
      sharedBefore = shared;
      for (const client of clients) [client.sharedKept, client.sharedSteps] = [0, 0];
      reader.destroy();
      await server?.kill('SIGKILL');
    }
  });
});

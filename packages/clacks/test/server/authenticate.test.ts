import { mkdtemp, rm } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { encodeToken } from '@clacks/protocol';
import { Server } from 'clacks';
import type { Permissions } from 'clacks';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RawClient } from '../../../../test/support/raw-client.ts';

let directory: string;
let socketPath: string;
const everything: Permissions = { read: true, write: true, manage: true, interclacks: true };

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'clacks-'));
  socketPath = path.join(directory, 'a.sock');
});

afterEach(async () => {
  await rm(directory, { recursive: true });
});

describe('an authenticator of the embedding program', () => {
  it('is asked with the connection facts, and decides about the permissions', async () => {
    const asked: unknown[] = [];
    await using server = new Server({
      config: { sockets: [socketPath] },
      authenticate: async (username, password, facts) => {
        asked.push({ username, password, transport: facts.transport, host: facts.host });
        await Promise.resolve();
        if (username === 'nobody') return undefined;
        return { ...everything, write: username === 'writer' };
      },
    });
    await server.start();
    const reader = new RawClient(net.connect(socketPath));
    await reader.login('reader', 'secret');
    reader.send('STORE x=1');
    expect(await reader.fence()).toEqual(['OVERHEAD E permission_denied']);
    const writer = new RawClient(net.connect(socketPath));
    await writer.login('writer', 'secret');
    writer.send('STORE x=1', 'RETRIEVE x');
    expect(await writer.fence()).toEqual(['RETRIEVED x=1']);
    const nobody = new RawClient(net.connect(socketPath));
    await expect(nobody.login('nobody', 'secret')).rejects.toThrow('Login failed');
    expect(asked[0]).toEqual({
      username: 'reader',
      password: 'secret',
      transport: 'unix',
      host: 'unixdomainsocket',
    });
  });

  it('needs no users in the configuration, and may allow some names only', async () => {
    await using server = new Server({
      config: { sockets: [socketPath] },
      authenticate: () => ({
        read: ['Kitchen::**'],
        write: ['Kitchen::Heater::*'],
        manage: false,
      }),
    });
    await server.start();
    const client = new RawClient(net.connect(socketPath));
    await client.login('cook', 'any');
    client.send('LISTEN Kitchen::*::*', 'LISTEN **', 'SET Kitchen::Heater::Power=1', 'NOTIFY Door');
    const denied = 'OVERHEAD E permission_denied';
    expect(await client.fence()).toEqual([denied, denied]);
    const other = new RawClient(net.connect(socketPath));
    await other.login('cook', 'any');
    other.send('SET Kitchen::Heater::Power=2');
    await other.fence();
    expect(await client.fence()).toEqual(['SET Kitchen::Heater::Power=2']);
  });

  it('that takes too long, or throws, refuses that client only', async () => {
    let given: AbortSignal | undefined;
    await using server = new Server({
      config: { sockets: [socketPath], authTimeoutMs: 300 },
      authenticate: (username, _password, _facts, signal) => {
        if (username === 'throws') throw new Error('no database');
        if (username !== 'slow') return everything;
        given = signal;
        return new Promise(() => undefined);
      },
    });
    await server.start();
    const good = await RawClient.loginAt(socketPath);
    const [slow, throws] = [net.connect(socketPath), net.connect(socketPath)].map(
      (socket) => new RawClient(socket),
    );
    slow?.send(`OVERHEAD A ${encodeToken({ username: 'slow', password: 'x' })}`, 'NOTIFY x');
    throws?.send(`OVERHEAD A ${encodeToken({ username: 'throws', password: 'x' })}`);
    good.send('LISTEN x');
    expect((await throws?.closed())?.at(-1)).toBe('OVERHEAD E login_unavailable');
    expect((await slow?.closed())?.at(-1)).toBe('OVERHEAD E login_unavailable');
    expect(given?.aborted).toBe(true);
    expect(await good.fence()).toEqual([]);
  });

  it('is needed where there are no users', async () => {
    const server = new Server({ config: { sockets: [socketPath] } });
    await expect(server.start()).rejects.toThrow('users[0]: is missing: nobody could log in');
  });
});

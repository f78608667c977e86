import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RawClient } from '../../../../test/support/raw-client.ts';
import { TestServer } from '../../../../test/support/test-server.ts';
import { Sandbox, failure } from './sandbox.ts';
import type { Running } from './sandbox.ts';

let sandbox: Sandbox;
let server: TestServer;
let sender: RawClient;

beforeAll(async () => {
  sandbox = await Sandbox.create();
  server = await TestServer.start();
  sender = await RawClient.login(server);
  sandbox.env['CLACKS_URL'] = `clacks+unix://admin:adminpass@${server.socketPath}`;
});
afterAll(async () => {
  await sandbox[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

const listen = async (...args: string[]): Promise<Running> => {
  const running = sandbox.start(['listen', ...args]);
  await running.waitFor('stderr', /^listening to /u);
  return running;
};

describe('clacks listen', () => {
  it('prints signals of names and patterns, each once, and ends after so many', async () => {
    const running = await listen('a', 'b::*', 'b::**', '--count', '4');
    sender.send('NOTIFY a', 'SET a=', 'SET b::x=1=2', 'SET c=0', 'NOTIFY b::y', 'SET a=late');
    expect(await running.ended).toEqual({
      code: 0,
      signal: null,
      stdout: 'a\na=\nb::x=1=2\nb::y\n',
      stderr: 'listening to a b::* b::**\n',
    });
  });

  it('prints lines of JSON, and says nothing else with --quiet', async () => {
    const running = sandbox.start(['listen', 'json', '--json', '--quiet']);
    // Nobody tells us when it listens: the server does.
    sender.send('MONITOR');
    await sender.waitFor((line) => line.endsWith('=LISTEN json'));
    sender.send('UNMONITOR', 'SET json=Ä "q"', 'NOTIFY json', 'SET json=PAGECAMELCLACKSB64:/wo=');
    sender.send('SET json=PAGECAMELCLACKSB64:no base64!');
    await running.waitFor('stdout', /(?:.*\n){4}/u);
    const { stdout, stderr, code } = await running.kill('SIGINT');
    expect({ stderr, code }).toEqual({ stderr: '', code: 130 });
    const lines = stdout.trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      // What a raw client sends as Latin-1 is no UTF-8.
      { type: 'set', name: 'json', base64: 'xCAicSI=' },
      { type: 'notify', name: 'json' },
      { type: 'set', name: 'json', base64: '/wo=' },
      { type: 'set', name: 'json', value: 'PAGECAMELCLACKSB64:no base64!' },
    ]);
  });

  it('ends at its time limit: well without a count, as a failure with one', async () => {
    const well = await listen('x', '--timeout', '0.05');
    expect(await well.ended).toMatchObject({ code: 0, stderr: 'listening to x\n' });
    const short = sandbox.start(['listen', 'x', '-q', '--count', '1', '--timeout', '0.05']);
    expect(await short.ended).toEqual(failure(1, /Not 1 signals within 0\.05 s/u));
  });

  it('ends at an interrupt with 130, at SIGTERM with 143', async () => {
    expect(await (await listen('x')).kill('SIGINT')).toMatchObject({ code: 130, signal: null });
    expect(await (await listen('x')).kill('SIGTERM')).toMatchObject({ code: 143, signal: null });
  });

  it('ends quietly when nobody reads what it prints', async () => {
    const running = await listen('pipe');
    running.child.stdout.destroy();
    sender.send('SET pipe=1', 'SET pipe=2');
    expect(await running.ended).toMatchObject({ code: 0, stderr: 'listening to pipe\n' });
  });

  it('connects again when the server restarts, and listens again', async () => {
    await using restarted = await TestServer.start();
    const running = sandbox.start(['listen', 'again', '--count', '1'], {
      CLACKS_URL: `clacks+unix://admin:adminpass@${restarted.socketPath}`,
    });
    await running.waitFor('stderr', /^listening to again\n/u);
    await restarted.restart();
    await running.waitFor(
      'stderr',
      /disconnected \(QUIT\); connecting again\nconnected again; .*\n/u,
    );
    const other = await RawClient.login(restarted);
    // It says that it is connected when it has sent LISTEN, which the server may read later.
    while (!running.stdout.includes('again=')) {
      other.send('SET again=1');
      await other.fence();
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await running.ended).toMatchObject({ code: 0, stdout: 'again=1\n' });
  });
});

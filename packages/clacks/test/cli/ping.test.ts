import { once } from 'node:events';
import net from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestServer } from '../../../../test/support/test-server.ts';
import { Sandbox, failure } from './sandbox.ts';

let sandbox: Sandbox;
let server: TestServer;

beforeAll(async () => {
  sandbox = await Sandbox.create();
  server = await TestServer.start({
    xml: '<user><username>nobody</username><password>pw</password></user>',
  });
  sandbox.env['CLACKS_URL'] = `clacks+unix://nobody:pw@${server.socketPath}`;
});
afterAll(async () => {
  await sandbox[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

interface Summary {
  readonly sent: number;
  readonly answered: number;
  readonly lost: number;
  readonly minMs: number;
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

const linesOf = (stdout: string): unknown[] =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);

describe('clacks ping', () => {
  it('measures a user without any permission as well, and sums up', async () => {
    const { code, stdout, stderr } = await sandbox.run(['ping', '-c', '3', '-i', '0.01']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const where = server.socketPath;
    const answers = [1, 2, 3].map((seq) => `answer from ${where}: seq=${seq} time=N ms\n`);
    expect(stdout.replaceAll(/\d+\.\d{3} ms\n/gu, 'N ms\n').replace(/^min .*/mu, 'min …')).toBe(
      `${answers.join('')}--- ${where}\n3 sent, 3 answered, 0 lost (0 %)\nmin …\n`,
    );
    expect(stdout).toMatch(
      /^min [\d.]+ {2}p50 [\d.]+ {2}p90 [\d.]+ {2}p99 [\d.]+ {2}max [\d.]+ ms$/mu,
    );
  });

  it('prints lines of JSON, with times that fit together', async () => {
    const { stdout } = await sandbox.run(['ping', '--json', '-c', '40', '-i', '0.001']);
    const lines = linesOf(stdout);
    const summary = lines.pop() as Summary;
    const times = (lines as { seq: number; ms: number }[]).map(({ ms }) => ms);
    expect(lines.map((line) => (line as { seq: number }).seq)).toEqual(
      Array.from({ length: 40 }, (_, index) => index + 1),
    );
    expect(summary).toMatchObject({ sent: 40, answered: 40, lost: 0 });
    const { minMs, p50Ms, p90Ms, p99Ms, maxMs } = summary;
    const sorted = [minMs, p50Ms, p90Ms, p99Ms, maxMs];
    expect(sorted).toEqual([...sorted].sort((one, other) => one - other));
    // Three significant figures.
    expect(Math.abs(minMs - Math.min(...times))).toBeLessThanOrEqual(0.001 + minMs * 0.002);
    expect(Math.abs(maxMs - Math.max(...times))).toBeLessThanOrEqual(0.001 + maxMs * 0.002);
  });

  it('counts what is lost while the server is gone, finds it again, and ends at Ctrl-C', async () => {
    const pinging = sandbox.start(['ping', '--json', '-i', '0.02']);
    await pinging.waitFor('stdout', /"ms"/u);
    await server.server.stop();
    await pinging.waitFor('stdout', /"lost":"/u);
    await server.restart();
    await pinging.waitFor('stdout', /"lost":"[^]*"ms"/u);
    const { code, stdout } = await pinging.kill('SIGINT');
    expect(code).toBe(130);
    const lines = linesOf(stdout);
    const summary = lines.pop() as Summary;
    const lost = lines.filter((line) => Object.hasOwn(line as object, 'lost')).length;
    expect(summary).toMatchObject({ sent: lines.length, answered: lines.length - lost, lost });
  });

  it('fails when one of those that were asked for is lost, and needs no answer to sum up', async () => {
    // A server that takes the login, and then says nothing.
    const silent = net.createServer((socket) => {
      socket.on('error', () => undefined);
      socket.write('CLACKS PageCamel 36\r\nOVERHEAD M Authentication required\r\n');
      socket.once('data', () => socket.write('OVERHEAD O Welcome!\r\n'));
    });
    silent.listen(sandbox.path('silent'));
    await once(silent, 'listening');
    const url = `clacks+unix://nobody:pw@${sandbox.path('silent')}`;
    const { code, stdout } = await sandbox.run([
      'ping',
      '--url',
      url,
      '--timeout',
      '0.2',
      '-c',
      '1',
      '-q',
    ]);
    silent.close();
    expect({ code, stdout }).toEqual({
      code: 1,
      stdout: `--- ${sandbox.path('silent')}\n1 sent, 0 answered, 1 lost (100 %)\n`,
    });
  });

  it('fails at once where there is no server, and refuses what makes no sense', async () => {
    const url = `clacks+unix://nobody:pw@${sandbox.path('none')}`;
    expect(await sandbox.run(['ping', '--url', url])).toEqual(failure(1, /No server at/u));
    expect(await sandbox.run(['ping', '-i', '0'])).toEqual(failure(2, /Expected seconds/u));
    expect(await sandbox.run(['ping', '-c', '1.5'])).toEqual(failure(2, /whole number/u));
  });
});

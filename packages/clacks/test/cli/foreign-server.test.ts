import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import net from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LineSplitter } from '@clacks/protocol';
import { Sandbox, failure } from './sandbox.ts';

let sandbox: Sandbox;
let server: net.Server;
/** What clients have sent. */
let received: string[];

/** What a server answers to a line. */
type Answer = (line: string) => readonly string[];

const perlGreeting = ['CLACKS PageCamel 36', 'OVERHEAD M Authentication required'];

const listen = async (greeting: readonly string[], answer: Answer): Promise<void> => {
  server = net.createServer((socket) => {
    const splitter = new LineSplitter(1_000_000);
    const send = (lines: readonly string[]): void => {
      socket.write(lines.map((line) => `${line}\r\n`).join(''), 'latin1');
    };
    send(greeting);
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      splitter.push(chunk.toString('latin1'));
      for (let line = splitter.next(); line !== undefined; line = splitter.next()) {
        received.push(line);
        if (line === 'QUIT') socket.end();
        else send(answer(line));
      }
    });
  });
  server.listen(sandbox.path('s'));
  await once(server, 'listening');
  sandbox.env['CLACKS_URL'] = `clacks+unix://admin:pw@${sandbox.path('s')}`;
};

/** A server of Net::Clacks, as far as it matters here. */
const perl: Answer = (line) => {
  if (line.startsWith('OVERHEAD A ')) return ['OVERHEAD O Welcome!'];
  if (line.startsWith('FLUSH ')) return [line.replace('FLUSH', 'FLUSHED')];
  if (line !== 'OVERHEAD I 1') return [];
  return [
    ...perlGreeting,
    'OVERHEAD A YWRtaW4=:cHc=',
    'OVERHEAD L 1',
    'OVERHEAD T 1764025501.25',
    'KEYSYNC 1764025501.25 1764025502 U a%3D=1 = 1',
    'OVERHEAD GE somebody else reports something',
    'NOTIFY something',
    'KEYSYNC 1764025501.5 0 D b=REMOVED',
    'OVERHEAD L 0',
    'PING',
    'KEYSYNC 1764025503 0 U late=not exported',
  ];
};

beforeEach(async () => {
  sandbox = await Sandbox.create();
  received = [];
});
afterEach(async () => {
  server.close();
  await sandbox[Symbol.asyncDispose]();
});

describe('a server of Net::Clacks', () => {
  it('is exported as it tells a slave of its entries', async () => {
    await listen(perlGreeting, perl);
    expect(await sandbox.run(['export'])).toEqual({
      ...{ code: 0, signal: null, stderr: 'exported 2 entries\n' },
      stdout:
        '{"name":"a%3D","value":"1 = 1","cachetime":1764025501.25,"accesstime":1764025502.25}\n' +
        '{"name":"b","deleted":true,"cachetime":1764025501.5}\n',
    });
    expect(received).toEqual([
      expect.stringMatching(/^CLACKS clacks-ts \S+ export in interclacks client mode$/u),
      'OVERHEAD A YWRtaW4=:cHc=',
      'OVERHEAD I 1',
      'QUIT',
    ]);
  });

  it('is told of entries as its slave tells them, but for names that it cannot be told', async () => {
    await listen(perlGreeting, perl);
    const input =
      '{"name":"a%","value":"1=1","cachetime":5.5,"accesstime":7.5}\n' +
      '{"name":"b=c","value":"1","cachetime":5}\n{"name":"d","deleted":true,"cachetime":6}\n';
    expect(await sandbox.run(['import', '-'], { input })).toMatchObject({
      code: 0,
      stderr: 'imported 3 entries\nnote: passed over 1 name with a "="\n',
    });
    expect(received.slice(3)).toEqual([
      'KEYSYNC 5.5 7.5 U a%=1=1',
      'KEYSYNC 6 0 D d=REMOVED',
      'FLUSH import',
      'QUIT',
    ]);
  });
});

describe('a server', () => {
  it('that cannot keep what was imported is a failure', async () => {
    await listen(perlGreeting, (line) =>
      line.startsWith('FLUSH ') ? ['OVERHEAD E not_flushed import (no space left)'] : perl(line),
    );
    const input = '{"name":"a","value":"1","cachetime":5}\n';
    const result = await sandbox.run(['import', '-'], { input });
    expect(result).toEqual(
      failure(1, /has all entries, but cannot keep them on its disk: no space left/u),
    );
  });

  it('that falls silent, or closes the connection, is a failure that leaves no file', async () => {
    await listen(perlGreeting, (line) =>
      line === 'OVERHEAD I 1' ? ['OVERHEAD L 1', 'KEYSYNC 1 1 U a=1'] : perl(line),
    );
    const silent = await sandbox.run(['export', 'e', '--timeout', '0.1']);
    expect(silent).toEqual(failure(1, /is silent for 0\.1 s/u));
    server.close();
    await listen(perlGreeting, (line) =>
      line === 'OVERHEAD I 1' ? ['OVERHEAD E limit_exceeded something'] : perl(line),
    );
    const reported = await sandbox.run(['export', 'e']);
    expect(reported).toEqual(failure(1, /reports: limit_exceeded something/u));
    expect(await readdir(sandbox.home)).toEqual(['s']);
  });

  it('that is none is a failure', async () => {
    await listen(['220 mail.example.org'], () => []);
    expect(await sandbox.run(['export'])).toEqual(failure(1, /does not greet as a clacks server/u));
  });

  it('leaves no file behind of an export that is interrupted', async () => {
    let linked: () => void = () => undefined;
    const hasLinked = new Promise<void>((resolve) => {
      linked = resolve;
    });
    await listen(perlGreeting, (line) => {
      if (line !== 'OVERHEAD I 1') return perl(line);
      linked();
      return ['OVERHEAD L 1', 'KEYSYNC 1 1 U a=1'];
    });
    const running = sandbox.start(['export', 'e']);
    await hasLinked;
    expect(await readdir(sandbox.home)).toEqual([expect.stringMatching(/^e\..*\.new$/u), 's']);
    expect(await running.kill('SIGINT')).toMatchObject({ code: 130 });
    expect(await readdir(sandbox.home)).toEqual(['s']);
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestServer } from '../../../../test/support/test-server.ts';
import { Sandbox, success } from './sandbox.ts';

let sandbox: Sandbox;
let server: TestServer;

beforeAll(async () => {
  sandbox = await Sandbox.create();
  server = await TestServer.start();
  sandbox.env['CLACKS_URL'] = `clacks+unix://admin:adminpass@${server.socketPath}`;
});
afterAll(async () => {
  await sandbox[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

describe('clacks shell with lines from a pipe', () => {
  it('sends them, prints what comes back, and nothing that it asks itself', async () => {
    const input = 'STORE a=1\n\nINCREMENT a=2\r\nRETRIEVE a\nKEYLIST\nFROB x\nFLUSH mine\n';
    expect(await sandbox.run(['shell'], { input })).toEqual(
      success(
        'RETRIEVED a=3\nKEYLISTSTART\nKEY a\nKEYLISTEND\n' +
          'OVERHEAD E unknown_command FROB x\nFLUSHED mine\n',
      ),
    );
  });

  it('receives signals too', async () => {
    const listening = sandbox.start(['shell']);
    listening.type('LISTEN x\nFLUSH ready\n');
    await listening.waitFor('stdout', /^FLUSHED ready\n/u);
    await sandbox.run(['shell'], { input: 'SET x=1\n' });
    await listening.waitFor('stdout', /\nSET x=1\n/u);
    listening.child.stdin.end();
    expect(await listening.ended).toEqual(success('FLUSHED ready\nSET x=1\n'));
  });

  it('ends at exit and at QUIT, whatever follows', async () => {
    for (const word of ['exit', 'QUIT']) {
      const input = `RETRIEVE none\n${word}\nRETRIEVE never\n`;
      expect(await sandbox.run(['shell'], { input })).toEqual(success('NOTRETRIEVED none\n'));
    }
  });

  it('helps', async () => {
    const { code, stdout } = await sandbox.run(['shell'], { input: 'help\n' });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^help +show this list\n/u);
    expect(stdout).toMatch(/^LISTEN +start receiving signals .*\(needs read\)$/mu);
  });

  it('sends many lines in order, however slowly the server takes them', async () => {
    const lines = Array.from({ length: 5000 }, (_, number) => `STORE many=${number}\n`);
    const input = `${lines.join('')}RETRIEVE many\n`;
    expect(await sandbox.run(['shell'], { input })).toEqual(success('RETRIEVED many=4999\n'));
  });

  it('fails when the server goes', async () => {
    const gone = await TestServer.start();
    const running = sandbox.start(['shell'], {
      CLACKS_URL: `clacks+unix://admin:adminpass@${gone.socketPath}`,
    });
    running.type('FLUSH ready\n');
    await running.waitFor('stdout', /^FLUSHED ready\n/u);
    await gone[Symbol.asyncDispose]();
    expect(await running.ended).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^error: [^\n]*QUIT[^\n]*\n$/u) as string,
    });
  });
});

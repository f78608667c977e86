import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { ScriptedServer } from './support/scripted-server.ts';

const program = `
  import { connect } from '@clacks/client';
  const client = await connect({ path: process.argv[1], username: 'admin', password: 'adminpass' });
  client.listen('x', () => undefined);
  await client.flush();
  client[process.argv[2]]();
  process.on('exit', () => console.log('exits by itself'));
`;

it.each(['close', 'destroy'])('a program exits by itself after %s()', async (how) => {
  await using server = await ScriptedServer.start();
  const args = ['--input-type=module', '--eval', program, server.socketPath, how];
  const { stdout } = await promisify(execFile)(process.execPath, args, {
    cwd: import.meta.dirname,
    timeout: 10_000,
  });
  expect(stdout).toBe('exits by itself\n');
});

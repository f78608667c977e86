import { mkdir, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TestServer } from '../../../../test/support/test-server.ts';
import { Sandbox, failure, success } from './sandbox.ts';

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await Sandbox.create();
  await mkdir(sandbox.path('.config', 'clacks'), { recursive: true });
});
afterEach(() => sandbox[Symbol.asyncDispose]());

const write = async (content: string, mode = 0o600): Promise<void> => {
  await writeFile(sandbox.path('.config', 'clacks', 'connection.json'), content, { mode });
};

describe('the connection file', () => {
  it('names server, login and certificate, relative to the file', async () => {
    await using server = await TestServer.start();
    await writeFile(sandbox.path('.config', 'clacks', 'ca.crt'), server.ca);
    const url = `clacks://admin:adminpass@127.0.0.1:${server.port}`;
    await write(JSON.stringify({ url, ca: 'ca.crt' }));
    expect(await sandbox.run(['keys'])).toEqual(success(''));
    await write(JSON.stringify({ url, fingerprint: 'AB'.repeat(32) }));
    expect(await sandbox.run(['keys'])).toEqual(failure(1, /connection\.json/u));
    await write(JSON.stringify({ url, insecure: true }));
    expect(await sandbox.run(['keys'])).toEqual(success(''));
  });

  it('lends its password to no other server', async () => {
    await write('{"url":"clacks://admin:secret@127.0.0.1:1","insecure":true}');
    const result = await sandbox.run(['--host', 'localhost', 'keys']);
    expect(result).toEqual(failure(2, /No user name for localhost:49888/u));
    const other = await sandbox.run(['keys'], { env: { CLACKS_URL: 'clacks://admin@[::1]:1' } });
    expect(other).toEqual(failure(2, /No password for admin at \[::1\]:1/u));
  });

  it('is warned about when others may read it', async () => {
    await using server = await TestServer.start();
    const url = `clacks+unix://admin:adminpass@${server.socketPath}`;
    await write(JSON.stringify({ url }), 0o644);
    const { code, stderr } = await sandbox.run(['keys']);
    expect(code).toBe(0);
    expect(stderr).toMatch(/^warning: others may read the password in .*chmod 600 [^\n]*\n$/u);
  });

  it.each([
    ['{"url":"clacks://u:secret@h"', /connection\.json: is no JSON/u],
    ['["secret"]', /expected a JSON object/u],
    ['{"url":1}', /url: expected a string/u],
    ['{"ca":"x"}', /url: is missing/u],
    [
      '{"url":"clacks://u:secret@h","caFile":"x"}',
      /caFile: is no known key; there are: url, http, ca/u,
    ],
    ['{"url":"clacks://u:secret@h","http":"ftp://h"}', /http in .* is no URL of an admin HTTP/u],
    ['{"url":"http://u:secret@h"}', /url in .* is no clacks URL/u],
  ])('%s is refused, without telling the password', async (content, line) => {
    await write(content);
    const result = await sandbox.run(['keys']);
    expect(result).toEqual(failure(2, line));
    expect(result.stderr).not.toContain('secret');
  });
});

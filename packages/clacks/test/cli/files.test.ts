import { spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdir, readFile, readdir, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parsePasswordHash, verifyPassword } from '../../src/auth/scrypt.ts';
import { parseConfig } from '../../src/config/load.ts';
import { Sandbox, bin, failure } from './sandbox.ts';

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await Sandbox.create();
});
afterAll(() => sandbox[Symbol.asyncDispose]());

const modeOf = async (...parts: string[]): Promise<string> =>
  ((await stat(sandbox.path(...parts))).mode & 0o777).toString(8);

describe('clacks cert', () => {
  it('makes a certificate for this machine and the given hosts, and a key for its owner only', async () => {
    const args = [
      'cert',
      'clacks.example.org',
      '10.1.2.3',
      '--name',
      'exampleserver',
      '--days',
      '7',
    ];
    const { code, stdout } = await sandbox.run(args);
    expect(code).toBe(0);
    const certificate = new X509Certificate(await readFile(sandbox.path('exampleserver.crt')));
    const names = ['localhost', hostname(), 'clacks.example.org'];
    for (const name of names) expect(certificate.checkHost(name)).toBe(name);
    for (const ip of ['127.0.0.1', '::1', '10.1.2.3']) expect(certificate.checkIP(ip)).toBe(ip);
    const days = (Date.parse(certificate.validTo) - Date.now()) / 86_400_000;
    expect(Math.round(days)).toBe(7);
    expect(stdout).toContain(certificate.fingerprint256);
    expect(await modeOf('exampleserver.key')).toBe('600');
    expect(await modeOf('exampleserver.crt')).toBe('644');
  });

  it('overwrites nothing, unless forced to', async () => {
    await sandbox.run(['cert', '--name', 'twice']);
    const before = await readFile(sandbox.path('twice.key'), 'utf8');
    const again = await sandbox.run(['cert', '--name', 'twice']);
    expect(again).toEqual(failure(1, /twice\.crt is there already; replace it with --force/u));
    expect(await readFile(sandbox.path('twice.key'), 'utf8')).toBe(before);
    const { code, stdout } = await sandbox.run(['cert', '--name', 'twice', '--force', '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      certificate: 'twice.crt',
      key: 'twice.key',
      names: ['localhost', '127.0.0.1', '::1', hostname()],
      fingerprint: expect.stringMatching(/^(?:[\dA-F]{2}:){31}[\dA-F]{2}$/u) as string,
    });
    expect(await readFile(sandbox.path('twice.key'), 'utf8')).not.toBe(before);
  });

  it('says when it cannot write, and leaves nothing half done', async () => {
    const result = await sandbox.run(['cert', '--out', 'missing']);
    expect(result).toEqual(failure(1, /Cannot write missing\/server\.key: ENOENT/u));
  });
});

describe('clacks init', () => {
  it('says when a directory takes no others', async () => {
    const result = await sandbox.run(['init', '/proc/clacks/here']);
    expect(result).toEqual(failure(1, /Cannot make the directory \/proc\/clacks\/here: ENOENT/u));
  });

  it('writes a configuration that can be used, and keeps secrets to its owner', async () => {
    const { code, stdout } = await sandbox.run([
      'init',
      'new',
      '--ip',
      '127.0.0.1',
      '--port',
      '5000',
    ]);
    expect(code).toBe(0);
    expect(stdout).toContain(`clacks server ${sandbox.path('new', 'clacks.xml')}`);
    const password = (await readFile(sandbox.path('new', 'password'), 'utf8')).trim();
    expect(stdout).not.toContain(password);
    const text = await readFile(sandbox.path('new', 'clacks.xml'), 'utf8');
    const source = { environment: {}, hostname: 'h', cwd: sandbox.home };
    const config = await parseConfig(text, { ...source, file: 'new/clacks.xml' });
    expect(config).toMatchObject({
      ips: ['127.0.0.1'],
      port: 5000,
      users: [{ username: 'clacks', password }],
      tls: { certFile: sandbox.path('new', 'server.crt') },
      notices: [],
    });
    expect(await modeOf('new')).toBe('700');
    for (const file of ['clacks.xml', 'server.key', 'password']) {
      expect(await modeOf('new', file)).toBe('600');
    }
  });

  it('overwrites nothing', async () => {
    await mkdir(sandbox.path('old'));
    await writeFile(sandbox.path('old', 'server.key'), 'mine');
    const result = await sandbox.run(['init', 'old']);
    expect(result).toEqual(failure(1, /server\.key is there already; choose another directory/u));
    expect(await readdir(sandbox.path('old'))).toEqual(['server.key']);
  });

  it('with --use chooses the server for the other commands, once', async () => {
    expect(await sandbox.run(['init', 'chosen', '--use'])).toMatchObject({ code: 0 });
    const text = await readFile(sandbox.path('.config', 'clacks', 'connection.json'), 'utf8');
    expect(JSON.parse(text)).toEqual({
      url: expect.stringMatching(/^clacks:\/\/clacks:[\w-]{32}@127\.0\.0\.1:49888$/u) as string,
      http: 'http://127.0.0.1:49880',
      ca: sandbox.path('chosen', 'server.crt'),
    });
    expect(await modeOf('.config', 'clacks', 'connection.json')).toBe('600');
    const again = await sandbox.run(['init', 'other', '--use']);
    expect(again).toEqual(failure(1, /connection\.json is there already; remove it/u));
  });
});

describe('output that cannot be written', () => {
  it('is an error in one line', () => {
    const args = ['-c', '"$0" "$1" --help >/dev/full', process.execPath, bin];
    const { status, stderr } = spawnSync('/bin/sh', args, { encoding: 'utf8' });
    expect(stderr).toMatch(/^error: The output cannot be written: ENOSPC[^\n]*\n$/u);
    expect(status).toBe(1);
  });
});

describe('clacks hash-password', () => {
  it('hashes the password from standard input', async () => {
    const { code, stdout } = await sandbox.run(['hash-password'], { input: 'pass wörd\n' });
    expect(code).toBe(0);
    const hash = parsePasswordHash(stdout.trimEnd());
    const { signal } = new AbortController();
    expect(hash && (await verifyPassword('pass wörd', hash, 'host', signal))).toBe(true);
  });

  it.each([
    ['', /is empty/u],
    ['one\ntwo\n', /more than one line/u],
    [new Uint8Array([0xff, 0xfe]), /no UTF-8/u],
  ])('refuses %j', async (input, line) => {
    expect(await sandbox.run(['hash-password'], { input })).toEqual(failure(2, line));
  });
});

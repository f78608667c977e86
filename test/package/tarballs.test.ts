import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const run = promisify(execFile);
const root = path.dirname(path.dirname(import.meta.dirname));

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'clacks-packages-'));
  const workspaces = ['protocol', 'client', 'clacks'].map((name) => `./packages/${name}`);
  await run('npm', ['pack', ...workspaces, '--pack-destination', directory], { cwd: root });
  const tarballs = (await readdir(directory)).map((file) => path.join(directory, file));
  await writeFile(path.join(directory, 'package.json'), '{"type":"module","private":true}');
  await run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', ...tarballs], {
    cwd: directory,
  });
}, 180_000);

afterAll(async () => {
  await rm(directory, { recursive: true });
});

describe('the packages as they are published', () => {
  it('hold the build, the licence and a README, and neither sources nor tests', async () => {
    for (const name of ['@clacks/protocol', '@clacks/client', 'clacks']) {
      const files = await readdir(path.join(directory, 'node_modules', name));
      expect(files).toEqual(
        expect.arrayContaining(['LICENSE', 'README.md', 'dist', 'package.json']),
      );
      expect(files).not.toContain('src');
      expect(files).not.toContain('test');
    }
  });

  it('hold what operators need, with the server', async () => {
    const files = await readdir(path.join(directory, 'node_modules', 'clacks', 'operate'));
    expect(files.sort()).toEqual([
      'docker',
      'grafana',
      'journald',
      'logrotate',
      'prometheus',
      'systemd',
    ]);
  });

  it('work together when installed', async () => {
    const program = `
      import { connect } from '@clacks/client';
      import { Server } from 'clacks';
      import { writeFileSync } from 'node:fs';
      writeFileSync('clacks.xml', '<clacks><socket>p.sock</socket><username>u</username>'
        + '<password>p</password></clacks>');
      const server = new Server({ config: 'clacks.xml' });
      await server.start();
      const client = await connect({ path: 'p.sock', username: 'u', password: 'p' });
      await client.store('x', 'installed');
      console.log(await client.retrieve('x'));
      const { PostgresBridge } = await import('clacks/postgres');
      await new PostgresBridge({ clacks: client }).close();
      await client.close();
      await server.stop();
    `;
    await writeFile(path.join(directory, 'program.js'), program);
    const { stdout } = await run(process.execPath, ['program.js'], { cwd: directory });
    expect(stdout).toBe('installed\n');
  });

  it('bring the page of a server, and the licences of what is in it', async () => {
    const program = `
      import { Server } from 'clacks';
      import { writeFileSync } from 'node:fs';
      writeFileSync('page.xml', '<clacks><socket>q.sock</socket><http><port>0</port></http>'
        + '<username>u</username><password>p</password></clacks>');
      const server = new Server({ config: 'page.xml' });
      await server.start();
      const { host, port } = server.httpAddress;
      const get = async (path) => (await fetch('http://' + host + ':' + port + path)).text();
      const page = await get('/');
      const script = /src="\\.(\\/assets\\/[^"]+)"/u.exec(page)[1];
      console.log(page.includes('<title>Clacks</title>'), (await get(script)).length > 10_000);
      console.log((await get('/licenses.md')).includes('Preact'));
      await server.stop();
    `;
    await writeFile(path.join(directory, 'page.js'), program);
    const { stdout } = await run(process.execPath, ['page.js'], { cwd: directory });
    expect(stdout).toBe('true true\ntrue\n');
  });

  it('bring the command', async () => {
    const command = path.join(directory, 'node_modules', '.bin', 'clacks');
    const { stdout } = await run(command, ['--version']);
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/u);
  });
});

import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { validate } from 'dockerfile-utils';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { Child } from '../support/child.ts';
import { childrenOf } from '../support/processes.ts';
import { RawClient } from '../support/raw-client.ts';
import { TestServer } from '../support/test-server.ts';
import { fileAt, operateFile } from './files.ts';

const run = promisify(execFile);
const bin = fileAt('packages', 'clacks', 'bin', 'clacks.js');

const works = (program: string, ...args: string[]): boolean =>
  spawnSync(program, args).status === 0;

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'clacks-operate-'));
});
afterEach(() => rm(directory, { recursive: true }));

const configure = async (): Promise<string> => {
  const file = path.join(directory, 'c.xml');
  const socket = `<socket>${path.join(directory, 's')}</socket>`;
  const user = '<username>admin</username><password>adminpass</password>';
  await writeFile(file, `<clacks>${user}${socket}</clacks>`, { mode: 0o600 });
  return file;
};

describe.runIf(works('systemd-analyze', '--version'))('the unit for systemd', () => {
  const unit = operateFile('systemd', 'clacks.service');

  it('is understood, to the last line', async () => {
    const { stderr } = await run('systemd-analyze', ['verify', '--man=no', unit]);
    expect(stderr).toBe('');
  });

  it('leaves little to whoever takes the server over', async () => {
    // Above 2.0 of 10 it ends with 1.
    const limits = ['--offline=true', '--threshold=20', unit];
    await run('systemd-analyze', ['security', '--no-pager', ...limits]);
  });
});

describe('the Dockerfile', () => {
  const dockerfile = readFileSync(fileAt('Dockerfile'), 'utf8');

  it('has nothing that a linter minds', () => {
    expect(validate(dockerfile)).toEqual([]);
    expect(validate('FROM node\nHEALTHCHEC NONE\n')).toHaveLength(1);
  });

  it('pins what it is made from, and does not run as root', () => {
    const images = [...dockerfile.matchAll(/^FROM (\S+)/gmu)].map(([, image]) => image);
    expect(images).toHaveLength(2);
    for (const image of images) expect(image).toMatch(/^node:\d+\.\d+\.\d+-\w+-slim$/u);
    expect(dockerfile).toMatch(/^USER 1000:1000$/mu);
  });

  it('takes no file with a secret into an image', () => {
    const ignored = readFileSync(fileAt('.dockerignore'), 'utf8').split('\n');
    expect(ignored).toEqual(expect.arrayContaining(['config', '**/*.key', '**/.env*', '.git']));
  });
});

describe('compose.yaml', () => {
  const file = fileAt('compose.yaml');

  it('has nothing that a linter minds', async () => {
    const dclint = fileAt('node_modules', '.bin', 'dclint');
    await run(dclint, ['--max-warnings', '0', file]);
    const wrong = path.join(directory, 'compose.yaml');
    await writeFile(wrong, readFileSync(file, 'utf8').replace('read_only:', 'readonly:'));
    await expect(run(dclint, [wrong])).rejects.toMatchObject({
      stdout: expect.stringContaining('ComposeValidationError') as string,
    });
  });

  it('lets the container do no more than it has to, for this machine alone', () => {
    const { services } = parse(readFileSync(file, 'utf8')) as { services: { clacks: object } };
    expect(services.clacks).toMatchObject({
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
      ports: ['127.0.0.1:49888:49888'],
    });
  });
});

describe('the health check of the container', () => {
  const script = operateFile('docker', 'healthcheck.mjs');
  const check = (url: string): Promise<unknown> =>
    run(process.execPath, [script], { env: { CLACKS_HEALTH_URL: url } });

  it.each(['', '<tls>1</tls>'])('says yes of a server that serves, also with %s', async (tls) => {
    await using server = await TestServer.start({ xml: `<http><port>0</port>${tls}</http>` });
    const { port, isTls } = server.server.httpAddress ?? { port: 0, isTls: false };
    await check(`${isTls ? 'https' : 'http'}://127.0.0.1:${port}/healthz`);
  });

  it('says no of one that is not there, or does not say that it is well', async () => {
    const sick = http.createServer((_request, response) => response.writeHead(503).end());
    sick.listen(0, '127.0.0.1');
    await once(sick, 'listening');
    const url = `http://127.0.0.1:${(sick.address() as AddressInfo).port}/healthz`;
    await expect(check(url)).rejects.toMatchObject({ code: 1, stderr: `${url}: status 503\n` });
    sick.close();
    await expect(check(url)).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining('ECONNREFUSED') as string,
    });
  });
});

const unshare = ['unshare', '--pid', '--fork', '--mount-proc', '--kill-child'];

describe.runIf(works('unshare', ...unshare.slice(1), 'true'))('as process 1', () => {
  it('a server ends in order at SIGTERM, as in a container', async () => {
    const container = new Child(bin, ['server', await configure()], process.env, unshare);
    onTestFinished(() => container.kill('SIGKILL'));
    await container.waitFor(/^Listening/mu);
    const client = await RawClient.loginAt(path.join(directory, 's'));
    const [server = 0] = await childrenOf(container.pid, 'clacks.js');
    process.kill(server, 'SIGTERM');
    expect(await client.closed()).toEqual(['QUIT']);
    expect(await container.exit()).toBe(0);
  });
});

describe.runIf(works('logrotate', '--version'))('a log in a file', () => {
  it('goes on in the new file when logrotate has cut it', async () => {
    const log = path.join(directory, 'clacks.log');
    const rules = path.join(directory, 'rules');
    const text = await readFile(operateFile('logrotate', 'clacks'), 'utf8');
    const adapted = text.replace('/var/log/clacks/*.log', log);
    await writeFile(rules, adapted, { mode: 0o600 });
    // As systemd opens it for StandardError=append:.
    const opened = openSync(log, 'a');
    const args = [bin, 'server', await configure()];
    const server = spawn(process.execPath, args, { stdio: ['ignore', opened, opened] });
    closeSync(opened);
    onTestFinished(() => void server.kill('SIGKILL'));
    const waitFor = async (pattern: RegExp): Promise<string> => {
      const written = await readFile(log, 'utf8');
      return pattern.test(written) ? written : waitFor(pattern);
    };
    await waitFor(/^Listening/mu);
    await run('logrotate', ['--force', '--state', path.join(directory, 'state'), rules]);
    expect(await readFile(`${log}.1`, 'utf8')).toContain('"msg":"listening"');
    server.kill('SIGHUP');
    expect(await waitFor(/"msg":"reloaded"/u)).toMatch(
      /^\{"level":30,[^\n]*"msg":"reloaded"\}\n$/u,
    );
    server.kill('SIGTERM');
    expect(await once(server, 'exit')).toEqual([0, null]);
  });
});

import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../../../test/support/free-port.ts';
import type { TestServer } from '../../../../test/support/test-server.ts';
import { startHttp } from '../http/support.ts';
import { Sandbox, hasTerminals } from './sandbox.ts';
import { TerminalScreen } from './terminal-screen.ts';
import { clientOf, httpUrlOf } from './top-support.ts';

let sandbox: Sandbox;
let server: TestServer;

/** The server that commands use. */
const setServer = (used: TestServer): void => {
  sandbox.env['CLACKS_URL'] = `clacks+unix://admin:adminpass@${used.socketPath}`;
  sandbox.env['CLACKS_HTTP'] = httpUrlOf(used);
};

beforeAll(async () => {
  sandbox = await Sandbox.create();
  server = await startHttp('', {}, `<http><port>${await freePort()}</port></http>`);
  setServer(server);
});
afterAll(async () => {
  await sandbox[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

/** A text as its bytes, each of them a character. */
const wireOf = (text: string): string => Buffer.from(text).toString('latin1');

describe.skipIf(!hasTerminals)('clacks top on a terminal', () => {
  it('takes the screen, shows rates and connections, and gives it back at q', async () => {
    const client = await clientOf(server, 'busy client');
    const top = TerminalScreen.start(sandbox, ['top']);
    await top.waitFor(/busy client/u);
    expect(top.isTaken).toBe(true);
    expect(top.lines[0]).toMatch(/^Clacks {2}ready {2}up \S+ {2}root {2}version \d/u);
    expect(top.lines[1]).toMatch(
      /^in \S+ lines\/s \S+B\/s {2}out \S+ lines\/s \S+B\/s {2}waiting/u,
    );
    expect(top.lines[2]).toMatch(
      /^event loop p50 \S+ ms p99 \S+ ms max \S+ ms {2}cache \S+ entries/u,
    );
    expect(top.lines[4]).toMatch(/^\[1 connections\] 2 names {2}3 links {3}\d+ of \d+$/u);
    expect(top.lines[5]).toMatch(/^ID +CLIENT +USER +IN\/s↓ +OUT\/s/u);
    for (let sent = 0; !/busy client +admin +[1-9]/u.test(top.text); sent++) {
      client.send(`SET a=${sent}`);
      await client.fence();
    }
    top.type('q');
    expect((await top.running.ended).code).toBe(0);
    expect(top.isTaken).toBe(false);
    client.destroy();
  });

  it('shows names with wide and control characters, which do nothing', async () => {
    const listener = await clientOf(server, 'listener');
    listener.send(`LISTEN ${wireOf('Kitchen::温度')}`);
    await listener.fence();
    const evil = await clientOf(server, 'evil\u001b]0;taken\u0007\u001b[2J\u009b5n');
    const top = TerminalScreen.start(sandbox, ['top']);
    await top.waitFor(/evil/u);
    top.type('2');
    const names = [
      'Kitchen::温度',
      'evil\u001b]0;taken\u0007',
      `a${'\u0301'.repeat(30)}`,
      'x'.repeat(300),
    ];
    const wire = names.map((name) => `SET ${wireOf(name)}=1`);
    for (;;) {
      evil.send(...wire);
      await evil.fence();
      if (top.text.includes('温度') && top.text.includes('xxx…')) break;
    }
    expect(top.lineWith('温度')).toMatch(/^Kitchen::温度 +[\d.]+K? +\S+B +1$/u);
    expect(top.lineWith('evil')).toMatch(/^evil\ufffd\]0;taken\ufffd +[\d.]+K? +\S+B +0$/u);
    expect(top.lineWith('xxx')).toMatch(/^x+… +[\d.]+K? +\S+B +0$/u);
    expect(top.lines[0]).toContain('Clacks  ready');
    expect(top.lines[19]).toMatch(/^1 2 3 Tab view/u);
    top.type('q');
    await top.running.ended;
    expect(top.titles).toEqual([]);
    evil.destroy();
    listener.destroy();
  });

  it('filters, sorts, pauses and helps', async () => {
    const clients = [
      await clientOf(server, 'one-a'),
      await clientOf(server, 'one-b'),
      await clientOf(server, 'two'),
    ];
    const top = TerminalScreen.start(sandbox, ['top']);
    await top.waitFor(/two/u);
    top.type('/ONE-x');
    await top.waitFor(/filter: ONE-x_[^]*|none that fits the filter/u);
    top.type('\u007f');
    await top.waitFor(/filter: ONE- {2}2 of 2\n/u);
    expect(top.text).not.toContain('two');
    top.type('\r<<<<');
    await top.waitFor(/CLIENT↑/u);
    const order = (): string[] => top.text.match(/one-[ab]/gu) ?? [];
    await top.waitFor(() => order().join() === 'one-a,one-b');
    top.type('r');
    await top.waitFor(() => order().join() === 'one-b,one-a');
    top.type('\u001b');
    await top.waitFor(/two/u);
    top.type('p');
    await top.waitFor(/PAUSED/u);
    const late = await clientOf(server, 'late');
    top.type('h');
    await top.waitFor(/Ctrl-L +draw anew/u);
    top.type('x');
    await top.waitFor(/PAUSED/u);
    expect(top.text).not.toContain('late');
    top.type(' ');
    await top.waitFor(/late/u);
    top.type('3');
    await top.waitFor(/\[3 links\][^]*NODE[^]*none/u);
    top.type('\u0003');
    expect((await top.running.ended).code).toBe(130);
    for (const client of [...clients, late]) client.destroy();
  });

  it('closes the connection that was chosen, and only after a yes', async () => {
    const victim = await clientOf(server, 'victim');
    const other = await clientOf(server, 'other');
    const top = TerminalScreen.start(sandbox, ['top']);
    await top.waitFor(/victim/u);
    top.type('/victim\r');
    await top.waitFor(/1 of 1/u);
    top.type('k');
    await top.waitFor(/Close \S+ \(victim\)\? y\/n/u);
    top.type('x');
    await top.waitFor(/not closed: \S+ \(victim\)/u);
    await victim.fence();
    top.type('k');
    await top.waitFor(/Close \S+ \(victim\)\? y\/n/u);
    top.type('y');
    await top.waitFor(/closed: \S+ \(victim\)[^]*|none that fits/u);
    await victim.closed();
    await top.waitFor(/none that fits the filter/u);
    await other.fence();
    top.type('q');
    expect((await top.running.ended).code).toBe(0);
    other.destroy();
  });

  it('asks so that the answers are seen, however long a name is and narrow the terminal', async () => {
    const client = await clientOf(server, 'long '.repeat(40));
    const top = TerminalScreen.start(sandbox, ['top'], { rows: 10, columns: 30 });
    await top.waitFor(/:\d/u);
    top.type('/long\r');
    await top.waitFor(() => !top.text.includes('http:'));
    top.type('k');
    await top.waitFor(/^Close \S.*…\? y\/n$/mu);
    top.type('nq');
    expect((await top.running.ended).code).toBe(0);
    client.destroy();
  });

  it('shows control characters of what a server says when it refuses', async () => {
    const body = JSON.stringify({ error: 'permission_denied', message: 'no\u001b]0;taken\u0007' });
    const other = http.createServer((_, response) => response.writeHead(403).end(body));
    other.listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    sandbox.env['CLACKS_HTTP'] = `http://127.0.0.1:${port}`;
    const top = TerminalScreen.start(sandbox, ['top']);
    setServer(server);
    expect((await top.running.ended).code).toBe(1);

    expect(top.text).toContain('refuses it to admin: no\\x1b]0;taken\\x07');
    expect(top.titles).toEqual([]);
    other.close();
  });

  it('says when the server goes, and goes on when it is back', async () => {
    const top = TerminalScreen.start(sandbox, ['top']);
    await top.waitFor(/clacks http/u);
    await server.server.stop();
    await top.waitFor(/ECONNREFUSED[^]*Trying again …/u);
    expect(top.text).toContain('clacks http');
    await server.restart();
    await top.waitFor(/q quit/u);
    await top.waitFor(/clacks http/u);
    expect(top.text).not.toContain('Trying again');
    top.type('q');
    expect((await top.running.ended).code).toBe(0);
  });

  it('shows the link to the master, and that it is down', async () => {
    const master = await startHttp();
    const slave = await startHttp(
      `<master><ip>127.0.0.1</ip><port>${master.port}</port><insecure>1</insecure></master>`,
    );
    setServer(slave);
    const top = TerminalScreen.start(sandbox, ['top']);
    setServer(server);
    await top.waitFor(/slave/u);
    top.type('3');
    await top.waitFor(/^NODE.*\nclacks\S* .* master +127\.0\.0\.1\S* +live +/mu);
    await master[Symbol.asyncDispose]();
    await top.waitFor(/^- +master +127\.0\.0\.1 port \d+ +down +- +-$/mu);
    expect(top.lines[0]).toContain('NOT READY: not_synchronised');
    top.type('q');
    expect((await top.running.ended).code).toBe(0);
    await slave[Symbol.asyncDispose]();
  });

  it('gives the screen back at SIGTERM, and fits a terminal that becomes small', async () => {
    const top = TerminalScreen.start(sandbox, ['top']);
    await top.waitFor(/clacks http/u);
    top.resize({ rows: 9, columns: 30 });
    await top.waitFor(
      () => top.lines[5]?.startsWith('ID') === true && top.lines[8]?.startsWith('1 2 3') === true,
    );
    expect(top.lines[5]).toContain('IN/s↓');
    top.resize({ rows: 3, columns: 2 });
    await top.waitFor(() => top.lines.join() === 'C…,i…,1…');
    top.kill('SIGTERM');
    expect((await top.running.ended).code).toBe(143);
    expect(top.isTaken).toBe(false);
  });

  it('gives the screen to the shell at Ctrl-Z, and takes it again', async () => {
    const shell = '"$0" "$@"; echo suspended; read line; fg; echo status $?';
    const top = TerminalScreen.start(sandbox, ['top'], undefined, shell);
    await top.waitFor(/clacks http/u);
    top.type('\u001a');
    await top.waitFor(/suspended/u);
    expect(top.isTaken).toBe(false);
    // The shell echoes what is typed: it is no raw mode any more.
    top.type('typed\r');
    await top.waitFor(() => top.isTaken && top.text.includes('clacks http'));
    top.type('q');
    await top.running.waitFor('stdout', /status 0/u);
    expect(top.running.stdout).toContain('typed\r\n');
  });
});

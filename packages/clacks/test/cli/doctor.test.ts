import { once } from 'node:events';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import http from 'node:http';
import net from 'node:net';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { makeCertificate } from '../../../../test/support/certificate.ts';
import type { CertificateOptions } from '../../../../test/support/certificate.ts';
import { TestServer } from '../../../../test/support/test-server.ts';
import { Patient, expectOnly, told } from './doctor-support.ts';
import type { Content } from './doctor-support.ts';
import { Sandbox, failure } from './sandbox.ts';

let sandbox: Sandbox;
let server: TestServer;
/** Made anew for each test. */
let patient: Patient;
let tests = 0;

beforeAll(async () => {
  sandbox = await Sandbox.create();
  server = await TestServer.start({ xml: '<http><port>0</port></http>' });
});
afterAll(async () => {
  await sandbox[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

beforeEach(async () => {
  tests++;
  patient = await Patient.create(sandbox, `test-${tests}`);
});

describe('clacks doctor with a server that does not run', () => {
  it('finds nothing wrong with what is good', async () => {
    const report = await patient.examineWith({
      xml: `<persistancefile>cache</persistancefile><socket>s</socket>
          <websocket><ip>127.0.0.1</ip><port>0</port></websocket>`,
    });
    expect(report).toMatchObject({ code: 0, ok: true });
    expect(told(report)).toEqual([
      expect.stringMatching(/^ok configuration: .*clacks\.xml can be used$/u),
      expect.stringMatching(/^ok certificate: .*own\.crt and .*own\.key belong together$/u),
      expect.stringMatching(/^ok certificate: .*own\.crt is valid until \d{4}-\d\d-\d\d$/u),
      expect.stringMatching(/^ok certificate: .*own\.key is private$/u),
      expect.stringMatching(/^ok data directory: .* can be written$/u),
      expect.stringMatching(/^ok data directory: \d+ MiB are free in /u),
      expect.stringMatching(/^ok open files: .* enough for 100 connections$/u),
      expect.stringMatching(/^ok listener: 127\.0\.0\.1:\d+ is free: no server runs there$/u),
      expect.stringMatching(/^ok listener: .*\/s is free: no server runs there$/u),
      'ok websocket: 127.0.0.1 takes any free port: not checked',
    ]);
  });

  it('tells all that is wrong with a configuration, with lines and keys', async () => {
    const file = await patient.configure({
      xml: '<pingtimout>1</pingtimout>\n<maxnames>x</maxnames>',
    });
    const report = await patient.examine(file);
    expect(report).toMatchObject({ code: 1, ok: false });
    expect(told(report)).toEqual([
      expect.stringMatching(/^fail configuration: .*clacks\.xml:6: pingtimout: .*pingtimeout/u),
      expect.stringMatching(/^fail configuration: .*clacks\.xml:7: maxnames: expected a whole/u),
    ]);
  });

  it('tells that there is no such configuration, or that it is no XML', async () => {
    expectOnly(
      await patient.examine('none.xml'),
      /^fail configuration: none\.xml: there is no such/u,
    );
    await writeFile(patient.path('broken.xml'), '<clacks><ip>');
    const broken = await patient.examine(patient.path('broken.xml'));
    expectOnly(broken, /^fail configuration: .*broken\.xml:1: /u);
  });

  it('tells who can read passwords and keys', async () => {
    const file = await patient.configure();
    await chmod(file, 0o644);
    const report = await patient.examine(file);
    expectOnly(report, /^fail configuration: others can read .*clacks\.xml \(mode 0644\), which/u);
    expect(report.findings[1]?.mend).toMatch(/^chmod 600 .*clacks hash-password$/u);
    await chmod(file, 0o600);
    await chmod(patient.path('own.key'), 0o640);
    expectOnly(
      await patient.examine(file),
      /^fail certificate: others can read the key .*own\.key \(mode 0640/u,
    );
  });

  it.each<[string, CertificateOptions, RegExp]>([
    ['has run out', { days: [-10, -1] }, /^fail certificate: .* has run out on \d{4}-/u],
    ['begins later', { days: [2, 90] }, /^fail certificate: .* is not valid before \d{4}-/u],
    ['runs out soon', { days: [-1, 5.5] }, /^warn certificate: .* runs out in 5 days, on \d{4}-/u],
    ['is weak', { rsaBits: 1024 }, /^fail certificate: .*ssl.*RSA needs 2048 bits/u],
  ])('tells of a certificate that %s', async (_, options, pattern) => {
    await patient.writePair('own', options);
    expectOnly(await patient.examineWith({}), pattern);
  });

  it('tells of a key of another certificate, with the line that names it', async () => {
    const { key } = await makeCertificate();
    await writeFile(patient.path('own.key'), key);
    const pattern = /^fail certificate: .*clacks\.xml:3: ssl: .* belong together/u;
    expectOnly(await patient.examineWith({}), pattern);
  });

  it('tells of a file without a certificate, also where somebody listens', async () => {
    const file = await patient.configure({ port: server.port });
    await writeFile(patient.path('own.crt'), '');
    const report = await patient.examine(file);
    expect(report).toMatchObject({ code: 1, ok: false });
    expect(told(report, 'certificate')).toContainEqual(
      expect.stringMatching(/^fail certificate: there is no certificate in .*own\.crt$/u),
    );
    expect(told(report, 'listener')).toEqual([
      expect.stringMatching(/^warn listener: \S+ is taken; without the certificate nothing tells/u),
    ]);
  });

  it('tells of an address that the certificate is not good for', async () => {
    const file = await patient.configure({ ip: '127.0.0.2' });
    expectOnly(
      await patient.examine(file),
      /^warn certificate: .* is not good for 127\.0\.0\.2: /u,
    );
  });

  it('tells of addresses that cannot be listened on', async () => {
    const report = await patient.examineWith({ ip: '192.0.2.1' }, ['--timeout', '0.2']);
    const failed = report.findings.filter(({ verdict }) => verdict === 'fail');
    expect(failed).toEqual([
      expect.objectContaining({
        check: 'listener',
        message: expect.stringMatching(/^192\.0\.2\.1:\d+ \(<port>\): .*EADDRNOTAVAIL/u) as string,
        mend: 'this machine has no such address: see ip address',
      }),
    ]);
  });

  it('tells that the cache cannot be kept, and what a socket cannot replace', async () => {
    const missing = await patient.configure({ xml: '<persistancefile>no/cache</persistancefile>' });
    expectOnly(
      await patient.examine(missing),
      /^fail data directory: the cache cannot be kept in .*ENOENT/u,
    );
    const file = await patient.configure({ xml: '<socket>own.crt</socket>' });
    expectOnly(await patient.examine(file), /^fail listener: .*own\.crt is no socket$/u);
  });

  it('compares the limit of open files with the connections', async () => {
    const none = await patient.examineWith({ maxConnections: 0 });
    expectOnly(
      none,
      /^warn open files: .* takes any number of connections: <maxconnections> is 0$/u,
    );
    const many = await patient.examineWith({ maxConnections: 10_000_000 });
    expectOnly(many, /^warn open files: .* too few for 10000000 connections/u);
  });
});

/** A configuration of the server that runs. */
const ofRunning = async (content: Content = {}): Promise<string> => {
  await writeFile(patient.path('same.crt'), await read('server.crt'));
  await writeFile(patient.path('same.key'), await read('server.key'), { mode: 0o600 });
  return patient.configure({ port: server.port, ssl: 'same', ...content });
};

const read = (name: string): Promise<string> => readFile(path.join(server.directory, name), 'utf8');

const httpXml = (): string => `<http><port>${server.server.httpAddress?.port ?? 0}</port></http>`;

describe('clacks doctor with a server that runs', () => {
  it('logs in everywhere, and asks the admin HTTP', async () => {
    const xml = `<socket>${server.socketPath}</socket>${httpXml()}`;
    const report = await patient.examine(await ofRunning({ xml }));
    expect(report).toMatchObject({ code: 0, ok: true });
    expect(told(report, 'listener')).toEqual([
      expect.stringMatching(/^ok .*:\d+ answers, with the right certificate and login \(clacks/u),
      expect.stringMatching(/^ok .*clacks\.sock answers, with the right certificate and login/u),
    ]);
    expect(told(report, 'admin http')).toEqual([
      expect.stringMatching(/^ok .*:\d+ says that the server is ready$/u),
    ]);
    expect(told(report, 'open files')).toEqual([
      expect.stringMatching(/^ok open files: the server can have \d+ files open/u),
    ]);
  });

  it('prints it for people, with what mends it', async () => {
    const { code, stdout } = await sandbox.run(['doctor', await ofRunning({ password: 'other' })]);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^ok {4}configuration {3}\S+clacks\.xml can be used$/mu);
    expect(stdout).toMatch(
      /^fail {2}listener {8}\S+ refuses the main user's login\n {22}to mend it: if the config/mu,
    );
    expect(stdout).toMatch(/\n\d+ ok, 0 to look at, 1 wrong\n$/u);
  });

  it('tells that another server has the port, by its certificate', async () => {
    const file = await patient.configure({ port: server.port });
    expectOnly(
      await patient.examine(file),
      /^fail listener: .* shows another certificate than the one/u,
    );
  });

  it('tells that something else has the port', async () => {
    const other = net.createServer((socket) => {
      socket.on('error', () => undefined);
      socket.end('220 smtp\r\n');
    });
    other.listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const report = await patient.examineWith({ port });
    expectOnly(report, /^fail listener: .* is taken by something else: /u);
    const xml = `<http><port>${port}</port></http>`;
    const web = await patient.examineWith({ xml }, ['--timeout', '1']);
    expectOnly(web, /^fail admin http: .* does not answer as the admin HTTP of this server: /u);
    other.close();
  });

  it.each<[string, string, RegExp[]]>([
    [
      'nothing',
      'null',
      [/^fail .* does not answer as .*: it is no admin HTTP of a clacks server$/u],
    ],
    [
      'no list',
      '{"status":"not ready","problems":"abc"}',
      [/^fail .* does not answer as .*: it is no admin HTTP of a clacks server$/u],
    ],
    [
      'what no server says',
      JSON.stringify({ status: 'not ready', problems: ['x'.repeat(1000), { toString: 1 }] }),
      [/ says: x{100}$/u, / says: not ready$/u],
    ],
  ])('tells of an admin HTTP that says %s', async (_, body, patterns) => {
    const other = http.createServer((__, response) => response.end(body)).listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const report = await patient.examineWith({ xml: `<http><port>${port}</port></http>` });
    expect(report.code).toBe(1);
    expect(told(report, 'admin http')).toEqual(
      patterns.map((pattern) => expect.stringMatching(pattern) as string),
    );
    other.close();
  });

  it('does not try the login where only a hash of the password is known', async () => {
    const { stdout: hash } = await sandbox.run(['hash-password'], { input: 'adminpass\n' });
    const report = await patient.examine(await ofRunning({ password: hash.trim() }));
    expect(report).toMatchObject({ code: 0, ok: true });
    expect(told(report, 'listener')).toEqual([
      expect.stringMatching(/is taken; the login was not tried, as only a hash/u),
    ]);
  });
});

describe('clacks doctor', () => {
  it('looks at the server without a configuration, if there is one', async () => {
    expect(await sandbox.run(['doctor'])).toEqual(failure(2, /no server without a configuration/u));
    const running = sandbox.start(['server', '--port', '0']);
    await running.waitFor('stdout', /^Listening on /mu);
    const { stdout } = await sandbox.run(['doctor', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({
      config: sandbox.path('.config', 'clacks', 'server', 'clacks.xml'),
    });
    await running.kill('SIGTERM');
  });

  it('refuses what makes no sense', async () => {
    expect(await sandbox.run(['--host', 'x', 'doctor'])).toEqual(failure(2, /has no meaning/u));
    expect(await sandbox.run(['doctor', 'a', 'b'])).toEqual(failure(2, /too many arguments/u));
    expect(await sandbox.run(['doctor', '--timeout', '0'])).toEqual(
      failure(2, /Expected seconds/u),
    );
  });
});

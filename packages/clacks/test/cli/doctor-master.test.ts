import { once } from 'node:events';
import { copyFile, writeFile } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { freePort } from '../../../../test/support/free-port.ts';
import { TestServer } from '../../../../test/support/test-server.ts';
import { Patient, expectOnly, told } from './doctor-support.ts';
import type { Content } from './doctor-support.ts';
import { Sandbox } from './sandbox.ts';

let sandbox: Sandbox;
let server: TestServer;
/** Made anew for each test. */
let patient: Patient;
let tests = 0;

beforeAll(async () => {
  sandbox = await Sandbox.create();
  server = await TestServer.start();
});
afterAll(async () => {
  await sandbox[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

beforeEach(async () => {
  tests++;
  patient = await Patient.create(sandbox, `test-${tests}`);
});

describe('clacks doctor with a master', () => {
  const masterXml = (port: number, more = ''): string =>
    `<master><ip>127.0.0.1</ip><port>${port}</port>${more}</master>`;

  it('links to it for a moment, and compares the clocks', async () => {
    await writeFile(patient.path('master.crt'), server.ca);
    const xml = masterXml(server.port, '<ca>master.crt</ca>');
    const report = await patient.examineWith({ xml });
    expect(report).toMatchObject({ code: 0, ok: true });
    expect(told(report, 'master')).toEqual([
      expect.stringMatching(/^ok master: 127\.0\.0\.1:\d+ takes the login and the link \(clacks/u),
    ]);
    expect(told(report, 'clock')).toEqual([
      expect.stringMatching(/^ok clock: this clock is 0\.\d{3} s (?:ahead of|behind) that of/u),
    ]);
  });

  it.each<[string, () => Content | Promise<Content>, RegExp]>([
    [
      'cannot be reached',
      async () => ({ xml: masterXml(await freePort(), '<insecure>1</insecure>') }),
      /cannot be linked to: .*ECONNREFUSED/u,
    ],
    [
      'has a certificate of somebody else',
      () => ({ xml: masterXml(server.port, '<ca>own.crt</ca>') }),
      /cannot be linked to: its certificate is not trusted .*<ca> in <master>/u,
    ],
    [
      'refuses the login',
      () => ({
        password: 'other',
        xml: masterXml(server.port, '<insecure>1</insecure>'),
      }),
      /cannot be linked to: .* refuses the login of admin/u,
    ],
  ])('tells that it %s', async (_, content, pattern) => {
    const report = await patient.examineWith(await content());
    expect(report.code).toBe(1);
    expect(told(report, 'master').filter((line) => line.startsWith('fail'))).toEqual([
      expect.stringMatching(pattern),
    ]);
  });

  it('tells how far the clocks are apart, also of a master of Net::Clacks', async () => {
    const master = net.createServer((socket) => {
      socket.on('error', () => undefined);
      socket.write('CLACKS PageCamel 36\r\nOVERHEAD M Authentication required\r\n');
      socket.on('data', (chunk) => {
        const text = chunk.toString();
        if (text.includes('OVERHEAD A ')) socket.write('OVERHEAD O Welcome!\r\n');
        if (!text.includes('OVERHEAD I 1')) return;
        const clock = Date.now() / 1000 - 90;
        socket.write(`OVERHEAD L 1\r\nOVERHEAD T ${clock}\r\nOVERHEAD L 0\r\n`);
      });
    });
    master.listen(patient.path('m'));
    await once(master, 'listening');
    const report = await patient.examineWith({ xml: '<master><socket>m</socket></master>' });
    expectOnly(
      report,
      /^warn clock: this clock is (?:89|90)\.\d{3} s ahead of that of .*\/m \(± /u,
    );
    master.close();
  });

  it('tells of a master that tells no time', async () => {
    const master = net.createServer((socket) => {
      socket.on('error', () => undefined);
      socket.write('CLACKS x\r\nOVERHEAD O Welcome!\r\nOVERHEAD T soon\r\n');
    });
    master.listen(patient.path('m'));
    await once(master, 'listening');
    const report = await patient.examineWith({ xml: '<master><socket>m</socket></master>' });
    expectOnly(report, /^fail master: .*\/m cannot be linked to: it tells a time that is none$/u);
    master.close();
  });

  it('tells of a slave that is not synchronised', async () => {
    const lonely = await TestServer.start({
      xml: `<http><port>0</port></http>${masterXml(await freePort(), '<insecure>1</insecure>')}`,
    });
    const http = `<http><port>${lonely.server.httpAddress?.port ?? 0}</port></http>`;
    for (const name of ['server.crt', 'server.key']) {
      await copyFile(path.join(lonely.directory, name), patient.path(name));
    }
    const content = { port: lonely.port, ssl: 'server', xml: http };
    const report = await patient.examineWith(content);
    // Whoever has the port of the admin HTTP while no server runs is told no password.
    const unknown = await patient.examineWith({ xml: http });
    await lonely[Symbol.asyncDispose]();
    expectOnly(report, /^fail admin http: .* says: not_synchronised$/u);
    expectOnly(unknown, /^fail admin http: .* says: not ready$/u);
  });
});

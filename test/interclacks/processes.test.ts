import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeCertificate } from '../support/certificate.ts';
import { Child } from '../support/child.ts';
import { freePort } from '../support/free-port.ts';
import { RawClient } from '../support/raw-client.ts';

const root = path.dirname(path.dirname(import.meta.dirname));
const clacks = path.join(root, 'packages', 'clacks', 'bin', 'clacks.js');
const example = (name: string): string => path.join(root, 'examples', name);

let directory: string;
let children: Child[];
const file = (name: string): string => path.join(directory, name);

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'clacks-'));
  children = [];
  const { cert, key } = await makeCertificate();
  await writeFile(file('exampleserver.crt'), cert);
  await writeFile(file('exampleserver.key'), key);
});

afterEach(async () => {
  for (const child of children) await child.kill('SIGKILL');
  await rm(directory, { recursive: true });
});

const start = (script: string, ...args: string[]): Child => {
  const child = new Child(script, args);
  children.push(child);
  return child;
};

describe("the article's master and slave", () => {
  it('carry the chat across both', async () => {
    const [masterPort, slavePort] = [await freePort(), await freePort()];
    const ports = [
      ['clacks_master.xml', masterPort],
      ['clacks_slaveserver.xml', slavePort],
    ] as const;
    for (const [name] of ports) {
      // As they are, but for the ports: others may use those.
      const xml = await readFile(example(name), 'utf8');
      const moved = xml.replaceAll('49888', `${masterPort}`).replaceAll('49889', `${slavePort}`);
      await writeFile(file(name), moved);
    }
    const master = start(clacks, 'server', file('clacks_master.xml'));
    await master.waitFor(/listening/u);
    const slave = start(clacks, 'server', file('clacks_slaveserver.xml'));
    await slave.waitFor(/certificate is not checked/u);
    await slave.waitFor(/synchronised with the master/u);

    const ca = file('exampleserver.crt');
    const chat = (name: string, port: number): Child =>
      start(path.join(root, 'examples', 'dist', `${name}.js`), '--port', `${port}`, '--ca', ca);
    const flags = ['--ca', ca, '--user', 'exampleuser', '--password-file', file('password')];
    await writeFile(file('password'), 'unsafepassword\n');
    const monitors = [masterPort, slavePort].map((port) =>
      start(clacks, 'monitor', '--port', `${port}`, ...flags),
    );
    for (const monitor of monitors) await monitor.waitFor(/^monitoring$/mu);
    const listens = /=LISTEN example::notify$/mu;
    const bot = chat('chatbot', masterPort);
    await monitors[0]?.waitFor(listens);
    const alice = chat('chatclient', slavePort);
    await monitors[1]?.waitFor(listens);
    alice.type('Simon is here');
    await alice.waitFor(/^>>> RoboSimon says: Simon is here$/mu);

    const list = start(clacks, 'clients', '--port', `${slavePort}`, ...flags);
    expect(await list.exit()).toBe(0);
    expect(list.output).toMatch(/in interclacks master mode .* live .* ms .* ms$/mu);
    alice.type('QUIT');
    expect(await alice.exit()).toBe(0);
    await bot.kill();
  });
});

describe('a master that is killed while 200 clients write on two slaves', () => {
  it('comes back to the same on all nodes, and nothing that was flushed is lost', async () => {
    const configure = async (name: string, more: string): Promise<string> => {
      const xml = `<clacks><socket>${name}.sock</socket>
        <username>admin</username><password>adminpass</password>${more}</clacks>`;
      await writeFile(file(`${name}.xml`), xml);
      return file(`${name}.xml`);
    };
    const masterXml = await configure('master', '');
    const link = '<master><socket>master.sock</socket></master>';
    const master = start(clacks, 'server', masterXml);
    await master.waitFor(/listening/u);
    const slaves = [];
    for (const name of ['left', 'right']) {
      const slave = start(clacks, 'server', await configure(name, link));
      await slave.waitFor(/synchronised with the master/u);
      slaves.push(slave);
    }
    const flushed = new Map<string, string>();
    let isOver = false;
    const write = async (socketPath: string, id: string): Promise<number> => {
      const client = await RawClient.loginAt(socketPath);
      let writes = 0;
      while (!isOver || writes === 0) {
        writes++;
        client.send(`STORE own::${id}=${writes}`, 'INCREMENT all', `INCREMENT of::${id}=2`);
        await client.fence();
        flushed.set(`own::${id}`, `${writes}`);
        flushed.set(`of::${id}`, `${2 * writes}`);
      }
      client.destroy();
      return writes;
    };
    const writers = Array.from({ length: 200 }, (_, index) =>
      write(file(`${index % 2 === 0 ? 'left' : 'right'}.sock`), `${index}`),
    );
    await master.kill('SIGKILL');
    for (const slave of slaves) await slave.waitFor(/the link to the master is lost/u);
    start(clacks, 'server', masterXml);
    for (const slave of slaves) {
      await slave.waitFor(/the link to the master is lost[^]*synchronised with the master/u);
    }
    isOver = true;
    const total = (await Promise.all(writers)).reduce((sum, writes) => sum + writes, 0);
    flushed.set('all', `${total}`);

    const clients = await Promise.all(
      ['left', 'right', 'master'].map((name) => RawClient.loginAt(file(`${name}.sock`))),
    );
    const names = [...flushed.keys()].sort();
    for (const client of clients) {
      const expected = names.map((name) => `RETRIEVED ${name}=${flushed.get(name) ?? ''}`);
      let values: string[] = [];
      // The last writes may still be on their way.
      while (values.join('\n') !== expected.join('\n')) {
        client.send(...names.map((name) => `RETRIEVE ${name}`));
        values = await client.fence();
      }
      expect(values).toEqual(expected);
    }
  });
});

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { hashPassword, Server } from 'clacks';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeCertificate } from '../support/certificate.ts';
import { TestLog } from '../support/log.ts';
import { RawClient } from '../support/raw-client.ts';
import { TestServer } from '../support/test-server.ts';
import { masterElement, startNode, synchronised } from './support.ts';
import type { Node } from './support.ts';

const nodes: Node[] = [];
let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'clacks-'));
});

afterEach(async () => {
  await rm(directory, { recursive: true });
  // From below: a master that goes first would only be missed.
  for (const { server } of nodes.splice(0).toReversed()) await server[Symbol.asyncDispose]();
});

const kept = (node: Node): Node => {
  nodes.push(node);
  return node;
};

const newMaster = async (): Promise<Node> => kept(await startNode());

describe('a link', () => {
  it('is made without a check on the same machine, with a warning of what to add', async () => {
    const root = await newMaster();
    const slave = kept(await startNode(masterElement(root.server)));
    await slave.log.next(/its certificate is not checked.*<ca>FILE<\/ca> or <fingerprint>/u);
    await slave.log.next(synchronised);
  });

  it('is made if the certificate is the one that it must be', async () => {
    const root = await newMaster();
    const slave = kept(await startNode(masterElement(root.server, '<ca>server.crt</ca>')));
    await slave.log.next(synchronised);
  });

  it.each([
    [`<fingerprint>${'AB'.repeat(32)}</fingerprint>`, /another fingerprint: (?:[\dA-F]{2}:){31}/u],
    [
      '<ca>other.crt</ca>',
      /is not trusted \(self-signed certificate\): the <ca> in <master> is of somebody else/u,
    ],
  ])('is not made to somebody else: %s', async (more, reason) => {
    const root = await newMaster();
    const { cert } = await makeCertificate('somebody else');
    const other = path.join(directory, 'other.crt');
    await writeFile(other, cert);
    const element = masterElement(root.server, more.replace('other.crt', other));
    const slave = kept(await startNode(element));
    const entry = await slave.log.next(/^no link to the master$/u);
    expect(entry['reason']).toMatch(reason);
    const client = await RawClient.login(slave.server);
    expect(await client.fence()).toEqual([]);
  });

  it('shows the certificate of the node where the master asks for one', async () => {
    const ca = await makeCertificate('House CA');
    const own = await makeCertificate('node', { ca });
    const log = new TestLog();
    await using root = await TestServer.start({
      files: { 'ca.crt': ca.cert },
      ssl: 'ca="ca.crt"',
      logger: log.logger,
    });
    const [cert, key] = [path.join(directory, 'own.crt'), path.join(directory, 'own.key')];
    await writeFile(cert, own.cert);
    await writeFile(key, own.key);
    const stranger = kept(await startNode(masterElement(root)));
    // In TLS 1.3 the connection is there before the other side says what it misses.
    await stranger.log.next(/^no link to the master$|^the link to the master is lost$/u);
    const wrong = path.join(directory, 'wrong.key');
    await writeFile(wrong, ca.key);
    const mismatched = masterElement(root, `<cert>${cert}</cert><key>${wrong}</key>`);
    await expect(startNode(mismatched)).rejects.toThrow(/master\/key: .* that belong together/u);
    const shown = `<cert>${cert}</cert><key>${key}</key>`;
    const slave = kept(await startNode(masterElement(root, shown)));
    await slave.log.next(synchronised);
  });

  it('is refused where username and password differ, and the log says what is needed', async () => {
    const root = await newMaster();
    const log = new TestLog();
    await using server = new Server({
      config: {
        sockets: [path.join(directory, 'slave.sock')],
        users: [{ username: 'admin', password: 'other' }],
        master: { socket: root.server.socketPath },
      },
      logger: log.logger,
    });
    await server.start();
    await log.next(/both need the same username and password/u);
  });

  it('carries nothing that a user may not write, from whichever node', async () => {
    const cook = `<user username="cook" password="1"
      readnames="Kitchen::**" writenames="Kitchen::Heater::*"/>`;
    const root = kept(await startNode(cook));
    const slave = kept(await startNode(masterElement(root.server) + cook));
    await slave.log.next(synchronised);
    const [above, below] = [
      await RawClient.login(root.server),
      await RawClient.login(slave.server),
    ];
    for (const watcher of [above, below]) {
      watcher.send('LISTEN **');
      expect(await watcher.fence()).toEqual([]);
    }
    for (const [near, far] of [
      [root, below],
      [slave, above],
    ] as const) {
      const client = await RawClient.login(near.server, 'cook', '1');
      far.take();
      client.send('SET Door=1', 'STORE Kitchen::Oven=1', 'INCREMENT Kitchen::Heater');
      client.send('REMOVE Kitchen', 'SETANDSTORE Kitchen::Heater::Power=5', 'CLEARCACHE');
      const denied = 'OVERHEAD E permission_denied';
      expect(await client.fence()).toEqual([denied, denied, denied, denied, denied]);
      // It goes over the link behind the others.
      await far.waitFor((line) => line.startsWith('SET Kitchen'));
      far.send('KEYLIST');
      expect(await far.fence()).toEqual([
        'SET Kitchen::Heater::Power=5',
        'KEYLISTSTART',
        'KEY Kitchen::Heater::Power',
        'KEYLISTEND',
      ]);
      far.send('REMOVE Kitchen::Heater::Power');
      await far.fence();
      client.destroy();
    }
  });

  it('cannot be configured with a password that is known by its hash alone', async () => {
    const server = new Server({
      config: {
        sockets: ['/nowhere'],
        users: [{ username: 'admin', password: await hashPassword('x') }],
        master: { socket: '/nowhere/else' },
      },
    });
    await expect(server.start()).rejects.toThrow(/password of the main user in clear/u);
  });
});

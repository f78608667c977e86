import { afterEach, describe, expect, it } from 'vitest';
import { RawClient } from '../support/raw-client.ts';
import { masterElement, passed, startNode, startSlave, synchronised } from './support.ts';
import type { Node } from './support.ts';

const nodes: Node[] = [];

afterEach(async () => {
  // From below: a master that goes first would only be missed.
  for (const { server } of nodes.splice(0).toReversed()) await server[Symbol.asyncDispose]();
});

const kept = (node: Node): Node => {
  nodes.push(node);
  return node;
};

const newMaster = async (xml?: string): Promise<Node> => kept(await startNode(xml));
const newSlave = async (master: Node, more?: string): Promise<Node> =>
  kept(await startSlave(master, more));

const valuesOf = async (client: RawClient): Promise<string[]> => {
  client.send('KEYLIST');
  const names = (await client.fence()).flatMap((line) =>
    line.startsWith('KEY ') ? [line.slice('KEY '.length)] : [],
  );
  client.send(...names.map((name) => `RETRIEVE ${name}`));
  return client.fence();
};

describe('a tree three levels deep', () => {
  it('passes signals and values to every node, and no denied ones', async () => {
    const reader = '<user><username>ro</username><password>x</password><read>1</read></user>';
    const root = await newMaster();
    const middle = await newSlave(root, '');
    const leaf = await newSlave(middle);
    const twin = kept(await startNode(`${masterElement(root.server)}${reader}`));
    await twin.log.next(synchronised);
    const clients = await Promise.all(
      [root, middle, leaf, twin].map(({ server }) => RawClient.login(server)),
    );
    const [atRoot, atMiddle, atLeaf, atTwin] = clients as [
      RawClient,
      RawClient,
      RawClient,
      RawClient,
    ];
    for (const client of clients) {
      client.send('LISTEN a::*');
      await client.fence();
    }
    const denied = await RawClient.login(twin.server, 'ro', 'x');
    denied.send('STORE denied=1', 'SET a::denied=1', 'REMOVE kept', 'CLEARCACHE', 'INCREMENT n');
    expect(new Set(await denied.fence())).toEqual(new Set(['OVERHEAD E permission_denied']));

    atLeaf.send('STORE kept=1', 'SETANDSTORE a::both=2', 'INCREMENT n=3', 'NOTIFY a::x');
    await passed(atLeaf, atTwin);
    atTwin.send('SET a::y=4', 'DECREMENT n', 'REMOVE kept', 'STORE late=5 6=7');
    await passed(atTwin, atLeaf);
    await passed(atTwin, atMiddle);
    await passed(atTwin, atRoot);
    const received = await Promise.all(clients.map((client) => client.fence()));
    const signals = received.map((lines) => lines.filter((line) => line.includes(' a::')));
    expect(signals).toEqual([
      ['SET a::both=2', 'NOTIFY a::x', 'SET a::y=4'],
      ['SET a::both=2', 'NOTIFY a::x', 'SET a::y=4'],
      ['SET a::y=4'],
      ['SET a::both=2', 'NOTIFY a::x'],
    ]);
    for (const client of clients) {
      expect(await valuesOf(client)).toEqual([
        'RETRIEVED a::both=2',
        'RETRIEVED late=5 6=7',
        'RETRIEVED n=2',
      ]);
    }
  });
});

describe('names that contain what a KEYSYNC ends names with', () => {
  it('are the same on all nodes', async () => {
    const root = await newMaster();
    const slave = await newSlave(root);
    const [client, atRoot] = [
      await RawClient.login(slave.server),
      await RawClient.login(root.server),
    ];
    atRoot.send('STORE a=precious', 'STORE %3D=1', 'STORE 50%=2');
    await passed(atRoot, client);
    client.send('REMOVE a=b', 'INCREMENT n=m=1', 'INCREMENT n=m=2', 'INCREMENT 50%=2');
    await passed(client, atRoot);
    const late = await newSlave(root);
    for (const { server } of [root, slave, late]) {
      expect(await valuesOf(await RawClient.login(server))).toEqual([
        'RETRIEVED %3D=1',
        'RETRIEVED 50%=4',
        'RETRIEVED a=precious',
        'RETRIEVED n=m=3',
      ]);
    }
  });
});

describe('a client that may write', () => {
  it('cannot change the clock of other nodes', async () => {
    const writer = '<user><username>w</username><password>x</password><write>1</write></user>';
    const root = await newMaster(writer);
    const slave = await newSlave(root);
    const atSlave = await RawClient.login(slave.server);
    const client = await RawClient.login(root.server, 'w', 'x');
    client.send('OVERHEAD GT 4200000000', 'OVERHEAD GEF out');
    await passed(client, atSlave);
    expect(atSlave.take().filter((line) => line.includes('4200000000'))).toEqual([]);
    atSlave.send('CLIENTLIST');
    const link = (await atSlave.fence()).find((line) => line.includes('INTERCLACKS=1')) ?? '';
    expect(Math.abs(Number(/LINKOFFSET=(-?[\d.]+)/u.exec(link)?.[1]))).toBeLessThan(60);
  });
});

describe('a master that goes and comes back', () => {
  it('is missed by nobody, and gets what was written meanwhile', async () => {
    const root = await newMaster();
    const slave = await newSlave(root);
    const client = await RawClient.login(slave.server);
    client.send('STORE before=1', 'INCREMENT n=5', 'STORE gone=1');
    await client.fence();
    await root.server.server.stop();
    await slave.log.next(/^the link to the master is lost$/u);
    client.send('STORE alone=2', 'INCREMENT n', 'REMOVE gone', 'RETRIEVE before');
    expect(await client.fence()).toEqual(['RETRIEVED before=1']);
    await root.server.restart();
    await slave.log.next(synchronised);
    const atRoot = await RawClient.login(root.server);
    await passed(client, atRoot);
    expect(await valuesOf(atRoot)).toEqual([
      'RETRIEVED alone=2',
      'RETRIEVED before=1',
      'RETRIEVED n=6',
    ]);
  });

  it('replaces what the slave has, if that is what it is told', async () => {
    const root = await newMaster();
    const slave = await newSlave(root, '<sync>replace</sync>');
    const leaf = await newSlave(slave);
    const client = await RawClient.login(slave.server);
    const atLeaf = await RawClient.login(leaf.server);
    client.send('STORE own=1', 'CLEARCACHE', 'STORE own=2');
    await passed(client, atLeaf);
    await root.server.restart();
    await slave.log.next(synchronised);
    await passed(client, atLeaf);
    expect(await valuesOf(client)).toEqual([]);
    expect(await valuesOf(atLeaf)).toEqual([]);
    const atRoot = await RawClient.login(root.server);
    atRoot.send('STORE new=1');
    await passed(atRoot, atLeaf);
    expect(await valuesOf(atLeaf)).toEqual(['RETRIEVED new=1']);
  });
});

describe('a link', () => {
  it('is told of in the list of clients, on both ends', async () => {
    const root = await newMaster();
    const slave = await newSlave(root);
    const linkIn = async (node: Node): Promise<string> => {
      const client = await RawClient.login(node.server);
      client.send('CLIENTLIST');
      return (await client.fence()).find((line) => line.includes('INTERCLACKS=1')) ?? '';
    };
    expect(await linkIn(root)).toMatch(
      /^CLIENT CID=127\.0\.0\.1:\d+:\d+;.*CLIENTINFO=clacks-ts \S+ in interclacks client mode;.*LASTINTERCLACKSPING=\d+\.\d+;WRITEFAILTIME=0;LINKSTATE=live;LINKOFFSET=0;LINKLAG=[\d.e-]+;$/u,
    );
    expect(await linkIn(slave)).toMatch(
      new RegExp(
        `^CLIENT CID=127\\.0\\.0\\.1:${root.server.port};HOST=127\\.0\\.0\\.1;.*` +
          'in interclacks master mode;.*LINKSTATE=live;LINKOFFSET=-?[\\d.e-]+;LINKLAG=[\\d.e-]+;$',
        'u',
      ),
    );
  });

  it('goes over a unix socket, too', async () => {
    const root = await newMaster();
    const xml = `<master><socket>${root.server.socketPath}</socket></master>`;
    const slave = kept(await startNode(xml));
    await slave.log.next(synchronised);
    const client = await RawClient.login(slave.server);
    client.send('STORE x=1', 'CLIENTLIST');
    expect((await client.fence()).join('\n')).toContain(
      'CLIENT CID=unixdomainsocket:interclacksmaster;HOST=;PORT=;',
    );
    const atRoot = await RawClient.login(root.server);
    await passed(client, atRoot);
    expect(await valuesOf(atRoot)).toEqual(['RETRIEVED x=1']);
  });
});

describe('a slave of Net::Clacks', () => {
  it('hears of what is written on other nodes by the commands that it knows', async () => {
    const root = await newMaster();
    const slave = await newSlave(root);
    const other = await RawClient.login(root.server);
    other.send('CLACKS Net::Clacks 36', 'OVERHEAD I 1');
    await other.waitFor((line) => line === 'PING');
    other.take();
    const client = await RawClient.login(slave.server);
    client.send('STORE x=1', 'INCREMENT n=2', 'DECREMENT n', 'SETANDSTORE y=3', 'REMOVE x');
    client.send('CLEARCACHE', 'NOTIFY end');
    await other.waitFor((line) => line === 'NOTIFY end');
    expect(other.take()).toEqual([
      'STORE x=1',
      'INCREMENT n=2',
      'INCREMENT n=-1',
      'SET y=3',
      'STORE y=3',
      'REMOVE x',
      'CLEARCACHE',
      'NOTIFY end',
    ]);
  });
});

describe('a flood', () => {
  it('from a slave reaches the master whole: who floods waits for the link', async () => {
    const root = await newMaster();
    const limits = '<maxoutbuffer>1048576</maxoutbuffer><maxbuffered>8388608</maxbuffered>';
    const slave = kept(await startNode(`${masterElement(root.server)}${limits}`));
    await slave.log.next(synchronised);
    const listener = await RawClient.login(root.server);
    listener.send('LISTEN flood');
    await listener.fence();
    const publisher = await RawClient.login(slave.server);
    const signals = 20_000;
    for (let number = 0; number < signals; number++) {
      publisher.send(`SET flood=${number} ${'x'.repeat(1024)}`);
    }
    await publisher.fence();
    await listener.waitFor((line) => line.startsWith(`SET flood=${signals - 1} `));
    expect(listener.take().map((line) => Number(/\d+/u.exec(line)?.[0]))).toEqual(
      Array.from({ length: signals }, (_, number) => number),
    );
    expect(slave.log.entries.map(({ msg }) => msg)).not.toContain('the link to the master is lost');
  });

  it('of the longest values goes over a link as it does on a node', async () => {
    const limit = '<maxlinelength>100000</maxlinelength>';
    const root = await newMaster(limit);
    const slave = kept(await startNode(`${masterElement(root.server)}${limit}`));
    await slave.log.next(synchronised);
    const [client, atRoot] = [
      await RawClient.login(slave.server),
      await RawClient.login(root.server),
    ];
    const value = 'x'.repeat(100_000 - 'STORE large='.length);
    client.send(`STORE large=${value}`);
    await passed(client, atRoot);
    atRoot.send('RETRIEVE large');
    expect(await atRoot.fence()).toContain(`RETRIEVED large=${value}`);
  });
});

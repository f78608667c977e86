import { afterEach, describe, expect, it } from 'vitest';
import { RawClient } from '../support/raw-client.ts';
import { masterElement, passed, startNode, startSlave, synchronised } from './support.ts';
import type { Node } from './support.ts';

const nodes: Node[] = [];

afterEach(async () => {
  // From below: a master that goes first would only be missed.
  for (const { server } of nodes.splice(0).toReversed()) await server[Symbol.asyncDispose]();
});

const newPair = async (more = ''): Promise<{ master: Node; slave: Node }> => {
  const master = await startNode();
  nodes.push(master);
  const slave = await startSlave(master, more);
  nodes.push(slave);
  return { master, slave };
};

describe('the main password, changed by a reload', () => {
  it('leaves a link as it is, and is needed for a new one', async () => {
    const { master, slave } = await newPair();
    const toMaster = masterElement(master.server);
    const [atMaster, atSlave] = [
      await RawClient.login(master.server),
      await RawClient.login(slave.server),
    ];
    await master.server.configure('', 'changed');
    await master.server.server.reload();
    await passed(atMaster, atSlave);
    // A link that breaks is made anew with what the slave knows.
    atMaster.send('CLIENTLIST');
    const link = (await atMaster.fence()).find((line) => line.includes('INTERCLACKS=1'));
    const cid = /CID=([^;]*)/u.exec(link ?? '')?.[1] ?? '';
    atMaster.send(`CLIENTDISCONNECT ${cid}`);
    await slave.log.next(/refuses this node's login/u);
    await slave.server.configure(toMaster, 'changed');
    await slave.server.server.reload();
    await slave.log.next(synchronised);
    await passed(atMaster, atSlave);
    await passed(atSlave, atMaster);
  });
});

describe('interclackspingtimeout, lowered by a reload', () => {
  it.each(['master', 'slave'] as const)('of the %s is told to the other end', async (end) => {
    const { master, slave } = await newPair();
    const toMaster = masterElement(master.server);
    const [atMaster, atSlave] = [
      await RawClient.login(master.server),
      await RawClient.login(slave.server),
    ];
    const timeoutMs = 600;
    const times = `<interclackspingtimeout>${timeoutMs / 1000}</interclackspingtimeout>`;
    const configure = {
      master: () => master.server.configure(times),
      slave: () => slave.server.configure(`${toMaster}${times}`),
    };
    await configure[end]();
    await { master, slave }[end].server.server.reload();
    // Time is what this is about: nothing else would close the link.
    await new Promise((resolve) => setTimeout(resolve, 2 * timeoutMs));
    await passed(atMaster, atSlave);
    await passed(atSlave, atMaster);
    const lost = [...master.log.entries, ...slave.log.entries].filter(({ msg }) =>
      /lost|closed/u.test(String(msg)),
    );
    expect(lost).toEqual([]);
  });
});

describe('RELOAD', () => {
  it('is for the node it was sent to', async () => {
    const { master, slave } = await newPair();
    const [atMaster, atSlave] = [
      await RawClient.login(master.server),
      await RawClient.login(slave.server),
    ];
    await master.server.configure('<user><username>u</username><password>p</password></user>');
    atSlave.send('RELOAD x');
    expect(await atSlave.fence()).toEqual(['RELOADED x']);
    await passed(atSlave, atMaster);
    await expect(RawClient.login(master.server, 'u', 'p')).rejects.toThrow('Login failed');
  });
});

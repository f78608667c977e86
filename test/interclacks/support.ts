import type { RawClient } from '../support/raw-client.ts';
import { TestLog } from '../support/log.ts';
import { TestServer } from '../support/test-server.ts';

/** A server whose log can be waited for. */
export interface Node {
  readonly server: TestServer;
  readonly log: TestLog;
}

/** Message of a slave's log when both sides know the same. */
export const synchronised = /^synchronised with the master$/u;

/** The `<master>` element for a link to a server. */
export const masterElement = (server: TestServer, more = ''): string =>
  `<master><ip>127.0.0.1</ip><port>${server.port}</port>${more}</master>`;

/** Starts a server, as a slave if the XML has a master. */
export const startNode = async (xml = ''): Promise<Node> => {
  const log = new TestLog();
  const server = await TestServer.start({ xml, logger: log.logger });
  return { server, log };
};

/** Starts a slave and waits until it is synchronised. */
export const startSlave = async (master: Node, more = ''): Promise<Node> => {
  const slave = await startNode(masterElement(master.server, more));
  await slave.log.next(synchronised);
  return slave;
};

/** Waits until what was sent to a node before has reached those that it is linked to. */
export const passed = async (from: RawClient, to: RawClient): Promise<void> => {
  const name = `passed::${Math.random()}`;
  to.send(`LISTEN ${name}`, `FLUSH ${name}`);
  await to.waitFor((line) => line === `FLUSHED ${name}`);
  from.send(`NOTIFY ${name}`);
  await to.waitFor((line) => line === `NOTIFY ${name}`);
};

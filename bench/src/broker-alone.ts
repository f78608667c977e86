import { encodeToken, LineSplitter } from '@clacks/protocol';
import { Broker } from '../../packages/clacks/dist/broker/broker.js';
import type {
  ByteSource,
  ConnectionPort,
  LineSource,
} from '../../packages/clacks/dist/broker/ports.js';

const username = 'bench';

/** Lines that can all be handled at once. */
class AllLines extends LineSplitter implements LineSource, ByteSource {
  mayGoOn(): boolean {
    return true;
  }

  asBytes(): this | undefined {
    return this.hasBytes ? this : undefined;
  }
}

const quiet = (): void => undefined;

const newBroker = (): Broker => {
  const hourMs = 3_600_000;
  return new Broker(
    {
      ...{ identification: username, nodeId: username, store: undefined },
      ...{ authTimeoutMs: hourMs, pingTimeoutMs: hourMs, stalledWriteTimeoutMs: hourMs },
      ...{ interclacksPingTimeoutMs: hourMs, interclacksStalledWriteTimeoutMs: hourMs },
      ...{ deletedCacheTimeMs: hourMs, staleCacheTimeMs: 0, cacheCleanIntervalMs: hourMs },
      ...{ maxCacheEntries: 0, maxCacheBytes: 0, persistenceIntervalMs: hourMs },
      ...{ maxNames: 1, maxMessagesPerSecond: 0 },
      authenticate: () => ({ read: true, write: true, manage: false, interclacks: false }),
      events: {
        ...{ loginFailed: quiet, loggedIn: quiet, errorReceived: quiet, evicted: quiet },
        ...{ storeFailed: quiet, storeRecovered: quiet },
        ...{ reloadRequested: quiet, shutdownRequested: quiet },
      },
    },
    Date.now(),
    performance.now(),
  );
};

/**
 * A broker with one session that has logged in, without a socket. What is returned hands it lines, and
 * returns how many bytes it has sent for them.
 */
export const brokerAlone = (): ((lines: Buffer) => number) => {
  const broker = newBroker();
  const lines = new AllLines(1024 * 1024);
  let sentBytes = 0;
  const port: ConnectionPort = {
    ...{ facts: { transport: 'unix', host: username, port: username }, cid: username },
    ...{ outbufferLength: 0, inbufferLength: 0, stalledSinceMs: 0, lastSentAtMs: 0 },
    send: (sent) => {
      sentBytes += sent.length;
    },
    close: (reason) => {
      throw new Error(`the broker has closed the session: ${reason}`);
    },
    ...{ setLink: quiet, resume: quiet },
  };
  const session = broker.open(port);
  const handle = (bytes: Buffer): number => {
    sentBytes = 0;
    broker.setTime(Date.now(), performance.now());
    lines.push(bytes.toString('latin1'), bytes);
    broker.receive(session, lines);
    return sentBytes;
  };
  const token = encodeToken({ username, password: username });
  handle(Buffer.from(`CLACKS ${username}\r\nOVERHEAD A ${token}\r\n`));
  return handle;
};

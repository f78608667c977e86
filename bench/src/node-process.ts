// A Clacks node as a process of its own: `node node-process.js CONFIG [LOG]`. Tells its parent where it
// listens, what happens, and when asked, what it has needed since it was last asked. With a LOG it writes
// that file instead of telling what happens, and does not watch itself.
import { readdirSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Writable } from 'node:stream';
import { Server } from 'clacks';
import { pino } from 'pino';
import type { NodeMessage } from './node-under-test.ts';

const [, , config = '', logFile] = process.argv;
const tell = (message: NodeMessage): void => {
  // After the end of the measurement nobody listens, and that is no error.
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
};

const told = new Writable({
  write: (line: Buffer, _encoding, done) => {
    const { msg } = JSON.parse(line.toString()) as { msg: string };
    tell({ kind: 'log', message: msg });
    done();
  },
});
// Logins are many, and tell nothing here.
const log = logFile === undefined ? told : pino.destination({ dest: logFile, sync: false });
const logger = pino({ level: 'info' }, log);
const server = new Server({ config, logger });
await server.start();
tell({ kind: 'listening', addresses: server.address });

const delay = monitorEventLoopDelay({ resolution: 1 });
let peakBytes = 0;
if (logFile === undefined) {
  delay.enable();
  setInterval(() => {
    peakBytes = Math.max(peakBytes, process.memoryUsage().rss);
  }, 20).unref();
}

/** What comes and goes is none: requests, such as writes that are under way, and calls of this turn. */
const isHandle = (resource: string): boolean =>
  !/Immediate|Write|Shutdown|Connect|Req/u.test(resource);

const tellSample = (): void => {
  const { statistics } = server;
  if (statistics === undefined) return;
  const delayP99Ms = delay.percentile(99) / 1e6;
  globalThis.gc?.();
  const { rss, heapUsed, external } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  tell({
    kind: 'sample',
    statistics,
    residentBytes: rss,
    heapBytes: heapUsed,
    externalBytes: external,
    handles: process.getActiveResourcesInfo().filter(isHandle).length,
    fileDescriptors: readdirSync('/proc/self/fd').length,
    delayP99Ms,
    processorMs: (user + system) / 1000,
  });
  delay.reset();
};

process.on('message', (question) => {
  if (question === 'sample') {
    tellSample();
    return;
  }
  if (question === 'collect') {
    const { rss } = process.memoryUsage();
    globalThis.gc?.();
    tell({ kind: 'collected', uncollectedBytes: rss });
    return;
  }
  tell({ kind: 'needed', longestDelayMs: delay.max / 1e6, peakBytes });
  delay.reset();
  peakBytes = process.memoryUsage().rss;
});
process.on('disconnect', () => {
  void server.stop();
});

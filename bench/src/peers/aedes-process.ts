// An MQTT broker of npm: `node aedes-process.js TRANSPORT PATH-OR-PORT CERT KEY`.
import { readFileSync } from 'node:fs';
import net from 'node:net';
import tls from 'node:tls';
import { Aedes } from 'aedes';

const [, , transport = '', where = '', certificateFile = '', keyFile = ''] = process.argv;
const broker = await Aedes.createBroker({
  authenticate: (_client, username, password, done) => {
    done(null, username === 'bench' && password?.toString() === 'bench');
  },
});
const serve = (socket: net.Socket): void => {
  broker.handle(socket);
};
const server =
  transport === 'tls'
    ? tls.createServer({ cert: readFileSync(certificateFile), key: readFileSync(keyFile) }, serve)
    : net.createServer(serve);
if (transport === 'unix') server.listen({ path: where, backlog: 4096 });
else server.listen({ port: Number(where), host: '127.0.0.1', backlog: 4096 });

process.on('message', () => {
  globalThis.gc?.();
  // Pages are given back in the background.
  setTimeout(() => process.send?.(process.memoryUsage().rss), 2000);
});
process.on('disconnect', () => process.exit());

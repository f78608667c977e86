// An MQTT broker of npm: `node aedes-process.js TRANSPORT PATH-OR-PORT CERT KEY`.
import { Aedes } from 'aedes';
import { serve } from './serve.ts';

const broker = await Aedes.createBroker({
  authenticate: (_client, username, password, done) => {
    done(null, username === 'bench' && password?.toString() === 'bench');
  },
});
serve((socket) => {
  broker.handle(socket);
});

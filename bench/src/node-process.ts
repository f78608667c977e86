// A Clacks node as a process of its own: `node node-process.js CONFIG`. Tells its parent where it
// listens.
import { Server } from 'clacks';

const [, , config = ''] = process.argv;
const server = new Server({ config });
await server.start();
process.send?.(server.address);
process.on('disconnect', () => {
  void server.stop();
});

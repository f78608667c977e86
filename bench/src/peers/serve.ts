import { readFileSync } from 'node:fs';
import net from 'node:net';
import type { Socket } from 'node:net';
import tls from 'node:tls';

/**
 * Serves as `startScript` expects of a script: listens where the arguments of the process say, collects
 * garbage when it is asked to, and ends with who started it.
 */
export const serve = (handle: (socket: Socket) => void): void => {
  const [, , transport = '', where = '', certificateFile = '', keyFile = ''] = process.argv;
  const server =
    transport === 'tls'
      ? tls.createServer(
          { cert: readFileSync(certificateFile), key: readFileSync(keyFile) },
          handle,
        )
      : net.createServer(handle);
  if (transport === 'unix') server.listen({ path: where, backlog: 4096 });
  else server.listen({ port: Number(where), host: '127.0.0.1', backlog: 4096 });

  process.on('message', () => {
    globalThis.gc?.();
    process.send?.('collected');
  });
  process.on('disconnect', () => process.exit());
};

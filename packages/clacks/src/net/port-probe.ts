import { once } from 'node:events';
import net from 'node:net';

/** Where something may listen. */
export type ProbedPlace =
  { readonly host: string; readonly port: number } | { readonly path: string };

/**
 * Whether somebody takes connections there.
 *
 * @throws Error of the system, but for one that says that nobody does.
 */
export const isTaken = async (place: ProbedPlace, timeoutMs: number): Promise<boolean> => {
  const socket = net.connect(place);
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(timeoutMs) });
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ECONNREFUSED' || code === 'ENOENT') return false;
    throw error;
  } finally {
    socket.on('error', () => undefined);
    socket.destroy();
  }
};

/**
 * Listens on an address for a moment.
 *
 * @throws Error of the system if that is not possible.
 */
export const tryListening = async (host: string, port: number): Promise<void> => {
  const server = net.createServer((socket) => socket.destroy());
  server.listen({ host, port, exclusive: true });
  await once(server, 'listening');
  server.close();
  await once(server, 'close');
};

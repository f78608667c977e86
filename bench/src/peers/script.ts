import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { onServerCore } from '../machine/cores.ts';
import type { Address, RunningPeer, StartOptions } from './peer.ts';
import { answers, endProcess, freePort } from './server-process.ts';

/**
 * Starts one of our own scripts as a server: `SCRIPT TRANSPORT PATH-OR-PORT CERT KEY`. Asked by any
 * message, it collects garbage and tells its resident memory.
 */
export const startScript = async (
  name: string,
  { transport, certificate, directory }: StartOptions,
): Promise<RunningPeer> => {
  // The built one, also when this file itself is not: tests run the sources.
  const script = fileURLToPath(new URL(`../../dist/peers/${name}`, import.meta.url));
  const [cert, key] = [path.join(directory, 'cert.pem'), path.join(directory, 'key.pem')];
  await writeFile(cert, certificate.cert);
  await writeFile(key, certificate.key);
  const address: Address =
    transport === 'unix'
      ? { transport, path: path.join(directory, 'script.sock') }
      : { transport, port: await freePort() };
  const where = address.transport === 'unix' ? address.path : String(address.port);
  const node = [process.execPath, '--expose-gc', script, transport, where, cert, key];
  const [file = '', ...args] = [...onServerCore, ...node];
  const child = spawn(file, args, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  while (!(await answers(address))) {
    if (child.exitCode !== null) throw new Error(`${name} did not start`);
    await pause(10);
  }
  return {
    pid: child.pid ?? 0,
    address,
    residentBytes: async () => {
      child.send('resident');
      const [bytes] = (await once(child, 'message')) as [number];
      return bytes;
    },
    stop: () => endProcess(child),
  };
};

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeCertificate } from '../certificate.ts';
import { onServerCore } from '../machine/cores.ts';
import { settledBytesOf } from '../machine/processor-time.ts';
import type { Address, RunningPeer, StartOptions } from './peer.ts';
import { endProcess, freePort, untilAnswers } from './server-process.ts';

/**
 * Starts one of our own scripts as a server: `SCRIPT TRANSPORT PATH-OR-PORT CERT KEY`. Asked by any
 * message, it collects garbage, and answers.
 */
export const startScript = async (
  name: string,
  { transport, certificate, directory }: StartOptions,
): Promise<RunningPeer> => {
  // The built one, also when this file itself is not: tests run the sources.
  const script = fileURLToPath(new URL(`../../dist/peers/${name}`, import.meta.url));
  const { certFile, keyFile } = await writeCertificate(certificate, directory);
  const address: Address =
    transport === 'unix'
      ? { transport, path: path.join(directory, 'script.sock') }
      : { transport, port: await freePort() };
  const where = address.transport === 'unix' ? address.path : String(address.port);
  const node = [process.execPath, '--expose-gc', script, transport, where, certFile, keyFile];
  const [file = '', ...args] = [...onServerCore, ...node];
  const child = spawn(file, args, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  await untilAnswers(child, address, () => `${name} did not start`);
  const pid = child.pid ?? 0;
  return {
    pid,
    address,
    residentBytes: async (settleMs) => {
      child.send('collect');
      await once(child, 'message');
      return await settledBytesOf(pid, settleMs);
    },
    stop: () => endProcess(child),
  };
};

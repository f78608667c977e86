import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { onServerCore } from '../machine/cores.ts';
import { residentBytesOf } from '../machine/processor-time.ts';
import type { Address, RunningPeer } from './peer.ts';

const startTimeoutMs = 10_000;

/** The first version number that a command tells; `undefined` if there is no such command. */
export const versionOf = (command: string, argument: string): string | undefined => {
  const { stdout, stderr, error } = spawnSync(command, [argument], { encoding: 'latin1' });
  if (error !== undefined) return undefined;
  return /\d+\.\d+(?:\.\d+)*/u.exec(`${stdout}${stderr}`)?.[0] ?? 'unknown';
};

/** A port of 127.0.0.1 on which nobody listens. */
export const freePort = async (): Promise<number> => {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
};

/** Whether somebody listens there. */
const answers = (address: Address): Promise<boolean> =>
  new Promise((resolve) => {
    const socket =
      address.transport === 'unix'
        ? net.connect(address.path)
        : net.connect(address.port, '127.0.0.1');
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => {
      resolve(false);
    });
  });

/** Ends a process and waits until it has ended. */
export const endProcess = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const patience = setTimeout(() => child.kill('SIGKILL'), 5000);
  await ended;
  clearTimeout(patience);
};

/**
 * Waits until a server can be reached.
 *
 * @param problem - What to say of one that has ended, or takes too long: that is ended.
 */
export const untilAnswers = async (
  child: ChildProcess,
  address: Address,
  problem: () => string,
): Promise<void> => {
  const deadlineMs = performance.now() + startTimeoutMs;
  while (!(await answers(address))) {
    if (child.exitCode !== null || performance.now() > deadlineMs) {
      await endProcess(child);
      throw new Error(problem());
    }
    await pause(10);
  }
};

/** Starts a server on its core and waits until it can be reached. */
export const startCommand = async (
  command: readonly string[],
  address: Address,
): Promise<RunningPeer> => {
  const [file = '', ...args] = [...onServerCore, ...command];
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const keepOutput = (chunk: Buffer): void => {
    output = (output + chunk.toString('latin1')).slice(-2000);
  };
  child.stdout.on('data', keepOutput);
  child.stderr.on('data', keepOutput);
  await untilAnswers(child, address, () => `${command[0] ?? ''} did not start: ${output}`);
  const pid = child.pid ?? 0;
  return {
    pid,
    address,
    // None can be asked to collect garbage; so there is nothing to wait for.
    residentBytes: () => Promise.resolve(residentBytesOf(pid)),
    stop: () => endProcess(child),
  };
};

import path from 'node:path';
import { Option } from 'commander';
import type { Command } from 'commander';
import { parseListenPort } from '../arguments.ts';
import { refuseConnectionOptions } from '../connection-options.ts';
import { UsageError, exitCode } from '../exit-code.ts';
import { printNote, write } from '../output.ts';
import type { DefaultServer } from '../default-server.ts';
import { logLevels } from '../log-level.ts';
import type { LogLevel } from '../log-level.ts';
import type { ServerConfig } from '../../config/schema.ts';
import type { ListenAddress } from '../../server/listeners.ts';
import type { Server } from '../../server/server.ts';

interface ServerCommandOptions {
  readonly port?: number;
  readonly logLevel?: LogLevel;
  readonly debug?: boolean;
}

/**
 * `npx` passes on an interrupt that the terminal has sent to us already: within this time a second
 * one is the first one again.
 */
const sameSignalMs = 250;

const describe = (address: ListenAddress): string => {
  if (address.transport === 'unix') return `${address.path} (unix socket)`;
  const host = address.host.includes(':') ? `[${address.host}]` : address.host;
  return `${host}:${address.port} (TLS)`;
};

const announceMade = ({ made, files }: DefaultServer): void => {
  if (made === undefined) return;
  write(
    `First use: made a certificate and a password, kept in ${files.directory}\n` +
      `User ${made.username}, password ${made.password} (shown only now)\n` +
      `The other commands find them by themselves: clacks listen 'example::**'\n`,
  );
};

const stopOnSignals = (server: Server): void => {
  let firstAt: number | undefined;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      const now = performance.now();
      if (firstAt === undefined) {
        firstAt = now;
        // Its end is what the command waits for.
        void server.stop();
      } else if (now - firstAt > sameSignalMs) {
        process.exit(signal === 'SIGINT' ? exitCode.interrupted : exitCode.terminated);
      }
    });
  }
};

const serve = async (
  config: ServerConfig,
  options: ServerCommandOptions,
  listening: (addresses: readonly ListenAddress[]) => Promise<void>,
): Promise<void> => {
  const { createServerLog } = await import('../server-log.ts');
  const { Server } = await import('../../server/server.ts');
  const level = options.logLevel ?? (options.debug === true ? 'debug' : 'info');
  const server = new Server({ config, logger: await createServerLog(level, config.appName) });
  // Before it starts: an interrupt meanwhile is an orderly end too.
  stopOnSignals(server);
  await server.start();
  const { address: addresses } = server;
  await listening(addresses);
  write(addresses.map((address) => `Listening on ${describe(address)}\n`).join(''));
  await server.stopped;
};

const runDefault = async (options: ServerCommandOptions): Promise<void> => {
  const defaults = await import('../default-server.ts');
  const prepared = await defaults.prepareDefaultServer(options.port);
  announceMade(prepared);
  await serve(prepared.config, options, async (addresses) => {
    await defaults.announceDefaultServer(prepared.config, addresses);
    const other = await defaults.otherChosenConnection();
    if (other !== undefined) {
      printNote(`note: the other commands use the server that ${other} names, not this one`);
    }
  });
};

/** Adds `clacks server`. */
export const addServerCommand = (program: Command): void => {
  program
    .command('server')
    .description('run a server')
    .argument('[config]', 'XML configuration; without one: on 127.0.0.1, for this user only')
    .option('--port <port>', 'port of the server without a configuration; 0: any', parseListenPort)
    .addOption(
      new Option('--log-level <level>', 'how much to log (default: info)').choices(logLevels),
    )
    .option('--debug', 'log in detail, and show stack traces')
    .addHelpText(
      'after',
      `
Logs to standard error: lines of JSON, or readable text on a terminal. SIGINT and SIGTERM end it in
order, a second one at once.

Examples:
  clacks server
  clacks server --port 50000 --log-level warn
  clacks server clacks_master.xml --debug`,
    )
    .action(async (file: string | undefined, options: ServerCommandOptions, command: Command) => {
      refuseConnectionOptions(command);
      if (file === undefined) {
        await runDefault(options);
        return;
      }
      if (options.port !== undefined) {
        throw new UsageError(
          `--port is for the server without a configuration: change <port> in ${path.normalize(file)}.`,
        );
      }
      const { loadConfig } = await import('../../config/load.ts');
      await serve(await loadConfig(file), options, () => Promise.resolve());
    });
};

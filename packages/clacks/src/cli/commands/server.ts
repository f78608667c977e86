import path from 'node:path';
import { Option } from 'commander';
import type { Command } from 'commander';
import { parseListenPort } from '../arguments.ts';
import { refuseConnectionOptions } from '../connection-options.ts';
import { UsageError, exitCode } from '../exit-code.ts';
import { HangUps } from '../hang-up.ts';
import { formatHttpUrl } from '../http-url.ts';
import { printNote, write } from '../output.ts';
import { ServiceManager } from '../service-manager.ts';
import type { DefaultServer } from '../default-server.ts';
import { logLevels } from '../../config/log-level.ts';
import type { LogLevel } from '../../config/log-level.ts';
import type { ServerConfig } from '../../config/schema.ts';
import type { HttpAddress } from '../../server/admin-http.ts';
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

const bracketed = (host: string): string => (host.includes(':') ? `[${host}]` : host);

const describe = (address: ListenAddress): string => {
  if (address.transport === 'unix') return `${address.path} (unix socket)`;
  if (address.transport === 'websocket') return `${address.url} (WebSocket)`;
  return `${bracketed(address.host)}:${address.port} (TLS)`;
};

const describeState = ({ address, httpAddress }: Server): string => {
  const addresses = address.map(describe);
  if (httpAddress !== undefined) addresses.push(`${formatHttpUrl(httpAddress)} (admin HTTP)`);
  return `Listening on ${addresses.join(', ')}`;
};

const announceMade = ({ made, files }: DefaultServer): void => {
  if (made === undefined) return;
  write(
    `First use: made a certificate and a password, kept in ${files.directory}\n` +
      `User ${made.username}, password ${made.password} (shown only now)\n` +
      `The other commands find them by themselves: clacks listen 'example::**'\n`,
  );
};

const stopOnSignals = (stop: () => void): void => {
  let firstAt: number | undefined;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      const now = performance.now();
      if (firstAt === undefined) {
        firstAt = now;
        stop();
      } else if (now - firstAt > sameSignalMs) {
        process.exit(signal === 'SIGINT' ? exitCode.interrupted : exitCode.terminated);
      }
    });
  }
};

/** Reads the configuration anew. The log says what was wrong, and the service manager is told as well. */
const reload = async (server: Server, manager: ServiceManager): Promise<void> => {
  manager.reloading();
  try {
    await server.reload();
    manager.ready(describeState(server));
  } catch (error) {
    manager.ready(`Not reloaded, goes on as before: ${(error as Error).message}`);
  }
};

/** What the command runs. */
interface Service {
  /** The path of its configuration. */
  readonly file: string;
  readonly config: ServerConfig;
  readonly options: ServerCommandOptions;
  /** Called when it listens. */
  readonly listening: (
    addresses: readonly ListenAddress[],
    http: HttpAddress | undefined,
  ) => Promise<void>;
}

const start = async (
  server: Server,
  manager: ServiceManager,
  listening: Service['listening'],
): Promise<void> => {
  await server.start();
  const { address: addresses, httpAddress } = server;
  await listening(addresses, httpAddress);
  write(addresses.map((address) => `Listening on ${describe(address)}\n`).join(''));
  if (httpAddress !== undefined) write(`Admin HTTP on ${formatHttpUrl(httpAddress)}\n`);
  manager.ready(describeState(server));
};

const serve = async (
  { file, config, options, listening }: Service,
  hangUps: HangUps,
): Promise<void> => {
  const { createServerLog } = await import('../server-log.ts');
  const { Server } = await import('../../server/server.ts');
  const logLevel = options.logLevel ?? (options.debug === true ? 'debug' : undefined);
  const logger = await createServerLog('info', config.appName);
  const manager = new ServiceManager(process.env, logger);
  const server = new Server({
    config: file,
    logger,
    // Another server may have the usual ones.
    overrides: {
      logLevel,
      port: options.port,
      ...(options.port !== undefined && { httpPort: 0, webSocketPort: 0 }),
    },
  });
  const stop = (): void => {
    manager.stopping();
    // Its end is what the command waits for.
    void server.stop();
  };
  // Before it starts: an interrupt meanwhile is an orderly end too.
  stopOnSignals(stop);
  const started = start(server, manager, listening);
  hangUps.handle({
    reload: () => {
      // Why it could not be started the command itself says.
      const reloaded = started.then(() => reload(server, manager));
      reloaded.catch(() => undefined);
    },
    terminalClosed: stop,
  });
  await started;
  await server.stopped;
};

const runDefault = async (options: ServerCommandOptions, hangUps: HangUps): Promise<void> => {
  const defaults = await import('../default-server.ts');
  const prepared = await defaults.prepareDefaultServer();
  const { config, files } = prepared;
  announceMade(prepared);
  const listening: Service['listening'] = async (addresses, http): Promise<void> => {
    await defaults.announceDefaultServer(config, addresses, http);
    const other = await defaults.otherChosenConnection();
    if (other !== undefined) {
      printNote(`note: the other commands use the server that ${other} names, not this one`);
    }
  };
  await serve({ file: files.config, config, options, listening }, hangUps);
};

/** Adds `clacks server`. */
export const addServerCommand = (program: Command): void => {
  program
    .command('server')
    .description('run a server')
    .argument('[config]', 'XML configuration; without one: on 127.0.0.1, for this user only')
    .option('--port <port>', 'port of the server without a configuration; 0: any', parseListenPort)
    .addOption(
      new Option(
        '--log-level <level>',
        'how much to log (default: as configured, or info)',
      ).choices(logLevels),
    )
    .option('--debug', 'log in detail, and show stack traces')
    .addHelpText(
      'after',
      `
Logs to standard error: lines of JSON, or readable text on a terminal. SIGINT and SIGTERM end it in
order, a second one at once. SIGHUP makes it read its configuration anew, as 'clacks reload' does.
Where systemd wants to be told (Type=notify, WatchdogSec=), it is.

Examples:
  clacks server
  clacks server --port 50000 --log-level warn
  clacks server clacks_master.xml --debug`,
    )
    .action(async (file: string | undefined, options: ServerCommandOptions, command: Command) => {
      refuseConnectionOptions(command);
      const hangUps = new HangUps();
      if (file === undefined) {
        await runDefault(options, hangUps);
        return;
      }
      if (options.port !== undefined) {
        throw new UsageError(
          `--port is for the server without a configuration: change <port> in ${path.normalize(file)}.`,
        );
      }
      const { loadConfig } = await import('../../config/load.ts');
      const config = await loadConfig(file);
      await serve({ file, config, options, listening: () => Promise.resolve() }, hangUps);
    });
};

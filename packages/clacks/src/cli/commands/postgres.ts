import type { Command } from 'commander';
import { InvalidArgumentError, Option } from 'commander';
import { parseName, parseNames, parseSecondsAsMs } from '../arguments.ts';
import { addConnectionOptions, refuseConnectionOptions } from '../connection-options.ts';
import { UsageError } from '../exit-code.ts';
import { printNote, write } from '../output.ts';
import { connectClient } from '../with-client.ts';
import { logLevels } from '../../config/log-level.ts';
import type { LogLevel } from '../../config/log-level.ts';

interface DatabaseOptions {
  readonly pg?: string;
  readonly schema: string;
}

interface InstallCommandOptions extends DatabaseOptions {
  readonly durable?: boolean;
  readonly bridgeRole?: string;
}

interface RunOptions extends DatabaseOptions {
  readonly gapSignal: string | boolean;
  readonly signals?: readonly string[];
  readonly signalsFunction?: string;
  /** In ms. */
  readonly heartbeat?: number;
  readonly logLevel: LogLevel;
}

/** PostgreSQL would cut longer names short, and then they are others. */
const maxIdentifierBytes = 63;

const parseIdentifier = (text: string): string => {
  if (text !== '' && !text.includes('\0') && Buffer.byteLength(text) <= maxIdentifierBytes) {
    return text;
  }
  throw new InvalidArgumentError(`Expected a name of 1 to ${maxIdentifierBytes} bytes.`);
};

const parseFunction = (text: string): string => {
  const parts = text.split('.');
  if (parts.length > 2) throw new InvalidArgumentError('Expected FUNCTION or SCHEMA.FUNCTION.');
  return parts.map(parseIdentifier).join('.');
};

const addPgOption = (command: Command): Command =>
  command.option(
    '--pg <url>',
    'database, as postgres://USER@HOST:PORT/DATABASE (default: CLACKS_PG_URL, or PGHOST and the like)',
  );

const addSchemaOption = (command: Command): Command =>
  command.option('--schema <name>', 'schema of the functions', parseIdentifier, 'public');

const addInstallOptions = (command: Command): Command =>
  addSchemaOption(command)
    .option('--durable', 'everything goes through the outbox: nothing is lost (default: as it was)')
    .option('--no-durable', 'only what is too long for a notification does')
    .option('--bridge-role <role>', "give this role what 'run' needs", parseIdentifier);

const urlOf = ({ pg }: DatabaseOptions): string | undefined => {
  const url = pg ?? process.env['CLACKS_PG_URL'];
  return url === '' ? undefined : url;
};

const installOptions = ({ schema, durable, bridgeRole }: InstallCommandOptions) => ({
  schema,
  durable,
  bridgeRole,
});

const run = async (options: RunOptions, command: Command): Promise<void> => {
  const { schema, gapSignal, signals, signalsFunction, heartbeat, logLevel } = options;
  if (signals === undefined && signalsFunction !== undefined) {
    throw new UsageError('--signals-function has no meaning without --signals.');
  }
  const { createServerLog } = await import('../server-log.ts');
  const { PostgresBridge } = await import('../../bridge/postgres/bridge.ts');
  const { client } = await connectClient(command, { reconnect: true, waitForServer: true });
  try {
    await using bridge = new PostgresBridge({
      pg: urlOf(options),
      clacks: client,
      schema,
      // Without --no-gap-signal it is true, or a name.
      gapSignal: gapSignal === true ? undefined : gapSignal,
      ...(signals !== undefined && { signals: { names: signals, function: signalsFunction } }),
      heartbeatMs: heartbeat,
      logger: await createServerLog(logLevel, 'clacks postgres'),
    });
    bridge.once('listening', () => {
      write('Listening to the database\n');
    });
    bridge.once('standby', () => {
      write('Standing by: another bridge is at work\n');
    });
    const interrupted = new Promise<void>((resolve) => {
      process.once('SIGINT', resolve);
      process.once('SIGTERM', resolve);
    });
    await Promise.race([bridge.start(), interrupted]);
    await Promise.race([bridge.ended, interrupted]);
  } finally {
    client.destroy();
  }
};

const addInstallCommands = (group: Command): void => {
  addInstallOptions(addPgOption(group.command('install')))
    .description('install the SQL functions, or upgrade them')
    .action(async (options: InstallCommandOptions, command: Command) => {
      refuseConnectionOptions(command);
      const { installPostgres } = await import('../../bridge/postgres/installer.ts');
      await installPostgres(urlOf(options), installOptions(options));
      printNote(`installed in schema ${options.schema}`);
    });
  addSchemaOption(addPgOption(group.command('uninstall')))
    .description('take the SQL functions and tables away')
    .option('--force', 'drop messages that have not been sent yet')
    .action(async (options: DatabaseOptions & { force?: boolean }, command: Command) => {
      refuseConnectionOptions(command);
      const { uninstallPostgres } = await import('../../bridge/postgres/installer.ts');
      await uninstallPostgres(urlOf(options), options.schema, options.force);
      printNote(`taken away from schema ${options.schema}`);
    });
  addInstallOptions(group.command('sql'))
    .description("print the SQL that 'install' runs")
    .action(async (options: InstallCommandOptions, command: Command) => {
      refuseConnectionOptions(command);
      const { installScript } = await import('../../bridge/postgres/sql.ts');
      write(installScript(installOptions(options)));
    });
};

const runHelp = `
Goes on until SIGINT or SIGTERM; connects again to PostgreSQL and to the server whenever a connection
is lost. Of several bridges of one database one is at work, the others stand by. A password is better
kept in PGPASSWORD, CLACKS_PG_URL or ~/.pgpass than in the arguments, which everybody on the machine sees.

Examples:
  clacks postgres run --pg postgres://bridge@localhost/house
  clacks postgres run --signals 'Kitchen::**' 'House::Door*' --signals-function house.on_signal`;

const addRunCommand = (group: Command): void => {
  const command = addSchemaOption(addPgOption(group.command('run')))
    .description('hand on what the database sends')
    .addOption(
      new Option('--gap-signal <name>', 'signal when messages may have been missed')
        .argParser(parseName)
        .default(true, 'clacks::postgres::gap'),
    )
    .option('--no-gap-signal', 'send no such signal')
    .option('--signals <name...>', 'write these signals to the database', parseNames)
    .option(
      '--signals-function <function>',
      'call this function (name text, value text) for each of them (default: table clacks_signals)',
      parseFunction,
    )
    .option('--heartbeat <seconds>', 'time between signs of life (default: 10)', parseSecondsAsMs)
    .addOption(
      new Option('--log-level <level>', 'how much to log').choices(logLevels).default('info'),
    )
    .addHelpText('after', runHelp)
    .action(run);
  addConnectionOptions(command);
};

/** Adds `clacks postgres`. */
export const addPostgresCommand = (program: Command): void => {
  const group = program
    .command('postgres')
    .description('let a PostgreSQL database send signals and change the cache');
  addInstallCommands(group);
  addRunCommand(group);
};

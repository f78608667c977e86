import { Command, Option } from 'commander';
import { packageVersion } from '../server/identification.ts';
import { addBackupCommand } from './commands/backup.ts';
import { addCertCommand } from './commands/cert.ts';
import { addHashPasswordCommand } from './commands/hash-password.ts';
import { addInitCommand } from './commands/init.ts';
import { addClientsCommand } from './commands/clients.ts';
import { addDecrementCommand } from './commands/decrement.ts';
import { addDoctorCommand } from './commands/doctor.ts';
import { addExportCommand } from './commands/export.ts';
import { addImportCommand } from './commands/import.ts';
import { addIncrementCommand } from './commands/increment.ts';
import { addKeysCommand } from './commands/keys.ts';
import { addKickCommand } from './commands/kick.ts';
import { addListenCommand } from './commands/listen.ts';
import { addMonitorCommand } from './commands/monitor.ts';
import { addNotifyCommand } from './commands/notify.ts';
import { addPingCommand } from './commands/ping.ts';
import { addPostgresCommand } from './commands/postgres.ts';
import { addReloadCommand } from './commands/reload.ts';
import { addRemoveCommand } from './commands/remove.ts';
import { addRetrieveCommand } from './commands/retrieve.ts';
import { addSetCommand } from './commands/set.ts';
import { addShellCommand } from './commands/shell.ts';
import { addStoreCommand } from './commands/store.ts';
import { addTopCommand } from './commands/top.ts';
import { addServerCommand } from './commands/server.ts';
import { addConnectionOptions } from './connection-options.ts';
import { printError } from './output.ts';

const helpAfter = `
Exit codes: 0 done, 1 failed (unreachable, denied, not found), 2 wrong use or configuration.

Examples:
  clacks server                                 run a server on this machine
  clacks listen 'Kitchen::**'                   print what is signalled
  clacks set Kitchen::Temperature 21.5          signal a value
  clacks store Kitchen::Target 22               keep a value
  clacks retrieve Kitchen::Target               print it`;

/** Makes the command line interface, to parse one command line with. */
export const createProgram = (): Command => {
  const program = new Command('clacks')
    .description('Clacks: messages between processes, and a cache that they share.')
    .version(packageVersion, '-V, --version')
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({
      outputError: (text) => {
        const message = text
          .replace(/^error: /u, '')
          .trimEnd()
          .replaceAll('\n', ' ');
        printError(`${message} (see --help)`);
      },
    })
    .addHelpText('after', helpAfter);
  addConnectionOptions(program);
  program.commandsGroup('A server:');
  addServerCommand(program);
  addInitCommand(program);
  addCertCommand(program);
  addHashPasswordCommand(program);
  addDoctorCommand(program);
  program.commandsGroup('Signals:');
  addNotifyCommand(program);
  addSetCommand(program);
  addListenCommand(program);
  program.commandsGroup('The cache:');
  addStoreCommand(program);
  addRetrieveCommand(program);
  addRemoveCommand(program);
  addIncrementCommand(program);
  addDecrementCommand(program);
  addKeysCommand(program);
  addExportCommand(program);
  addImportCommand(program);
  addBackupCommand(program);
  program.commandsGroup('Bridges:');
  addPostgresCommand(program);
  program.commandsGroup('The server at work:');
  addTopCommand(program);
  addClientsCommand(program);
  addKickCommand(program);
  addMonitorCommand(program);
  addPingCommand(program);
  addReloadCommand(program);
  addShellCommand(program);
  addDebugOption(program);
  return program;
};

/** Every command takes it, and those below it. */
const addDebugOption = (command: Command): void => {
  if (!command.options.some(({ long }) => long === '--debug')) {
    command.addOption(new Option('--debug', 'show stack traces').hideHelp());
  }
  for (const each of command.commands) addDebugOption(each);
};

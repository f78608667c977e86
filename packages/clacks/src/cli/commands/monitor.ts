import type { Command } from 'commander';
import type { Client } from '@clacks/client';
import { addConnectionOptions } from '../connection-options.ts';
import { Waiting } from '../interrupt.ts';
import { printJson, printLine, printNote, shown } from '../output.ts';
import { withClient } from '../with-client.ts';
import { noteConnection } from './listen.ts';

const printMirrored = (mirrored: string, json: boolean): void => {
  if (!json) {
    printLine(shown(mirrored));
    return;
  }
  const [source = '', ...rest] = mirrored.split('=');
  printJson({ source, line: rest.join('=') });
};

const monitor = async (client: Client, json: boolean): Promise<void> => {
  const waiting = new Waiting();
  noteConnection(client, waiting);
  await client.monitor((mirrored) => {
    printMirrored(mirrored, json);
  });
  printNote('monitoring');
  process.exitCode = await waiting.over;
};

/** Adds `clacks monitor`. */
export const addMonitorCommand = (program: Command): void => {
  const command = program
    .command('monitor')
    .description('print everything that clients send: cid=line')
    .option('--json', 'print a line of JSON for each: {"source","line"}')
    .addHelpText(
      'after',
      `
It goes on until Ctrl-C (exit code 130). Instead of a cid stands CONNECTED or DISCONNECTED where a
connection comes or goes, and SERVERCACHE where the cache is cleaned. The permission 'manage' is
needed.

Examples:
  clacks monitor
  clacks monitor --json`,
    )
    .action(async ({ json = false }: { json?: boolean }, self: Command) => {
      await withClient(self, (client) => monitor(client, json), { reconnect: true });
    });
  addConnectionOptions(command);
};

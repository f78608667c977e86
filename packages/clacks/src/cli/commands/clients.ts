import type { Command } from 'commander';
import type { ClientInfo } from '@clacks/client';
import { addConnectionOptions } from '../connection-options.ts';
import { printJson, shown, styled, write } from '../output.ts';
import { withClient } from '../with-client.ts';

const columns: readonly {
  readonly title: string;
  readonly cell: (client: ClientInfo) => string;
}[] = [
  { title: 'CID', cell: ({ cid }) => shown(cid) },
  { title: 'CLIENT', cell: ({ clientInfo }) => shown(clientInfo) },
  { title: 'UNSENT', cell: ({ outbufferBytes }) => String(outbufferBytes) },
  { title: 'UNREAD', cell: ({ inbufferBytes }) => String(inbufferBytes) },
  { title: 'LINK', cell: ({ isInterclacks }) => (isInterclacks ? 'yes' : '-') },
  { title: 'MONITOR', cell: ({ isMonitor }) => (isMonitor ? 'yes' : '-') },
];

const formatTable = (clients: readonly ClientInfo[]): string => {
  const rows = clients.map((client) => columns.map(({ cell }) => cell(client)));
  const widths = columns.map(({ title }, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  const head = styled('bold', line(columns.map(({ title }) => title)));
  return [head, ...rows.map(line)].map((text) => `${text}\n`).join('');
};

/** Adds `clacks clients`. */
export const addClientsCommand = (program: Command): void => {
  const command = program
    .command('clients')
    .description('list the connections of the server, this one included')
    .option('--json', 'print an array of objects as JSON')
    .addHelpText(
      'after',
      `
UNSENT and UNREAD are bytes that wait in the server. The permission 'manage' is needed.

Examples:
  clacks clients
  clacks clients --json`,
    )
    .action(async ({ json = false }: { json?: boolean }, self: Command) => {
      await withClient(self, async (client) => {
        const clients = await client.clientList();
        if (json) printJson(clients);
        else write(formatTable(clients));
      });
    });
  addConnectionOptions(command);
};

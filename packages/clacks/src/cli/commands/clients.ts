import type { Command } from 'commander';
import type { ClientInfo } from '@clacks/client';
import { addConnectionOptions } from '../connection-options.ts';
import { printJson, shown, styled, write } from '../output.ts';
import { withClient } from '../with-client.ts';

interface Column {
  readonly title: string;
  readonly cell: (client: ClientInfo) => string;
}

const milliseconds = (seconds: number | undefined): string =>
  seconds === undefined ? '-' : `${(seconds * 1000).toFixed(1)} ms`;

const columns: readonly Column[] = [
  { title: 'CID', cell: ({ cid }) => shown(cid) },
  { title: 'CLIENT', cell: ({ clientInfo }) => shown(clientInfo) },
  { title: 'UNSENT', cell: ({ outbufferBytes }) => String(outbufferBytes) },
  { title: 'UNREAD', cell: ({ inbufferBytes }) => String(inbufferBytes) },
  {
    title: 'LINK',
    cell: ({ isInterclacks, link }) => (isInterclacks ? (link?.state ?? 'yes') : '-'),
  },
  { title: 'MONITOR', cell: ({ isMonitor }) => (isMonitor ? 'yes' : '-') },
];

/** Those of links, shown where there are any. */
const linkColumns: readonly Column[] = [
  { title: 'OFFSET', cell: ({ link }) => milliseconds(link?.offsetSeconds) },
  { title: 'LAG', cell: ({ link }) => milliseconds(link?.lagSeconds) },
];

const formatTable = (clients: readonly ClientInfo[]): string => {
  const hasLinks = clients.some(({ isInterclacks }) => isInterclacks);
  const shownColumns = hasLinks ? [...columns, ...linkColumns] : columns;
  const rows = clients.map((client) => shownColumns.map(({ cell }) => cell(client)));
  const widths = shownColumns.map(({ title }, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  const head = styled('bold', line(shownColumns.map(({ title }) => title)));
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
UNSENT and UNREAD are bytes that wait in the server. Links to other servers show their state, how far
the two clocks are apart, and how long a line there and back takes. The permission 'manage' is needed.

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

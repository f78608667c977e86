import { setTimeout as delay } from 'node:timers/promises';
import type { ApiSession } from '../../http/api-types.ts';
import { printJson, printLine } from '../output.ts';
import type { AdminApi } from './admin-api.ts';
import { takeSnapshot } from './snapshot.ts';
import type { Snapshot, Wanted } from './snapshot.ts';
import { summaryOf } from './summary.ts';
import { formatHead, formatRow, placeColumns, sortRows, wholeWidth } from './table.ts';
import { connectionOrderOf, viewNames, views } from './views.ts';

/** For how long it looks, in ms: the rates of connections are those since the look before. */
const lookMs = 1100;

const printTables = (snapshot: Snapshot): void => {
  for (const parts of summaryOf(snapshot.overview)) printLine(parts.join('  '));
  for (const name of viewNames) {
    const { columns, order, rows: rowsOf } = views[name];
    const rows = rowsOf(snapshot);
    if (rows === undefined || rows.length === 0) continue;
    const placed = placeColumns(columns, wholeWidth(columns, rows), order);
    printLine(`\n${name}`);
    printLine(formatHead(placed, order).trimEnd());
    for (const row of sortRows(rows, order)) printLine(formatRow(row, placed).trimEnd());
  }
};

/** Looks for a second at what a server does, and prints it. */
export const printOnce = async (
  api: AdminApi,
  session: ApiSession,
  json: boolean,
): Promise<void> => {
  const { column, isDescending } = views.connections.order;
  const connections = { sort: connectionOrderOf(column), isDescending, filter: '' };
  const wanted: Wanted = { connections, names: true, nodes: true };
  await takeSnapshot(api, session, wanted);
  await delay(lookMs);
  const snapshot = await takeSnapshot(api, session, wanted);
  if (!json) {
    printTables(snapshot);
    return;
  }
  const { overview, nodes, names } = snapshot;
  printJson({ overview, connections: snapshot.connections?.items, names: names?.items, nodes });
};

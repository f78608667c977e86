import type { ApiConnection, ApiConnectionOrder, ApiLink, ApiName } from '../../http/api-types.ts';
import { duration, short, shortBytes, shortMs } from './numbers.ts';
import type { Snapshot } from './snapshot.ts';
import { rowOf } from './table.ts';
import type { Column, ItemColumn, Order, Row } from './table.ts';

/** What the table can show. */
export const viewNames = ['connections', 'names', 'links'] as const;

/** One of them. */
export type ViewName = (typeof viewNames)[number];

/** One kind of table. */
export interface View {
  readonly columns: readonly Column[];
  /** What it is sorted by at first. */
  readonly order: Order;
  /** Its rows; `undefined` if the user may not see them, or they are not there yet. */
  readonly rows: (snapshot: Snapshot) => readonly Row[] | undefined;
  /** What its user needs. */
  readonly needs: 'view' | 'read' | 'manage';
}

const perS = { width: 9, align: 'right' } as const;

/** Their ids are what the server sorts by, so that it sends those that matter. */
const connectionColumns: readonly (ItemColumn<ApiConnection> & {
  readonly id: ApiConnectionOrder;
})[] = [
  {
    id: 'id',
    title: 'ID',
    width: 22,
    takesRest: true,
    align: 'left',
    weight: 9,
    value: ({ id }) => id,
  },
  {
    id: 'name',
    title: 'CLIENT',
    width: 12,
    takesRest: true,
    align: 'left',
    weight: 7,
    value: ({ name }) => name,
  },
  {
    ...{ id: 'username', title: 'USER', width: 10, align: 'left', weight: 6 },
    value: ({ username }) => username,
  },
  {
    ...{ id: 'sinceMs', title: 'AGE', width: 6, align: 'right', weight: 2 },
    value: ({ sinceMs }) => sinceMs,
    cell: ({ sinceMs }) => duration(Date.now() - sinceMs),
  },
  {
    ...{ id: 'listens', title: 'LISTENS', width: 8, align: 'right', weight: 3 },
    value: ({ listens }) => listens,
    cell: ({ listens }) => short(listens),
  },
  {
    ...{ id: 'linesReceivedPerS', title: 'IN/s', ...perS, weight: 8 },
    value: ({ linesReceivedPerS }) => linesReceivedPerS,
    cell: ({ linesReceivedPerS }) => short(linesReceivedPerS),
  },
  {
    ...{ id: 'linesSentPerS', title: 'OUT/s', ...perS, weight: 8 },
    value: ({ linesSentPerS }) => linesSentPerS,
    cell: ({ linesSentPerS }) => short(linesSentPerS),
  },
  {
    ...{ id: 'bytesReceivedPerS', title: 'B IN/s', ...perS, weight: 4 },
    value: ({ bytesReceivedPerS }) => bytesReceivedPerS,
    cell: ({ bytesReceivedPerS }) => shortBytes(bytesReceivedPerS),
  },
  {
    ...{ id: 'bytesSentPerS', title: 'B OUT/s', ...perS, weight: 4 },
    value: ({ bytesSentPerS }) => bytesSentPerS,
    cell: ({ bytesSentPerS }) => shortBytes(bytesSentPerS),
  },
  {
    ...{ id: 'outbufferBytes', title: 'UNSENT', ...perS, weight: 5 },
    value: ({ outbufferBytes }) => outbufferBytes,
    cell: ({ outbufferBytes }) => shortBytes(outbufferBytes),
  },
];

const nameColumns: readonly ItemColumn<ApiName>[] = [
  {
    id: 'name',
    title: 'NAME',
    width: 12,
    takesRest: true,
    align: 'left',
    weight: 9,
    value: ({ name }) => name,
  },
  {
    ...{ id: 'signalsPerS', title: 'SIGNALS/s', width: 10, align: 'right', weight: 8 },
    value: ({ signalsPerS }) => signalsPerS,
    cell: ({ signalsPerS }) => short(signalsPerS),
  },
  {
    ...{ id: 'bytesPerS', title: 'B/s', ...perS, weight: 5 },
    value: ({ bytesPerS }) => bytesPerS,
    cell: ({ bytesPerS }) => shortBytes(bytesPerS),
  },
  {
    ...{ id: 'listeners', title: 'LISTENERS', width: 10, align: 'right', weight: 7 },
    value: ({ listeners }) => listeners,
    cell: ({ listeners }) => short(listeners),
  },
];

const unknown = '-';

const linkColumns: readonly ItemColumn<ApiLink>[] = [
  {
    id: 'name',
    title: 'NODE',
    width: 12,
    takesRest: true,
    align: 'left',
    weight: 7,
    value: ({ name }) => name,
  },
  {
    ...{ id: 'direction', title: 'IS', width: 6, align: 'left', weight: 6 },
    value: ({ direction }) => direction,
  },
  {
    ...{ id: 'address', title: 'ADDRESS', width: 21, align: 'left', weight: 8 },
    value: ({ address }) => address,
  },
  {
    ...{ id: 'state', title: 'STATE', width: 14, align: 'left', weight: 9 },
    value: ({ state }) => state,
  },
  {
    ...{ id: 'lagMs', title: 'LAG', width: 9, align: 'right', weight: 8 },
    value: ({ lagMs }) => lagMs ?? -1,
    cell: ({ lagMs }) => (lagMs === undefined ? unknown : shortMs(lagMs)),
  },
  {
    ...{ id: 'clockOffsetMs', title: 'CLOCK', width: 10, align: 'right', weight: 3 },
    value: ({ clockOffsetMs }) => clockOffsetMs ?? 0,
    cell: ({ clockOffsetMs }) => (clockOffsetMs === undefined ? unknown : shortMs(clockOffsetMs)),
  },
];

/** The links that there are, and the one to the master that there should be. */
const linkRows = ({ nodes }: Snapshot): readonly Row[] | undefined => {
  if (nodes === undefined) return undefined;
  const rows = nodes.links.map((link) =>
    rowOf(link, linkColumns, { key: link.connectionId, label: link.name }),
  );
  const { master } = nodes;
  if (master === undefined || master.isLinked) return rows;
  const missing = { name: unknown, direction: 'master', address: master.address, state: 'down' };
  const text = { ...missing, lagMs: unknown, clockOffsetMs: unknown };
  const { cells } = rowOf(text, Object.keys(text).map(textColumn), { key: '', label: '' });
  return [{ key: 'master', label: 'master', cells, values: { ...missing } }, ...rows];
};

const textColumn = (id: string): ItemColumn<Record<string, string>> => ({
  ...{ id, title: id, width: 1, align: 'left', weight: 0 },
  value: (item) => item[id] ?? '',
});

/** All of them. */
export const views: Readonly<Record<ViewName, View>> = {
  connections: {
    columns: connectionColumns,
    order: { column: 'linesReceivedPerS', isDescending: true },
    needs: 'manage',
    rows: ({ connections }) =>
      connections?.items.map((item) =>
        rowOf(item, connectionColumns, { key: item.id, label: `${item.id} (${item.name})` }),
      ),
  },
  names: {
    columns: nameColumns,
    order: { column: 'signalsPerS', isDescending: true },
    needs: 'read',
    rows: ({ names }) =>
      names?.items.map((item) => rowOf(item, nameColumns, { key: item.name, label: item.name })),
  },
  links: {
    columns: linkColumns,
    order: { column: 'direction', isDescending: false },
    needs: 'view',
    rows: linkRows,
  },
};

/** What the server sorts connections by, for a column. */
export const connectionOrderOf = (column: string): ApiConnectionOrder =>
  connectionColumns.find(({ id }) => id === column)?.id ?? 'id';

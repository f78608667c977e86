import type { ApiConnection, ApiConnectionOrder } from 'clacks/admin-api';
import type { JSX } from 'preact';
import { formatBytes, formatCount, formatDateTime, formatTime } from '../../ui/format.ts';
import { isNarrow } from '../../ui/narrow.ts';
import type { Column } from '../../ui/virtual-table.tsx';
import { Visible } from '../../ui/visible.tsx';
import { Marks, titleOf } from './connection-name.tsx';

/** What can be done with a connection of the list. */
export interface ConnectionActions {
  readonly show: (connection: ApiConnection) => void;
  readonly kick: (connection: ApiConnection) => void;
}

type Cell = Column<ApiConnection>['cell'];

const text = (id: ApiConnectionOrder, title: string, widthRem: number, cell: Cell) =>
  ({ id, title, widthRem, cell, isSortable: true }) as const;

const number = (id: ApiConnectionOrder, title: string, widthRem: number, cell: Cell) =>
  ({ id, title, widthRem, cell, isSortable: true, align: 'end' }) as const;

const Name = (props: {
  readonly connection: ApiConnection;
  readonly onClick: () => void;
}): JSX.Element => (
  <span class="connection-name">
    <button
      type="button"
      class="link"
      aria-label={`Details of ${titleOf(props.connection)}`}
      onClick={props.onClick}
    >
      <Visible text={titleOf(props.connection)} />
    </button>
    <Marks connection={props.connection} />
  </span>
);

/** Today's time, or the day. */
const since = (atMs: number): string => {
  const [at, now] = [new Date(atMs), new Date()];
  return at.toDateString() === now.toDateString() ? formatTime(atMs) : at.toLocaleDateString();
};

/** Where a connection comes from, in short. */
const fromOf = ({ address, transport }: ApiConnection): string =>
  transport === 'unix' ? 'unix socket' : `${address} ${transport}`;

const others: readonly Column<ApiConnection>[] = [
  text('username', 'User', 5.5, ({ username }) => <Visible text={username} />),
  text('address', 'From', 8.5, (row) => <Visible text={fromOf(row)} />),
  text('sinceMs', 'Since', 6.5, ({ sinceMs }) => (
    <span title={formatDateTime(sinceMs)}>{since(sinceMs)}</span>
  )),
  number('listens', 'Listens', 4, ({ listens }) => formatCount(listens)),
  number('linesReceivedPerS', 'Lines in/s', 5.5, (row) => formatCount(row.linesReceivedPerS)),
  number('linesSentPerS', 'Lines out/s', 6, (row) => formatCount(row.linesSentPerS)),
  number('bytesReceivedPerS', 'Bytes in/s', 5.5, (row) => formatBytes(row.bytesReceivedPerS)),
  number('bytesSentPerS', 'Bytes out/s', 6, (row) => formatBytes(row.bytesSentPerS)),
  number('outbufferBytes', 'Unsent', 5, (row) => formatBytes(row.outbufferBytes)),
];

/** The columns of the list: what can be done stands where it can be seen on a phone as well. */
export const connectionColumns = (actions: ConnectionActions): readonly Column<ApiConnection>[] => {
  const name: Column<ApiConnection> = {
    ...text('name', 'Name', isNarrow.value ? 13.5 : 12, (connection) => (
      <Name
        connection={connection}
        onClick={() => {
          actions.show(connection);
        }}
      />
    )),
    isGrowing: true,
  };
  const kick: Column<ApiConnection> = {
    id: 'kick',
    title: 'Action',
    widthRem: 6.25,
    cell: (connection) => (
      <button
        type="button"
        class="small danger"
        aria-label={`Disconnect ${titleOf(connection)}`}
        onClick={() => {
          actions.kick(connection);
        }}
      >
        Disconnect
      </button>
    ),
  };
  return [name, kick, ...others];
};

import type { ApiConnection, ApiConnectionOrder } from 'clacks/admin-api';
import type { JSX } from 'preact';
import { formatBytes, formatCount, formatDateTime } from '../../ui/format.ts';
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

const numbers: readonly Column<ApiConnection>[] = [
  number('listens', 'Listens', 5, ({ listens }) => formatCount(listens)),
  number('linesReceivedPerS', 'Lines in/s', 6, (row) => formatCount(row.linesReceivedPerS)),
  number('linesSentPerS', 'Lines out/s', 6.5, (row) => formatCount(row.linesSentPerS)),
  number('bytesReceivedPerS', 'Bytes in/s', 6.5, (row) => formatBytes(row.bytesReceivedPerS)),
  number('bytesSentPerS', 'Bytes out/s', 6.5, (row) => formatBytes(row.bytesSentPerS)),
  number('outbufferBytes', 'Unsent', 6, (row) => formatBytes(row.outbufferBytes)),
];

/** The columns of the list: on a phone those only that say who it is. */
export const connectionColumns = (actions: ConnectionActions): readonly Column<ApiConnection>[] => {
  const isShort = isNarrow.value;
  const name: Column<ApiConnection> = {
    ...text('name', 'Name', isShort ? 10 : 12, (connection) => (
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
    widthRem: 6,
    align: 'end',
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
  const user = text('username', 'User', 6, ({ username }) => <Visible text={username} />);
  if (isShort) return [name, { ...user, widthRem: 4 }, { ...kick, title: '' }];
  return [
    name,
    user,
    text(
      'address',
      'From',
      8.5,
      (row) => `${row.address === '' ? '' : row.address} ${row.transport}`,
    ),
    text('sinceMs', 'Since', 11, ({ sinceMs }) => formatDateTime(sinceMs)),
    ...numbers,
    kick,
  ];
};

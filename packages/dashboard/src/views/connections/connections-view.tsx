import { useSignal } from '@preact/signals';
import type { ApiConnection, ApiConnectionOrder } from 'clacks/admin-api';
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { recoveries } from '../../state/node.ts';
import { route } from '../../state/route.ts';
import { formatCount } from '../../ui/format.ts';
import { VirtualTable } from '../../ui/virtual-table.tsx';
import { connectionColumns } from './connection-columns.tsx';
import { ConnectionDetails } from './connection-details.tsx';
import { ConnectionList } from './connection-list.ts';
import { addressOfPlace, placeOfQuery } from './connections-address.ts';
import type { ConnectionsPlace } from './connections-address.ts';
import { KickDialog } from './kick-dialog.tsx';
import './connections.css';

/** For how long somebody has to have typed nothing before the list is filtered, in ms. */
const typingMs = 200;

/** Goes somewhere else in the list, so that the way back does not lead through each letter typed. */
const replacePlace = (place: ConnectionsPlace): void => {
  location.replace(addressOfPlace(place));
};

const Filter = ({ total }: { readonly total: string }): JSX.Element => {
  const timer = useRef<number | undefined>(undefined);
  const { filter } = placeOfQuery(route.value.query);
  const typed = useSignal(filter);
  useEffect(() => {
    // Somebody went to another place.
    if (timer.current === undefined) typed.value = filter;
  }, [filter, typed]);
  return (
    <div class="toolbar">
      <input
        type="search"
        aria-label="Show those only whose name, user, address, transport or id holds"
        placeholder="Filter by name, user, address, …"
        value={typed}
        maxLength={200}
        onInput={({ currentTarget: { value } }) => {
          typed.value = value;
          clearTimeout(timer.current);
          timer.current = setTimeout(() => {
            timer.current = undefined;
            replacePlace({ ...placeOfQuery(route.peek().query), filter: value });
          }, typingMs);
        }}
      />
      <span class="muted">{total}</span>
    </div>
  );
};

/** The rows of the list that can be seen. */
const Table = (props: {
  readonly list: ConnectionList;
  readonly place: ConnectionsPlace;
  readonly onShow: (connection: ApiConnection) => void;
  readonly onKick: (connection: ApiConnection) => void;
}): JSX.Element => {
  const { list, place, onShow, onKick } = props;
  const { total, offset, items } = list.page.value;
  return (
    <VirtualTable
      label="Connections"
      columns={connectionColumns({ show: onShow, kick: onKick })}
      count={total}
      rowAt={(index) => items[index - offset]}
      keyOf={({ id }) => id}
      sorting={{ column: place.sort, order: place.order }}
      onSort={({ column, order }) => {
        replacePlace({ ...place, sort: column as ApiConnectionOrder, order });
      }}
      onRange={list.see}
      empty={list.isRead.value ? 'No connection fits.' : 'Reading…'}
    />
  );
};

const totalOf = ({ isRead, page }: ConnectionList): string => {
  if (!isRead.value) return '';
  const { total } = page.value;
  return `${formatCount(total)} ${total === 1 ? 'connection' : 'connections'}`;
};

/** The connections of the node: found, sorted, looked at, closed. */
export const ConnectionsView = (): JSX.Element => {
  const [list] = useState(() => new ConnectionList());
  const toKick = useSignal<ApiConnection | undefined>(undefined);
  const place = placeOfQuery(route.value.query);
  const { sort, order, filter, id } = place;
  const recovered = recoveries.value;
  useEffect(() => list.start(), [list]);
  useEffect(() => {
    list.ask({ sort, order, filter });
  }, [list, sort, order, filter, recovered]);
  const show = (shownId: string): void => {
    location.hash = addressOfPlace({ ...place, id: shownId });
  };
  const kick = (connection: ApiConnection): void => {
    toKick.value = connection;
  };
  return (
    <>
      <Filter total={totalOf(list)} />
      {list.problem.value !== '' && (
        <p class="bad">The list is not up to date. {list.problem.value}</p>
      )}
      <Table
        list={list}
        place={place}
        onShow={(connection) => {
          show(connection.id);
        }}
        onKick={kick}
      />
      {id !== '' && (
        <ConnectionDetails
          key={id}
          id={id}
          onKick={kick}
          onClose={() => {
            show('');
          }}
        />
      )}
      {toKick.value !== undefined && (
        <KickDialog
          connection={toKick.value}
          onEnd={() => {
            toKick.value = undefined;
            list.readNow();
          }}
        />
      )}
    </>
  );
};

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
  const { total, offset, items } = list.page.value;
  const goTo = (part: Partial<ConnectionsPlace>): void => {
    location.hash = addressOfPlace({ ...place, ...part });
  };
  const columns = connectionColumns({
    show: (connection) => {
      goTo({ id: connection.id });
    },
    kick: (connection) => {
      toKick.value = connection;
    },
  });
  return (
    <>
      <Filter
        total={
          list.isRead.value
            ? `${formatCount(total)} ${total === 1 ? 'connection' : 'connections'}`
            : ''
        }
      />
      {list.problem.value !== '' && (
        <p class="bad">The list is not up to date. {list.problem.value}</p>
      )}
      <VirtualTable
        label="Connections"
        columns={columns}
        count={total}
        rowAt={(index) => items[index - offset]}
        keyOf={(connection) => connection.id}
        sorting={{ column: sort, order }}
        onSort={(sorting) => {
          replacePlace({
            ...place,
            sort: sorting.column as ApiConnectionOrder,
            order: sorting.order,
          });
        }}
        onRange={list.see}
        empty={list.isRead.value ? 'No connection fits.' : 'Reading…'}
      />
      {id !== '' && (
        <ConnectionDetails
          key={id}
          id={id}
          onKick={(connection) => {
            toKick.value = connection;
          }}
          onClose={() => {
            goTo({ id: '' });
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

import type { ApiConnectionOrder } from 'clacks/admin-api';
import type { ConnectionQuestion } from './connection-list.ts';

/** What connections can be sorted by. */
const orders: readonly ApiConnectionOrder[] = [
  'sinceMs',
  'id',
  'name',
  'username',
  'address',
  'listens',
  'linesReceivedPerS',
  'linesSentPerS',
  'bytesReceivedPerS',
  'bytesSentPerS',
  'outbufferBytes',
];

/** Where somebody is in the list of connections. */
export interface ConnectionsPlace extends ConnectionQuestion {
  /** The connection whose details are shown; empty for none. */
  readonly id: string;
}

/** What an address says: `#/connections?filter=chat&sort=name&order=asc&id=…`. */
export const placeOfQuery = (query: URLSearchParams): ConnectionsPlace => ({
  sort: orders.find((order) => order === query.get('sort')) ?? 'sinceMs',
  order: query.get('order') === 'asc' ? 'asc' : 'desc',
  filter: query.get('filter') ?? '',
  id: query.get('id') ?? '',
});

/** The address of a place: what is as usual is left out. */
export const addressOfPlace = ({ sort, order, filter, id }: ConnectionsPlace): string => {
  const query = new URLSearchParams({
    ...(filter !== '' && { filter }),
    ...((sort !== 'sinceMs' || order !== 'desc') && { sort, order }),
    ...(id !== '' && { id }),
  }).toString();
  return query === '' ? '#/connections' : `#/connections?${query}`;
};

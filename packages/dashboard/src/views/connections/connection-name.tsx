import type { ApiConnection } from 'clacks/admin-api';
import type { JSX } from 'preact';
import { session } from '../../state/session.ts';
import { visibleText } from '../../ui/visible-text.ts';

type Facts = Pick<
  ApiConnection,
  'name' | 'username' | 'transport' | 'isLink' | 'isMonitor' | 'address'
>;

/** What a connection is called: it may not have said so. */
export const titleOf = ({ name, address }: Pick<ApiConnection, 'name' | 'address'>): string =>
  name === '' ? `unnamed, from ${address}` : visibleText(name);

/** Whether this page, or another one of the same user, may stand and fall with a connection. */
export const isOwn = ({ username, transport }: Pick<ApiConnection, 'username' | 'transport'>) =>
  transport === 'http' && username === session.user.value.username;

/** What is special about a connection. */
export const Marks = ({ connection }: { readonly connection: Facts }): JSX.Element => (
  <>
    {connection.isLink && <span class="mark">link</span>}
    {connection.isMonitor && <span class="mark">monitor</span>}
    {isOwn(connection) && <span class="mark">yours</span>}
  </>
);

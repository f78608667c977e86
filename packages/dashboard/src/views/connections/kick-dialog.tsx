import type { ApiConnection } from 'clacks/admin-api';
import type { JSX } from 'preact';
import { messageOf, request } from '../../api/requests.ts';
import { session } from '../../state/session.ts';
import { Confirm } from '../../ui/confirm.tsx';
import { notify } from '../../ui/notices.tsx';
import { visibleText } from '../../ui/visible-text.ts';
import { isOwn, titleOf } from './connection-name.tsx';

const kick = async (connection: ApiConnection): Promise<void> => {
  try {
    await request({ method: 'DELETE', path: 'connections', query: { id: connection.id } });
    notify(`Disconnected: ${titleOf(connection)}.`, 'good');
  } catch (error) {
    notify(`Not disconnected: ${titleOf(connection)}. ${messageOf(error)}`, 'bad');
  }
  // It may have been the session of this page.
  if (isOwn(connection)) void session.check();
};

/** Asks whether a connection is to be closed, and does it. */
export const KickDialog = (props: {
  readonly connection: ApiConnection;
  /** It is done, or not to be done. */
  readonly onEnd: () => void;
}): JSX.Element => {
  const { connection, onEnd } = props;
  const { username, address, transport, isLink } = connection;
  return (
    <Confirm
      title={`Disconnect ${titleOf(connection)}?`}
      action="Disconnect"
      onCancel={onEnd}
      onConfirm={() => {
        void kick(connection).then(onEnd);
      }}
    >
      <p>
        {username === '' ? 'Nobody has logged in there' : `User ${visibleText(username)}`}, from{' '}
        {address} ({transport}).
      </p>
      {isLink && (
        <p>
          <strong>It is a link to another node.</strong> What is sent meanwhile does not get there;
          the other node links again by itself.
        </p>
      )}
      {isOwn(connection) ? (
        <p>
          <strong>It is a login of yours to this page.</strong> If it is the one that you use now,
          you are logged out.
        </p>
      ) : (
        <p>Most clients connect again by themselves.</p>
      )}
    </Confirm>
  );
};

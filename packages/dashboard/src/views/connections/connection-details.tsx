import { signal } from '@preact/signals';
import type { ApiConnection, ApiPage } from 'clacks/admin-api';
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { request } from '../../api/requests.ts';
import { Poller } from '../../state/poller.ts';
import { formatBytes, formatCount, formatDateTime } from '../../ui/format.ts';
import { useModal } from '../../ui/modal.ts';
import { visibleText } from '../../ui/visible-text.ts';
import { Marks, titleOf } from './connection-name.tsx';
import { ListenedNamesTable } from './listened-names.tsx';

/** An id may be a part of another one: so many are looked at. */
const fittingMax = 1000;

/** One connection, read again and again. */
class WatchedConnection {
  readonly state = signal<ApiConnection | 'reading' | 'gone'>('reading');
  readonly poller: Poller;

  constructor(id: string) {
    const query = { filter: id, limit: fittingMax };
    this.poller = new Poller(async (signal) => {
      const page = await request<ApiPage<ApiConnection>>({ path: 'connections', query, signal });
      this.state.value = page.items.find((item) => item.id === id) ?? 'gone';
    });
  }
}

const rowsOf = (connection: ApiConnection): readonly (readonly [string, string])[] => {
  const traffic = (lines: number, bytes: number): string =>
    `${formatCount(lines)} lines, ${formatBytes(bytes)}`;
  return [
    ['User', connection.username === '' ? 'nobody so far' : visibleText(connection.username)],
    ['State', connection.state],
    ['From', `${connection.address} (${connection.transport})`],
    ['Id', connection.id],
    ['Since', formatDateTime(connection.sinceMs)],
    ['Listens', `${formatCount(connection.listens)} names and patterns`],
    ['Came in', traffic(connection.linesReceived, connection.bytesReceived)],
    ['… a second', traffic(connection.linesReceivedPerS, connection.bytesReceivedPerS)],
    ['Went out', traffic(connection.linesSent, connection.bytesSent)],
    ['… a second', traffic(connection.linesSentPerS, connection.bytesSentPerS)],
    ['Not sent so far', formatBytes(connection.outbufferBytes)],
    ['Not handled so far', formatBytes(connection.inbufferBytes)],
  ];
};

const Facts = ({ connection }: { readonly connection: ApiConnection }): JSX.Element => (
  <dl class="facts">
    {rowsOf(connection).map(([term, text], index) => (
      <div key={index}>
        <dt>{term}</dt>
        <dd>{text}</dd>
      </div>
    ))}
  </dl>
);

/** All that is known of a connection, as it is now. */
export const ConnectionDetails = (props: {
  readonly id: string;
  readonly onKick: (connection: ApiConnection) => void;
  readonly onClose: () => void;
}): JSX.Element => {
  const { id, onKick, onClose } = props;
  const [watched] = useState(() => new WatchedConnection(id));
  const dialog = useModal();
  useEffect(() => watched.poller.start(), [watched]);
  const state = watched.state.value;
  const connection = typeof state === 'string' ? undefined : state;
  return (
    <dialog
      ref={dialog}
      class="connection-details"
      aria-labelledby="connection-title"
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <h2 id="connection-title">
        {connection === undefined ? 'Connection' : titleOf(connection)}
        {connection !== undefined && <Marks connection={connection} />}
      </h2>
      {watched.poller.problem.value !== '' && <p class="bad">{watched.poller.problem}</p>}
      {state === 'reading' && <p class="muted">Reading…</p>}
      {state === 'gone' && <p>It is closed.</p>}
      {connection !== undefined && (
        <>
          <Facts connection={connection} />
          <ListenedNamesTable key={connection.listens} id={id} />
        </>
      )}
      <div class="buttons">
        {connection !== undefined && (
          <button
            type="button"
            class="danger"
            onClick={() => {
              onKick(connection);
            }}
          >
            Disconnect…
          </button>
        )}
        <button type="button" autofocus onClick={onClose}>
          Close
        </button>
      </div>
    </dialog>
  );
};

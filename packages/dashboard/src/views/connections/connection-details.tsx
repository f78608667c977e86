import { signal } from '@preact/signals';
import type { ApiConnection, ApiPage } from 'clacks/admin-api';
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { messageOf, request } from '../../api/requests.ts';
import { formatBytes, formatCount, formatDateTime } from '../../ui/format.ts';
import { visibleText } from '../../ui/visible.tsx';
import { Marks, titleOf } from './connection-name.tsx';
import { ListenedNamesTable } from './listened-names.tsx';

/** How long after an answer it is asked again, in ms. */
const refreshMs = 2000;
/** An id may be a part of another one: so many are looked at. */
const fittingMax = 1000;

/** One connection, read again and again. */
class WatchedConnection {
  readonly state = signal<ApiConnection | 'reading' | 'gone'>('reading');
  readonly problem = signal('');
  readonly #id: string;

  constructor(id: string) {
    this.#id = id;
  }

  /**
   * Begins to read.
   *
   * @returns Ends that.
   */
  start(): () => void {
    const leave = new AbortController();
    let timer: number | undefined;
    const read = async (): Promise<void> => {
      await this.#read(leave.signal);
      if (!leave.signal.aborted) timer = setTimeout(() => void read(), refreshMs);
    };
    void read();
    return () => {
      leave.abort();
      clearTimeout(timer);
    };
  }

  async #read(signal: AbortSignal): Promise<void> {
    const query = { filter: this.#id, limit: fittingMax };
    try {
      const page = await request<ApiPage<ApiConnection>>({ path: 'connections', query, signal });
      this.state.value = page.items.find(({ id }) => id === this.#id) ?? 'gone';
      this.problem.value = '';
    } catch (error) {
      if (!signal.aborted) this.problem.value = messageOf(error);
    }
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
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => watched.start(), [watched]);
  useEffect(() => {
    const { current } = dialog;
    current?.showModal();
    return () => current?.close();
  }, []);
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
      {watched.problem.value !== '' && <p class="bad">{watched.problem}</p>}
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

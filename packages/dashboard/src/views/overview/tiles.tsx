import type { ApiOverview } from 'clacks/admin-api';
import type { JSX } from 'preact';
import { formatBytes, formatCount, formatDateTime, formatDuration } from '../../ui/format.ts';

interface TileProps {
  readonly title: string;
  readonly value: string;
  /** More of it, in small. */
  readonly more?: string;
}

const Tile = ({ title, value, more }: TileProps): JSX.Element => (
  <div class="panel">
    <dt>{title}</dt>
    <dd>{value}</dd>
    {more !== undefined && <dd class="muted">{more}</dd>}
  </div>
);

const roles = { root: 'root of its tree, or alone', slave: 'slave of a master' } as const;

/** The key figures of a node. */
export const Tiles = ({ node }: { readonly node: ApiOverview }): JSX.Element => {
  const { lastSecond, connections, cache } = node;
  const transports = Object.entries(connections.byTransport)
    .filter(([, open]) => open > 0)
    .map(([transport, open]) => `${formatCount(open)} ${transport}`);
  return (
    <dl class="tiles">
      <Tile
        title="Lines in"
        value={`${formatCount(Math.round(lastSecond.linesReceivedPerS))}/s`}
        more={`${formatBytes(lastSecond.bytesReceivedPerS)}/s`}
      />
      <Tile
        title="Lines out"
        value={`${formatCount(Math.round(lastSecond.linesSentPerS))}/s`}
        more={`${formatBytes(lastSecond.bytesSentPerS)}/s`}
      />
      <Tile
        title="Connections"
        value={formatCount(connections.open)}
        more={transports.join(', ') || 'none'}
      />
      <Tile title="Listened to" value={formatCount(node.listens)} more="names and patterns" />
      <Tile
        title="Cache"
        value={`${formatCount(cache.entries)} ${cache.entries === 1 ? 'entry' : 'entries'}`}
        more={`about ${formatBytes(cache.bytes)}`}
      />
      <Tile
        title="Waits to be sent"
        value={formatBytes(node.bufferedBytes)}
        more={`${formatCount(node.links)} ${node.links === 1 ? 'link' : 'links'} to nodes`}
      />
      <Tile
        title="Event loop late by"
        value={formatDuration(lastSecond.eventLoopDelayP99Ms)}
        more="at most, 99 % of the time"
      />
      <Tile
        title="Up for"
        value={formatDuration(node.uptimeMs)}
        more={`since ${formatDateTime(node.startedAtMs)}`}
      />
      <Tile title="Version" value={node.version} more={roles[node.role]} />
    </dl>
  );
};

import type { Broker } from '../broker/broker.ts';
import { commandTable } from '../broker/command-table.ts';
import type { Traffic, VerbCounts } from '../broker/traffic.ts';
import type { TransportKind } from '../broker/ports.ts';
import type { NodeTotals } from '../http/ports.ts';
import type { ConnectionTable } from './connection-table.ts';
import type { ServerStatistics } from './statistics.ts';

/** Verbs that are told even if no line of them came. */
const usualVerbs = new Set([...Object.keys(commandTable), 'UNKNOWN']);

/** Who takes nothing in time, or lets too much wait. */
const slowReasons = ['slow_consumer', 'output_limit', 'write_stalled'] as const;

type Kind = Exclude<keyof VerbCounts, 'verb'>;

const byVerb = ({ byVerb: counts }: Traffic, kind: Kind): Map<string, number> =>
  new Map(
    counts
      .map((ofVerb): [string, number] => [ofVerb.verb, ofVerb[kind]])
      .filter(([verb, count]) => count > 0 || usualVerbs.has(verb)),
  );

/** Signals go out as NOTIFY and SET, whatever they came in as. */
const bySignal = (traffic: Traffic, kind: Kind): Map<string, number> => {
  const counts = byVerb(traffic, kind);
  const count = (verb: string): number => counts.get(verb) ?? 0;
  return new Map([
    ['NOTIFY', count('NOTIFY')],
    ['SET', count('SET') + count('SETANDSTORE')],
  ]);
};

const ofSessions = ({ sessions }: Broker) => {
  const openByTransport: Record<TransportKind, number> = { tls: 0, unix: 0, websocket: 0, http: 0 };
  let [names, patterns, linesSent] = [0, 0, 0];
  for (const session of sessions.values()) {
    openByTransport[session.port.facts.transport]++;
    names += session.names.size - session.patterns;
    patterns += session.patterns;
    linesSent += session.linesSent;
  }
  return { openByTransport, names, patterns, linesSent };
};

/** What a node did since it was started, and holds now. */
export const totalsOf = (
  broker: Broker,
  statistics: ServerStatistics,
  connections: ConnectionTable,
  isStoreWritable: boolean,
): NodeTotals => {
  const { traffic, cache } = broker;
  const { connections: counted, logins, commands } = statistics;
  const { linesSent, ...sessions } = ofSessions(broker);
  const network = connections.bytes;
  return {
    ...sessions,
    acceptedByTransport: counted.accepted,
    dialed: counted.dialed,
    closedByReason: counted.closed,
    slowConsumersCut: slowReasons.reduce((total, reason) => total + counted.closed[reason], 0),
    refusedByLimit: counted.refused,
    tlsHandshakesFailed: counted.tlsHandshakesFailed,
    loginsSucceeded: logins.succeeded,
    loginsFailed: logins.failed,
    commandsDenied: commands.denied,
    commandsUnknown: commands.unknown,
    cacheEntries: cache.size,
    cacheBytes: cache.bytes,
    cacheEvicted: cache.evicted,
    bufferedBytes: statistics.unsentBytes,
    isStoreWritable,
    linesReceived: byVerb(traffic, 'linesReceived'),
    bytesReceived: byVerb(traffic, 'bytesReceived'),
    linesSent: bySignal(traffic, 'signalsSent').set('other', traffic.othersSent + linesSent),
    signalBytesSent: bySignal(traffic, 'signalBytesSent'),
    networkBytesReceived: network.received,
    networkBytesSent: network.sent,
  };
};

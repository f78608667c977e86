import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import type { AdminPort, NodeTotals } from './ports.ts';

let ofProcess: Registry | undefined;

/**
 * Metrics of the process: CPU, memory, garbage collection, event loop. One for all servers in it, since
 * it is the same process, and what watches it cannot be stopped.
 */
const processRegistry = (): Registry => {
  if (ofProcess === undefined) {
    ofProcess = new Registry();
    collectDefaultMetrics({ register: ofProcess });
  }
  return ofProcess;
};

type Labelled = Iterable<readonly [label: string, value: number]>;

/** Counters of something by one label: read when they are asked for. */
type LabelledCounter = readonly [
  name: string,
  help: string,
  label: string,
  read: (totals: NodeTotals) => Labelled,
];

const labelledCounters: readonly LabelledCounter[] = [
  [
    'clacks_connections_accepted_total',
    'Connections accepted from clients and other nodes.',
    'transport',
    ({ acceptedByTransport }) => Object.entries(acceptedByTransport),
  ],
  [
    'clacks_connections_closed_total',
    'Connections closed, by reason (docs/errors.md).',
    'reason',
    ({ closedByReason }) => Object.entries(closedByReason),
  ],
  [
    'clacks_connections_refused_total',
    'Connections refused because of a limit.',
    'limit',
    ({ refusedByLimit }) => Object.entries(refusedByLimit),
  ],
  [
    'clacks_received_lines_total',
    'Lines received, by verb.',
    'verb',
    ({ linesReceived }) => linesReceived,
  ],
  [
    'clacks_received_bytes_total',
    'Bytes of lines received, line ends included, by verb.',
    'verb',
    ({ bytesReceived }) => bytesReceived,
  ],
  [
    'clacks_sent_lines_total',
    'Lines sent: signals by their verb, all others as "other".',
    'verb',
    ({ linesSent }) => linesSent,
  ],
  [
    'clacks_sent_signal_bytes_total',
    'Bytes of signals sent, line ends included, by verb.',
    'verb',
    ({ signalBytesSent }) => signalBytesSent,
  ],
];

/** Counters and gauges of one value: read when they are asked for. */
type Plain = readonly [name: string, help: string, read: (totals: NodeTotals) => number];

const counters: readonly Plain[] = [
  ['clacks_connections_dialed_total', 'Connections made to the master.', ({ dialed }) => dialed],
  [
    'clacks_tls_handshakes_failed_total',
    'TLS handshakes that failed.',
    ({ tlsHandshakesFailed }) => tlsHandshakesFailed,
  ],
  [
    'clacks_slow_consumers_cut_total',
    'Connections closed because they took too little of what waited for them.',
    ({ slowConsumersCut }) => slowConsumersCut,
  ],
  ['clacks_logins_succeeded_total', 'Logins that succeeded.', (totals) => totals.loginsSucceeded],
  ['clacks_logins_failed_total', 'Logins that failed.', ({ loginsFailed }) => loginsFailed],
  [
    'clacks_commands_denied_total',
    'Commands refused because of a permission.',
    ({ commandsDenied }) => commandsDenied,
  ],
  [
    'clacks_commands_unknown_total',
    'Lines that are no command.',
    ({ commandsUnknown }) => commandsUnknown,
  ],
  [
    'clacks_cache_evicted_total',
    'Entries forgotten because there were too many.',
    ({ cacheEvicted }) => cacheEvicted,
  ],
  [
    'clacks_network_received_bytes_total',
    'Bytes received from the network, below TLS.',
    ({ networkBytesReceived }) => networkBytesReceived,
  ],
  [
    'clacks_network_sent_bytes_total',
    'Bytes sent to the network, below TLS.',
    ({ networkBytesSent }) => networkBytesSent,
  ],
];

const gauges: readonly Plain[] = [
  ['clacks_listened_names', 'Names listened to, of all connections.', ({ names }) => names],
  ['clacks_listened_patterns', 'Patterns listened to, likewise.', ({ patterns }) => patterns],
  [
    'clacks_cache_entries',
    'Entries in the cache, tombstones included.',
    ({ cacheEntries }) => cacheEntries,
  ],
  ['clacks_cache_bytes', 'Memory of the cache, about.', ({ cacheBytes }) => cacheBytes],
  [
    'clacks_buffered_bytes',
    'Bytes that wait to be sent, of all connections.',
    ({ bufferedBytes }) => bufferedBytes,
  ],
  [
    'clacks_store_writable',
    'Whether changes of the cache can be kept, where they are.',
    ({ isStoreWritable }) => Number(isStoreWritable),
  ],
];

/** Seconds: a commit of a few changes takes some ms, one of many on a slow disk seconds. */
const commitBuckets = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10];

/** The metrics of a node, for Prometheus. Nearly all are read when they are asked for. */
export class Metrics {
  readonly #port: AdminPort;
  readonly #registry = new Registry();
  readonly #commits: Histogram;
  #totals: NodeTotals;

  constructor(port: AdminPort) {
    this.#port = port;
    this.#totals = port.totals();
    const registers = [this.#registry];
    this.#commits = new Histogram({
      name: 'clacks_store_commit_duration_seconds',
      help: 'How long it took to keep changes of the cache on the disk, by commit.',
      buckets: commitBuckets,
      registers,
    });
    for (const [name, help, label, read] of labelledCounters) {
      this.#addCounter(name, help, [label], (counter) => {
        for (const [value, count] of read(this.#totals)) counter.inc({ [label]: value }, count);
      });
    }
    for (const [name, help, read] of counters) {
      this.#addCounter(name, help, [], (counter) => {
        counter.inc(read(this.#totals));
      });
    }
    for (const [name, help, read] of gauges) {
      this.#addGauge(name, help, [], (gauge) => {
        gauge.set(read(this.#totals));
      });
    }
    this.#addOthers();
    processRegistry();
  }

  /** The store has written something. */
  storeCommitted(tookMs: number): void {
    this.#commits.observe(tookMs / 1000);
  }

  /** All of them, as text, and what kind of text that is. */
  async read(): Promise<{ readonly text: string; readonly contentType: string }> {
    this.#totals = this.#port.totals();
    const text = (await this.#registry.metrics()) + (await processRegistry().metrics());
    return { text, contentType: this.#registry.contentType };
  }

  #addOthers(): void {
    this.#addGauge('clacks_build_info', 'The version; always 1.', ['version'], (gauge) => {
      gauge.set({ version: this.#port.identity.version }, 1);
    });
    this.#addGauge(
      'clacks_connections',
      'Open connections, by how they came in.',
      ['transport'],
      (gauge) => {
        for (const [transport, open] of Object.entries(this.#totals.openByTransport)) {
          gauge.set({ transport }, open);
        }
      },
    );
    this.#addGauge('clacks_links', 'Links to other nodes.', ['direction', 'state'], (gauge) => {
      for (const { direction, state } of this.#port.links()) gauge.inc({ direction, state });
    });
    this.#addGauge(
      'clacks_link_lag_seconds',
      'How long a line to another node and back took last; of several at one address, the longest.',
      ['direction', 'address'],
      (gauge) => {
        this.#setLags(gauge);
      },
    );
  }

  #setLags(gauge: Gauge<'direction' | 'address'>): void {
    const longest = new Map<string, number>();
    for (const { direction, address, lagMs } of this.#port.links()) {
      if (lagMs === undefined) continue;
      const key = `${direction} ${address}`;
      if (lagMs < (longest.get(key) ?? 0)) continue;
      longest.set(key, lagMs);
      gauge.set({ direction, address }, lagMs / 1000);
    }
  }

  #addCounter<Label extends string>(
    name: string,
    help: string,
    labelNames: readonly Label[],
    read: (counter: Counter<Label>) => void,
  ): void {
    new Counter<Label>({
      name,
      help,
      labelNames,
      registers: [this.#registry],
      collect() {
        this.reset();
        read(this);
      },
    });
  }

  #addGauge<Label extends string>(
    name: string,
    help: string,
    labelNames: readonly Label[],
    read: (gauge: Gauge<Label>) => void,
  ): void {
    new Gauge<Label>({
      name,
      help,
      labelNames,
      registers: [this.#registry],
      collect() {
        this.reset();
        read(this);
      },
    });
  }
}

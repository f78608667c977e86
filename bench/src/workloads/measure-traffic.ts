import { stream } from '../generator/stream.ts';
import type { Ends } from '../generator/stream.ts';
import { compile } from '../generator/traffic.ts';
import type { Traffic } from '../generator/traffic.ts';
import type { Dialect } from '../peers/dialect.ts';
import type { Figure, Outcome, RunContext } from './workload.ts';

/** What {@link measureTraffic} measures. */
export const throughputFigures: readonly Figure[] = [
  { key: 'perSecond', title: '', unit: 'deliveries/s' },
  { key: 'cpuNs', title: 'CPU of a delivery', unit: 'ns', isLessBetter: true },
];

/** Bytes. */
export const kib = 1024;

/** What is sent at once, in messages: about so many bytes, were each of 64. */
export const batchOf = (bytes: number): number => Math.floor(bytes / 64);

/**
 * Sends traffic through a server, and tells how many are delivered, and what each costs.
 *
 * @param isMixed - Messages go to some listeners, not to all: what knows no names spreads them.
 * @param ends - Default: the server that runs.
 */
export const measureTraffic = async (
  context: RunContext,
  trafficOf: (dialect: Dialect) => Traffic,
  isMixed = false,
  ends?: Ends,
): Promise<Outcome> => {
  const { peer, isVerified } = context;
  let { dialect } = peer;
  const { window, ...who } = trafficOf(dialect);
  // What is on its way in the end has to be waited for.
  const traffic = { ...who, window: context.isQuick ? window / 64 : window };
  let compiled = compile(dialect, traffic);
  let checked = context;
  if (isMixed && peer.spreading !== undefined) {
    const all = compiled.publishers.flat();
    const sum = (of: 'deliveries' | 'messages'): number =>
      all.reduce((total, batch) => total + batch[of], 0);
    const spread = Math.round(sum('deliveries') / sum('messages'));
    dialect = peer.spreading(spread);
    compiled = compile(dialect, traffic, spread);
    checked = { ...context, isVerified: false };
  }
  const { done, messages, cpuNs, leastCpuNs, lap, fault } = await stream(
    checked,
    dialect,
    compiled,
    ends,
  );
  return {
    figures: {
      perSecond: done / lap.seconds,
      cpuNs,
      leastCpuNs,
      messagesPerSecond: messages / lap.seconds,
    },
    lap,
    ...((isVerified || fault !== undefined) && { fault: fault ?? '' }),
  };
};

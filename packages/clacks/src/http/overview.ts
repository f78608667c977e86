import type { ApiNodes, ApiOverview } from './api-types.ts';
import type { Site } from './route.ts';

const sum = (counts: readonly number[]): number =>
  counts.reduce((total, count) => total + count, 0);

/** What a node is and does, in short. */
export const overviewOf = ({ port, history }: Site): ApiOverview => {
  const { name, version, nodeId, startedAtMs, master } = port.identity;
  const totals = port.totals();
  return {
    name,
    version,
    nodeId,
    startedAtMs,
    uptimeMs: Date.now() - startedAtMs,
    role: master === undefined ? 'root' : 'slave',
    isReady: port.problems.length === 0,
    problems: port.problems,
    connections: {
      open: sum(Object.values(totals.openByTransport)),
      byTransport: totals.openByTransport,
    },
    links: port.links().length,
    listens: totals.names + totals.patterns,
    cache: { entries: totals.cacheEntries, bytes: totals.cacheBytes },
    bufferedBytes: totals.bufferedBytes,
    sinceStart: {
      slowConsumersCut: totals.slowConsumersCut,
      loginsFailed: totals.loginsFailed,
      commandsDenied: totals.commandsDenied,
    },
    lastSecond: history.last,
  };
};

/** The tree, as far as a node knows it. */
export const nodesOf = (site: Site): ApiNodes => {
  const { port } = site;
  const { name, version, nodeId, role } = overviewOf(site);
  const { master } = port.identity;
  const links = port.links();
  const isLinked = links.some(({ direction }) => direction === 'master');
  return {
    self: { name, version, nodeId, role },
    above: port.above(),
    ...(master !== undefined && { master: { address: master, isLinked } }),
    links,
  };
};

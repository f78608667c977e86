import type { ApiLink, ApiNodes } from 'clacks/admin-api';

/** A link to a slave that is no more, as it was. */
export interface LostLink {
  readonly link: ApiLink;
  readonly lostAtMs: number;
}

/** The links to slaves that there are, and those that there were. */
export interface SlaveMemory {
  readonly known: readonly ApiLink[];
  readonly lost: readonly LostLink[];
}

/** What is remembered at first. */
export const noSlaves: SlaveMemory = { known: [], lost: [] };

/** How long a lost one is shown, in ms, and how many. */
const lostShownMs = 600_000;
const lostMax = 20;

/**
 * Which of those that are lost is back: one that was started anew has another id, at the same
 * address.
 */
const indexOfReturned = (lost: readonly LostLink[], slave: ApiLink): number => {
  const same = lost.findIndex(
    ({ link: { nodeId } }) => nodeId !== undefined && nodeId === slave.nodeId,
  );
  if (same !== -1) return same;
  return lost.findIndex(({ link }) => link.address === slave.address && link.name === slave.name);
};

/** A node forgets slaves that are gone: a page that has seen them remembers, until they are back. */
export const rememberSlaves = (
  { known, lost }: SlaveMemory,
  nodes: ApiNodes,
  nowMs: number,
): SlaveMemory => {
  const slaves = nodes.links.filter(({ direction }) => direction === 'slave');
  const before = new Set(known.map(({ connectionId }) => connectionId));
  const now = new Set(slaves.map(({ connectionId }) => connectionId));
  const all = [
    ...lost.filter(({ lostAtMs }) => nowMs - lostAtMs < lostShownMs),
    ...known
      .filter(({ connectionId }) => !now.has(connectionId))
      .map((link) => ({ link, lostAtMs: nowMs })),
  ];
  for (const slave of slaves) {
    if (before.has(slave.connectionId)) continue;
    const back = indexOfReturned(all, slave);
    if (back !== -1) all.splice(back, 1);
  }
  return { known: slaves, lost: all.slice(-lostMax) };
};

import { formatDuration } from '../../ui/format.ts';
import type { Tree, TreeLink, TreeNode } from './tree.ts';

/** What a node is to the one whose page this is. */
export const placeWords: Readonly<Record<TreeNode['place'], string>> = {
  above: 'above the master',
  master: 'master',
  self: 'this node',
  slave: 'slave',
};

/** What a state of a link is called. */
export const stateWords: Readonly<Record<TreeLink['state'], string>> = {
  authenticating: 'logging in',
  locked: 'receiving',
  syncing: 'catching up',
  live: 'live',
  broken: '✕ broken',
};

/** How good a state is, as a class of styles. */
export const stateClass = ({ state }: TreeLink): 'good' | 'warn' | 'bad' => {
  if (state === 'live') return 'good';
  return state === 'broken' ? 'bad' : 'warn';
};

/** How long a line there and back took. */
export const lagText = ({ lagMs }: TreeLink): string =>
  lagMs === undefined ? '–' : formatDuration(lagMs);

/** How far the clocks are apart, with its sign. */
export const offsetText = ({ clockOffsetMs }: TreeLink): string => {
  if (clockOffsetMs === undefined) return '–';
  if (Math.abs(clockOffsetMs) < 0.05) return '0 ms';
  const sign = clockOffsetMs < 0 ? '−' : '+';
  return `${sign}${formatDuration(Math.abs(clockOffsetMs))}`;
};

const many = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`;

/** A tree in a sentence or two. It changes when a link does, and not with each figure. */
export const summaryOf = ({ above, master, slaves }: Tree): string => {
  const parts: string[] = [];
  if (master?.link === undefined) parts.push('It has no master.');
  else {
    const { state } = master.link;
    parts.push(
      state === 'broken'
        ? 'The link to the master is broken.'
        : `The link to the master is ${stateWords[state]}.`,
    );
  }
  if (above.length > 0) parts.push(`${many(above.length, 'node')} above the master.`);
  const broken = slaves.filter(({ link }) => link?.state === 'broken').length;
  const live = slaves.filter(({ link }) => link?.state === 'live').length;
  parts.push(`${many(slaves.length - broken, 'slave')}, ${live} of them live.`);
  if (broken === 1) parts.push('The link to one more is broken.');
  if (broken > 1) parts.push(`The links to ${broken} more are broken.`);
  return parts.join(' ');
};

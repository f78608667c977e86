import type { ApiLink, ApiNodes } from 'clacks/admin-api';
import { visibleText } from '../../ui/visible-text.ts';
import type { LostLink } from './lost-slaves.ts';

/** How a link is: as the server says, or broken. */
export interface TreeLink {
  readonly state: ApiLink['state'] | 'broken';
  /** ms there and back. */
  readonly lagMs?: number | undefined;
  /** This node's clock minus the other's, in ms. */
  readonly clockOffsetMs?: number | undefined;
  /** When the page noticed that it is broken. */
  readonly lostAtMs?: number;
}

/** A node of the tree. */
export interface TreeNode {
  readonly key: string;
  readonly place: 'above' | 'master' | 'self' | 'slave';
  /** What it is called. */
  readonly title: string;
  /** Where it is, or its id. */
  readonly where: string;
  /** Its link with the node whose page this is, where it has one. */
  readonly link?: TreeLink;
}

/** The tree as far as a node knows it. */
export interface Tree {
  /** From the root on, without the master. */
  readonly above: readonly TreeNode[];
  readonly master?: TreeNode;
  readonly self: TreeNode;
  readonly slaves: readonly TreeNode[];
}

const placeOf = (address: string): string =>
  address === 'unixdomainsocket' ? 'unix socket' : address;

const titleOf = ({ nodeId, name, address }: ApiLink): string =>
  visibleText(nodeId ?? (name || placeOf(address)));

const linkOf = ({ state, lagMs, clockOffsetMs }: ApiLink): TreeLink => ({
  state,
  lagMs,
  clockOffsetMs,
});

const masterOf = (nodes: ApiNodes): TreeNode | undefined => {
  const link = nodes.links.find(({ direction }) => direction === 'master');
  if (link === undefined && nodes.master === undefined) return undefined;
  const address = nodes.master?.address ?? placeOf(link?.address ?? '');
  return {
    key: 'master',
    place: 'master',
    title: link === undefined ? 'Master' : titleOf(link),
    where: address,
    link: link === undefined ? { state: 'broken' } : linkOf(link),
  };
};

/** Arranges what the server says, with the slaves that were there before. */
export const treeOf = (nodes: ApiNodes, lost: readonly LostLink[]): Tree => {
  const { self, links } = nodes;
  const master = masterOf(nodes);
  const masterLink = links.find(({ direction }) => direction === 'master');
  const slaves = links.filter(({ direction }) => direction === 'slave');
  return {
    above: nodes.above
      .filter((id) => id !== masterLink?.nodeId)
      .map((id) => ({ key: `above ${id}`, place: 'above', title: visibleText(id), where: '–' })),
    ...(master !== undefined && { master }),
    self: { key: 'self', place: 'self', title: self.name, where: self.nodeId },
    slaves: [
      ...slaves.map((link): TreeNode => ({
        key: link.connectionId,
        place: 'slave',
        title: titleOf(link),
        where: placeOf(link.address),
        link: linkOf(link),
      })),
      ...lost.map(({ link, lostAtMs }): TreeNode => ({
        key: `lost ${link.connectionId}`,
        place: 'slave',
        title: titleOf(link),
        where: placeOf(link.address),
        link: { state: 'broken', lostAtMs },
      })),
    ],
  };
};

/** All nodes of a tree, the root first. */
export const nodesOf = ({ above, master, self, slaves }: Tree): readonly TreeNode[] => [
  ...above,
  ...(master === undefined ? [] : [master]),
  self,
  ...slaves,
];

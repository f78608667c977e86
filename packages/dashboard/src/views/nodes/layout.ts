import type { Tree, TreeLink, TreeNode } from './tree.ts';

/** Where a node is drawn, in pixels. */
export interface Box {
  readonly node: TreeNode;
  readonly x: number;
  readonly y: number;
}

/** A link that is drawn, straight down, with what is said of it beside it. */
export interface Wire {
  readonly key: string;
  readonly x: number;
  readonly fromY: number;
  readonly toY: number;
  /** Absent if nothing is known of it. */
  readonly link?: TreeLink;
}

/** A picture of a tree, in pixels. */
export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly boxWidth: number;
  readonly boxes: readonly Box[];
  readonly wires: readonly Wire[];
  /** Path of what leads to all slaves. */
  readonly bus: string;
}

/** Height of a box. */
export const boxHeight = 58;
const boxWidthMax = 200;
const boxWidthMin = 140;
const gap = 16;
/** Height of a wire that something is said of, and of one of which nothing is. */
const wireHeight = 72;
const shortWireHeight = 24;
/** How far below this node the bus is. */
const busDrop = 18;
/** Room at the left for what leads to further rows. */
const margin = 20;
/** Room beside a wire for what is said of it. */
const textWidth = 100;
/** Room for the outline of boxes. */
const edge = 2;

interface Grid {
  readonly columns: number;
  readonly boxWidth: number;
  readonly left: number;
}

const gridOf = (slaves: number, width: number): Grid => {
  const fitting = (left: number): number =>
    Math.max(1, Math.floor((width - left - edge + gap) / (boxWidthMin + gap)));
  const isOneRow = slaves <= fitting(edge);
  const left = isOneRow ? edge : margin;
  const columns = isOneRow ? Math.max(1, slaves) : fitting(left);
  const room = (width - left - edge + gap) / columns - gap;
  return { columns, left, boxWidth: Math.min(boxWidthMax, room) };
};

/** Arranges a tree from above: nodes above, master, this node, and rows of slaves below. */
export const layoutOf = (tree: Tree, width: number): Layout => {
  const { columns, boxWidth, left } = gridOf(tree.slaves.length, width);
  const isOneRow = tree.slaves.length <= columns;
  const rowWidth = columns * (boxWidth + gap) - gap;
  const rowLeft = isOneRow ? (width - rowWidth) / 2 : left;
  const middle = width / 2;
  const boxes: Box[] = [];
  const wires: Wire[] = [];
  let y = edge;
  const stack = (node: TreeNode, wireBelow: Omit<Wire, 'key' | 'x' | 'fromY' | 'toY'>): void => {
    boxes.push({ node, x: middle - boxWidth / 2, y });
    const fromY = y + boxHeight;
    y = fromY + (wireBelow.link === undefined ? shortWireHeight : wireHeight);
    wires.push({ key: node.key, x: middle, fromY, toY: y, ...wireBelow });
  };
  for (const node of tree.above) stack(node, {});
  const { master } = tree;
  if (master !== undefined) stack(master, master.link === undefined ? {} : { link: master.link });
  boxes.push({ node: tree.self, x: middle - boxWidth / 2, y });
  const selfBottom = y + boxHeight;

  const bus: string[] = [];
  const rows = Math.ceil(tree.slaves.length / columns);
  const busY = (row: number): number =>
    selfBottom + busDrop + row * (boxHeight + wireHeight + busDrop);
  tree.slaves.forEach((node, index) => {
    const row = Math.floor(index / columns);
    const x = rowLeft + (index % columns) * (boxWidth + gap);
    const fromY = busY(row);
    const toY = fromY + wireHeight;
    boxes.push({ node, x, y: toY });
    const wireX = x + Math.min(boxWidth / 2, boxWidth - textWidth);
    wires.push({
      key: node.key,
      x: wireX,
      fromY,
      toY,
      ...(node.link !== undefined && { link: node.link }),
    });
    bus.push(`M${row === 0 ? middle : edge} ${fromY}H${wireX}`);
  });
  if (rows > 0) bus.push(`M${middle} ${selfBottom}V${busY(0)}`);
  if (rows > 1) bus.push(`M${middle} ${busY(0)}H${edge}V${busY(rows - 1)}`);
  const height = rows === 0 ? selfBottom : busY(rows - 1) + wireHeight + boxHeight;
  return { width, height: height + edge, boxWidth, boxes, wires, bus: bus.join('') };
};

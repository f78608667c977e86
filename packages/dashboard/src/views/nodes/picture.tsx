import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { boxHeight, layoutOf } from './layout.ts';
import type { Wire } from './layout.ts';
import { lagText, offsetText, placeWords, stateClass, stateWords } from './link-text.ts';
import type { Tree, TreeNode } from './tree.ts';

/** Height of a line of text beside a wire, in pixels. */
const lineHeight = 16;

const WireView = ({ x, fromY, toY, link }: Wire): JSX.Element => {
  if (link === undefined) return <path class="wire" d={`M${x} ${fromY}V${toY}`} />;
  const isBroken = link.state === 'broken';
  const lines = isBroken
    ? [stateWords.broken]
    : [stateWords[link.state], `lag ${lagText(link)}`, `clock ${offsetText(link)}`];
  const top = (fromY + toY) / 2 - ((lines.length - 1) * lineHeight) / 2;
  return (
    <g class={stateClass(link)}>
      <path class={isBroken ? 'wire broken' : 'wire'} d={`M${x} ${fromY}V${toY}`} />
      {lines.map((line, index) => (
        <text
          key={index}
          class={index === 0 ? 'state-word' : 'figure'}
          x={x + 8}
          y={top + index * lineHeight}
          dominant-baseline="middle"
        >
          {line}
        </text>
      ))}
    </g>
  );
};

/** Who has a link is at its end: of the others it says what they are. */
const placeText = ({ place, link, where }: TreeNode): string =>
  link === undefined ? placeWords[place] : where;

/** What the picture shows. */
export interface PictureProps {
  readonly tree: Tree;
  /** The picture in words. */
  readonly summary: string;
  /** Whether it is of before. */
  readonly isOld: boolean;
}

/** A tree of nodes as a picture, as wide as there is room. The table beside it says the same. */
export const Picture = ({ tree, summary, isOld }: PictureProps): JSX.Element => {
  const place = useRef<HTMLDivElement>(null);
  const width = useSignal(0);
  useEffect(() => {
    const resizing = new ResizeObserver(([entry]) => {
      width.value = Math.floor(entry?.contentRect.width ?? 0);
    });
    if (place.current !== null) resizing.observe(place.current);
    return () => {
      resizing.disconnect();
    };
  }, [width]);
  const layout = layoutOf(tree, Math.max(200, width.value));
  return (
    <div class="tree-place" ref={place}>
      {width.value > 0 && (
        <svg
          class={isOld ? 'tree old' : 'tree'}
          role="img"
          aria-label={`The tree of nodes. ${summary}`}
          aria-describedby="nodes-table"
          width={layout.width}
          height={layout.height}
          viewBox={`0 0 ${layout.width} ${layout.height}`}
        >
          <path class="wire" d={layout.bus} />
          {layout.wires.map((wire) => (
            <WireView {...wire} key={wire.key} />
          ))}
          {layout.boxes.map(({ node, x, y }) => (
            <g
              key={node.key}
              class={
                node.link?.state === 'broken' ? `node ${node.place} lost` : `node ${node.place}`
              }
              transform={`translate(${x} ${y})`}
            >
              <rect width={layout.boxWidth} height={boxHeight} rx={8} />
              <foreignObject width={layout.boxWidth} height={boxHeight}>
                <div class="node-text">
                  <strong title={node.title}>{node.title}</strong>
                  <span title={node.where}>{placeText(node)}</span>
                </div>
              </foreignObject>
            </g>
          ))}
        </svg>
      )}
    </div>
  );
};

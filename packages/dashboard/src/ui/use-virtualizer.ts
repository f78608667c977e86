import {
  Virtualizer,
  elementScroll,
  observeElementOffset,
  observeElementRect,
} from '@tanstack/virtual-core';
import type { RefObject } from 'preact';
import { useLayoutEffect, useReducer, useState } from 'preact/hooks';

/** A list of which only the rows are made that can be seen. */
export interface VirtualList {
  readonly count: number;
  /** In pixels; where rows have any height, about. */
  readonly rowHeight: number;
  /** Rows beside those that can be seen. */
  readonly overscan: number;
  /** What names a row, where its index does not. */
  readonly keyAt?: (index: number) => string;
}

/**
 * Knows which rows of a list can be seen, and has the component drawn again when others can.
 *
 * @param scroller - The element that scrolls.
 */
export const useVirtualizer = (
  scroller: RefObject<HTMLElement | null>,
  { count, rowHeight, overscan, keyAt }: VirtualList,
): Virtualizer<HTMLElement, HTMLElement> => {
  const [, draw] = useReducer((drawn: number) => drawn + 1, 0);
  const options = {
    count,
    overscan,
    ...(keyAt !== undefined && { getItemKey: keyAt }),
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    observeElementRect,
    observeElementOffset,
    scrollToFn: elementScroll,
    onChange: draw,
  };
  const [virtualizer] = useState(() => new Virtualizer<HTMLElement, HTMLElement>(options));
  virtualizer.setOptions(options);
  // These two are what the adapters of that library call.
  useLayoutEffect(() => virtualizer._didMount(), [virtualizer]);
  useLayoutEffect(() => {
    virtualizer._willUpdate();
  });
  return virtualizer;
};

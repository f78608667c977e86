import {
  Virtualizer,
  elementScroll,
  observeElementOffset,
  observeElementRect,
} from '@tanstack/virtual-core';
import type { VirtualItem } from '@tanstack/virtual-core';
import type { RefObject } from 'preact';
import { useLayoutEffect, useReducer, useState } from 'preact/hooks';

/** A list of which only the rows are made that can be seen. */
export interface VirtualRows {
  readonly rows: readonly VirtualItem[];
  /** Height of all rows, in pixels. */
  readonly height: number;
  readonly scrollTo: (index: number) => void;
}

/** Rows beside those that can be seen. */
const overscan = 10;

/**
 * @param scroller - The element that scrolls.
 * @param rowHeight - In pixels; all rows have the same.
 */
export const useVirtualRows = (
  scroller: RefObject<HTMLElement | null>,
  count: number,
  rowHeight: number,
): VirtualRows => {
  const [, draw] = useReducer((drawn: number) => drawn + 1, 0);
  const options = {
    count,
    overscan,
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
  return {
    rows: virtualizer.getVirtualItems(),
    height: virtualizer.getTotalSize(),
    scrollTo: (index) => {
      virtualizer.scrollToIndex(index);
    },
  };
};

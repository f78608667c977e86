import type { VirtualItem } from '@tanstack/virtual-core';
import type { RefObject } from 'preact';
import { useVirtualizer } from './use-virtualizer.ts';

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
  const virtualizer = useVirtualizer(scroller, { count, rowHeight, overscan });
  return {
    rows: virtualizer.getVirtualItems(),
    height: virtualizer.getTotalSize(),
    scrollTo: (index) => {
      virtualizer.scrollToIndex(index);
    },
  };
};

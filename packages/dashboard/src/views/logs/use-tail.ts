import { useSignal } from '@preact/signals';
import type { Signal } from '@preact/signals';
import {
  Virtualizer,
  elementScroll,
  observeElementOffset,
  observeElementRect,
} from '@tanstack/virtual-core';
import type { VirtualItem } from '@tanstack/virtual-core';
import type { RefObject } from 'preact';
import { useLayoutEffect, useReducer, useRef, useState } from 'preact/hooks';

/** Height of a line that is not unfolded, in pixels: that of `.log .line`. */
const lineHeight = 30;
const overscan = 12;
/** So close to the end, in pixels, is at the end. */
const endPx = 12;

/** A list that grows at its end, of which only the rows are made that can be seen. */
export interface Tail {
  readonly rows: readonly VirtualItem[];
  /** Height of all rows, in pixels. */
  readonly height: number;
  /** A ref of each row: rows may have any height. */
  readonly measure: (row: HTMLElement | null) => void;
  /** Whether the end stays in sight: until somebody scrolls away from it. */
  readonly isFollowing: Signal<boolean>;
  /** Is to be told that the list was scrolled. */
  readonly scrolled: () => void;
}

/**
 * @param scroller - The element that scrolls.
 * @param keyAt - What names a row for ever.
 */
export const useTail = (
  scroller: RefObject<HTMLElement | null>,
  count: number,
  keyAt: (index: number) => string,
): Tail => {
  const [, draw] = useReducer((drawn: number) => drawn + 1, 0);
  const isFollowing = useSignal(true);
  const before = useRef(0);
  const options = {
    count,
    overscan,
    // Old rows may go at the start: those in sight stay where they are.
    anchorTo: 'end' as const,
    getItemKey: keyAt,
    getScrollElement: () => scroller.current,
    estimateSize: () => lineHeight,
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
  const rows = virtualizer.getVirtualItems();
  const height = virtualizer.getTotalSize();
  useLayoutEffect(() => {
    const list = scroller.current;
    if (isFollowing.value && list !== null) list.scrollTop = list.scrollHeight;
  }, [scroller, count, height, isFollowing.value]);
  return {
    rows,
    height,
    measure: virtualizer.measureElement,
    isFollowing,
    scrolled: () => {
      const list = scroller.current;
      if (list === null) return;
      const { scrollTop, scrollHeight, clientHeight } = list;
      if (scrollHeight - scrollTop - clientHeight <= endPx) isFollowing.value = true;
      else if (scrollTop < before.current) isFollowing.value = false;
      before.current = scrollTop;
    },
  };
};

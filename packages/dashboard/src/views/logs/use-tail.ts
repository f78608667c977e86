import { useSignal } from '@preact/signals';
import type { Signal } from '@preact/signals';
import type { VirtualItem } from '@tanstack/virtual-core';
import type { RefObject } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { useVirtualizer } from '../../ui/use-virtualizer.ts';

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
  const isFollowing = useSignal(true);
  const before = useRef(0);
  const inSight = useRef<VirtualItem>(undefined);
  const virtualizer = useVirtualizer(scroller, { count, rowHeight: lineHeight, overscan, keyAt });
  const rows = virtualizer.getVirtualItems();
  const height = virtualizer.getTotalSize();
  const firstKey = count === 0 ? '' : keyAt(0);
  useLayoutEffect(() => {
    // Old rows have gone at the start, or others are looked for: what is in sight stays there.
    const list = scroller.current;
    const { key, start } = inSight.current ?? {};
    if (list === null || start === undefined || isFollowing.peek()) return;
    const now = virtualizer.measurementsCache.find((item) => item.key === key);
    if (now !== undefined) list.scrollTop += now.start - start;
  }, [scroller, virtualizer, isFollowing, firstKey]);
  useLayoutEffect(() => {
    const list = scroller.current;
    if (isFollowing.value && list !== null) list.scrollTop = list.scrollHeight;
  }, [scroller, count, height, isFollowing.value]);
  useLayoutEffect(() => {
    const list = scroller.current;
    if (list !== null) inSight.current = virtualizer.getVirtualItemForOffset(list.scrollTop);
  });
  return {
    rows,
    height,
    measure: virtualizer.measureElement,
    isFollowing,
    scrolled: () => {
      const list = scroller.current;
      if (list === null) return;
      const { scrollTop, scrollHeight, clientHeight } = list;
      const isAtEnd = scrollHeight - scrollTop - clientHeight <= endPx;
      // Who is at a line does not want to lose it.
      if (isAtEnd && !list.matches(':has(:focus)')) isFollowing.value = true;
      else if (scrollTop < before.current) isFollowing.value = false;
      before.current = scrollTop;
    },
  };
};

import { signal } from '@preact/signals';
import type { ApiOverview } from 'clacks/admin-api';
import { Feed } from '../api/feed.ts';
import { session } from './session.ts';

/** How the node is, as of the last second; undefined before the first answer. */
export const overview = signal<ApiOverview | undefined>(undefined);

/** Whether news come now. */
export const isLive = signal(false);

/** Counts up when news come again after they did not: what was read before may be old. */
export const recoveries = signal(0);

/**
 * Keeps {@link overview} up to date.
 *
 * @returns Ends that.
 */
export const followNode = (): (() => void) => {
  let wasLive = false;
  const feed = new Feed({
    topics: ['overview'],
    handlers: {
      overview: (news: ApiOverview) => {
        overview.value = news;
      },
    },
    mayOpen: () => session.check(),
    changed: (isNow) => {
      isLive.value = isNow;
      if (isNow && wasLive) recoveries.value++;
      wasLive ||= isNow;
    },
  });
  return () => {
    feed.close();
    isLive.value = false;
  };
};

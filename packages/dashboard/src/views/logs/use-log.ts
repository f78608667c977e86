import { useSignal } from '@preact/signals';
import type { ReadonlySignal } from '@preact/signals';
import type { ApiLogEntry, ApiLogs } from 'clacks/admin-api';
import { useEffect } from 'preact/hooks';
import { Feed } from '../../api/feed.ts';
import { messageOf, request } from '../../api/requests.ts';
import { session } from '../../state/session.ts';
import { addEntries } from './log-lines.ts';
import type { LogLine } from './log-lines.ts';

/** Lines that the page keeps. */
const linesMax = 4000;
/** Lines that the server is asked for: all that it remembers. */
const limit = 1000;

/** The log of a node. */
export interface Log {
  readonly lines: ReadonlySignal<readonly LogLine[]>;
  /** Why what was before could not be read. */
  readonly problem: ReadonlySignal<string>;
  /** Whether it was read at all. */
  readonly isRead: ReadonlySignal<boolean>;
}

/** What the node remembers of its log, and what comes from now on. */
export const useLog = (): Log => {
  const lines = useSignal<readonly LogLine[]>([]);
  const problem = useSignal('');
  const isRead = useSignal(false);
  useEffect(() => {
    const ending = new AbortController();
    /** What comes while it is asked for what was before; undefined at other times. */
    let waiting: ApiLogEntry[] | undefined = [];
    const add = (items: readonly ApiLogEntry[]): void => {
      lines.value = addEntries(lines.peek(), items, linesMax);
    };
    const read = async (): Promise<void> => {
      waiting = [];
      try {
        const query = { limit };
        const { signal } = ending;
        const { items } = await request<ApiLogs>({ path: 'logs', query, signal });
        add(items);
        problem.value = '';
        isRead.value = true;
      } catch (error) {
        if (ending.signal.aborted) return;
        problem.value = `The lines before could not be read. ${messageOf(error)}`;
      }
      add(waiting);
      waiting = undefined;
    };
    const feed = new Feed({
      topics: ['logs'],
      handlers: {
        logs: ({ items }: ApiLogs) => {
          if (waiting === undefined) add(items);
          else waiting.push(...items);
        },
      },
      mayOpen: () => session.check(),
      changed: (isLive) => {
        if (isLive) void read();
      },
    });
    return () => {
      feed.close();
      ending.abort();
    };
  }, [lines, problem, isRead]);
  return { lines, problem, isRead };
};

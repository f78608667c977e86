import type { ApiNodes } from 'clacks/admin-api';
import type { JSX } from 'preact';
import { useMemo, useRef } from 'preact/hooks';
import { isLive } from '../../state/node.ts';
import { usePolled } from '../../state/polling.ts';
import { formatTime } from '../../ui/format.ts';
import { summaryOf } from './link-text.ts';
import { noSlaves, rememberSlaves } from './lost-slaves.ts';
import { NodesTable } from './nodes-table.tsx';
import './nodes.css';
import { Picture } from './picture.tsx';
import { treeOf } from './tree.ts';

const asked = { path: 'nodes' };
const everyMs = 1500;

/** The nodes that this one is linked with, and how the links are. */
export const NodesView = (): JSX.Element => {
  const { answer, answeredAtMs, problem } = usePolled<ApiNodes>(asked, everyMs).value;
  const memory = useRef(noSlaves);
  const tree = useMemo(() => {
    if (answer === undefined) return undefined;
    memory.current = rememberSlaves(memory.current, answer, answeredAtMs);
    return treeOf(answer, memory.current.lost);
  }, [answer, answeredAtMs]);
  if (tree === undefined) return <p class="waiting">{problem ?? 'Asking the server…'}</p>;
  const summary = summaryOf(tree);
  const isOld = !isLive.value || problem !== undefined;
  return (
    <>
      <p class="nodes-summary" role="status">
        {summary}
      </p>
      {isOld && (
        <p class="problem">
          As of {formatTime(answeredAtMs)}. {problem}
        </p>
      )}
      <div class="panel">
        <Picture tree={tree} summary={summary} isOld={isOld} />
      </div>
      <NodesTable tree={tree} />
      <p class="muted">
        Lag: how long a line there and back took last. Clock: this node&#x2019;s minus the
        other&#x2019;s. Nodes above the master tell their ids only; slaves of slaves are not known
        here. Slaves that are gone are shown for ten minutes.
      </p>
    </>
  );
};

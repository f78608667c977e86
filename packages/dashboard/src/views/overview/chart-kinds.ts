import { formatBytes, formatCount, formatDuration } from '../../ui/format.ts';
import type { SampleKind } from './samples.ts';

/** A line of a chart. */
export interface ChartLine {
  readonly kind: SampleKind;
  readonly label: string;
}

/** A chart of the last minutes. */
export interface ChartKind {
  readonly title: string;
  readonly lines: readonly ChartLine[];
  readonly format: (value: number) => string;
  /** The axis goes up to that at least. */
  readonly topMin: number;
  /** Whether its steps are powers of 2. */
  readonly isBinary?: boolean;
}

const formatLines = (lines: number): string => formatCount(lines < 100 ? lines : Math.round(lines));
const formatBytesPerS = (bytes: number): string => `${formatBytes(bytes)}/s`;

/** The charts of a node. */
export const chartKinds: readonly ChartKind[] = [
  {
    title: 'Lines a second',
    lines: [
      { kind: 'linesReceivedPerS', label: 'In' },
      { kind: 'linesSentPerS', label: 'Out' },
    ],
    format: formatLines,
    topMin: 10,
  },
  {
    title: 'Bytes a second',
    lines: [
      { kind: 'bytesReceivedPerS', label: 'In' },
      { kind: 'bytesSentPerS', label: 'Out' },
    ],
    format: formatBytesPerS,
    topMin: 1024,
    isBinary: true,
  },
  {
    title: 'Delay of the event loop',
    lines: [
      { kind: 'eventLoopDelayP50Ms', label: 'Median' },
      { kind: 'eventLoopDelayP99Ms', label: '99 %' },
      { kind: 'eventLoopDelayMaxMs', label: 'Longest' },
    ],
    format: formatDuration,
    topMin: 5,
  },
  {
    title: 'Commits of the store',
    lines: [{ kind: 'storeCommitMaxMs', label: 'Longest' }],
    format: formatDuration,
    topMin: 5,
  },
  {
    title: 'Connections',
    lines: [{ kind: 'connections', label: 'Open' }],
    format: formatCount,
    topMin: 5,
  },
  {
    title: 'Bytes that wait to be sent',
    lines: [{ kind: 'bufferedBytes', label: 'Buffered' }],
    format: formatBytes,
    topMin: 1024,
    isBinary: true,
  },
];

import type { JSX } from 'preact';
import type { Sample } from './signal-board.ts';
import { rangeOf, sparklinePath } from './sparkline-path.ts';

const width = 88;
const height = 22;

const format = new Intl.NumberFormat('en', { maximumSignificantDigits: 5, notation: 'compact' });

/** How numbers went lately, with the least and the greatest of them. */
export const Sparkline = ({ samples }: { readonly samples: readonly Sample[] }): JSX.Element => {
  const range = rangeOf(samples);
  if (range === undefined) return <></>;
  const [min, max] = [format.format(range.min), format.format(range.max)];
  return (
    <span class="sparkline">
      <svg
        role="img"
        aria-label={`Between ${min} and ${max}`}
        width={width}
        height={height}
        viewBox={`0 -2 ${width} ${height + 4}`}
      >
        <path d={sparklinePath(samples, range, width, height)} />
      </svg>
      <small aria-hidden="true">{min === max ? min : `${min} – ${max}`}</small>
    </span>
  );
};

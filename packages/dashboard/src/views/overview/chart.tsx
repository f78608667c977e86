import type { ApiSample } from 'clacks/admin-api';
import type { JSX } from 'preact';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { formatTime } from '../../ui/format.ts';
import type { ChartKind } from './chart-kinds.ts';
import { Plot } from './plot.ts';
import type { TimeRange } from './plot.ts';
import { extentOf, pointsOf, sampleAt } from './samples.ts';

/** What a chart shows. */
export interface ChartProps {
  readonly kind: ChartKind;
  readonly samples: readonly ApiSample[];
  readonly range: TimeRange;
  /** The moment whose values are shown; undefined: now. */
  readonly momentMs: number | undefined;
  readonly onMoment: (momentMs: number | undefined) => void;
}

interface LegendRow {
  readonly label: string;
  readonly value: string;
  readonly mean: string;
  readonly max: string;
}

const legendOf = ({ kind, samples, momentMs }: ChartProps): readonly LegendRow[] => {
  const sample = momentMs === undefined ? samples.at(-1) : sampleAt(samples, momentMs);
  return kind.lines.map((line) => {
    const { mean, max } = extentOf(samples, line.kind);
    return {
      label: line.label,
      value: sample === undefined ? '–' : kind.format(sample[line.kind]),
      mean: kind.format(mean),
      max: kind.format(max),
    };
  });
};

/** The picture in words. */
const summaryOf = ({ kind, range, momentMs }: ChartProps, legend: readonly LegendRow[]): string => {
  const when = momentMs === undefined ? 'now' : `at ${formatTime(momentMs)}`;
  const lines = legend.map(
    ({ label, value, mean, max }) =>
      `${label}: ${value} ${when}, ${mean} in the mean, at most ${max}.`,
  );
  const span = `${formatTime(range.fromMs)} to ${formatTime(range.toMs)}`;
  return `Line chart: ${kind.title}, ${span}. ${lines.join(' ')}`;
};

/** A chart of the last minutes, with its values as a table. */
export const Chart = (props: ChartProps): JSX.Element => {
  const { kind, samples, range, momentMs, onMoment } = props;
  const figure = useRef<HTMLElement>(null);
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<Plot>(undefined);
  const newest = useRef(props);
  newest.current = props;
  const points = useMemo(
    () =>
      pointsOf(
        samples,
        kind.lines.map((line) => line.kind),
      ),
    [samples, kind],
  );
  useEffect(() => {
    if (figure.current === null || place.current === null) return;
    plot.current = new Plot(kind, figure.current, place.current, {
      range: () => newest.current.range,
      pointed: onMoment,
    });
    return () => plot.current?.close();
  }, [kind, onMoment]);
  useEffect(() => {
    plot.current?.draw(points, momentMs);
  }, [points, momentMs, range.fromMs, range.toMs]);

  const legend = legendOf(props);
  return (
    <figure class="chart panel" ref={figure} aria-label={kind.title}>
      <figcaption>{kind.title}</figcaption>
      <div class="plot" ref={place} role="img" aria-label={summaryOf(props, legend)} />
      <table>
        <thead>
          <tr>
            <td />
            <th scope="col">{momentMs === undefined ? 'Now' : formatTime(momentMs)}</th>
            <th scope="col">Mean</th>
            <th scope="col">Most</th>
          </tr>
        </thead>
        <tbody>
          {legend.map(({ label, value, mean, max }, index) => (
            <tr key={label}>
              <th scope="row">
                <span class={`swatch series-${index + 1}`} />
                {label}
              </th>
              <td>{value}</td>
              <td>{mean}</td>
              <td>{max}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </figure>
  );
};

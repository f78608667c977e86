import { peersOf } from './summary.ts';
import type { Row } from './summary.ts';
import { svgOf } from './svg.ts';

/**
 * Bars of everything that is counted by the second, on a logarithmic scale, as SVG; `undefined` if
 * nothing is.
 */
export const chartOf = (rows: readonly Row[]): string | undefined => {
  const shown = rows.filter(({ figure }) => figure.unit.endsWith('/s'));
  if (shown.length === 0) return undefined;
  const option = {
    title: { text: 'Deliveries or requests a second', left: 'center' },
    legend: { top: 32 },
    grid: { left: 60, right: 20, top: 60, bottom: 40 },
    xAxis: {
      type: 'category',
      data: shown.map(({ workload, figure }) =>
        [workload, figure.title].filter(Boolean).join('\n'),
      ),
      axisLabel: { interval: 0 },
    },
    yAxis: {
      type: 'log',
      min: 10_000,
      axisLabel: {
        formatter: (value: number) => (value >= 1e6 ? `${value / 1e6} M` : `${value / 1e3} k`),
      },
    },
    series: peersOf(shown).map((peer) => ({
      type: 'bar',
      name: peer,
      data: shown.map(({ medians }) => medians.get(peer) ?? null),
    })),
  };
  return svgOf(option, { width: 900, height: 420 });
};

import { expect, it } from 'vitest';
import { chartOf } from '../../bench/src/report/chart.ts';
import type { Row } from '../../bench/src/report/summary.ts';
import { plot } from '../../bench/src/soak/plot.ts';

it('the chart has a bar for each peer and what is counted by the second, and nothing else', () => {
  const rowOf = (workload: string, unit: string): Row => ({
    ...{ workload, title: '', figure: { key: 'some', title: '', unit } },
    medians: new Map([
      ['clacks', 1e6],
      ['nats', 2e6],
    ]),
  });
  const svg = chartOf([rowOf('W1', 'deliveries/s'), rowOf('W4', 'µs')]);
  for (const text of ['W1', 'clacks', 'nats']) expect(svg).toContain(`>${text}</text>`);
  expect(svg).not.toContain('W4');
  expect(chartOf([rowOf('W6', 'KiB')])).toBeUndefined();
});

it('a plot has a panel for each title, with a line for each curve', () => {
  const curveOf = (name: string) => ({
    name,
    points: [
      [0, 1],
      [10, 2],
    ] as const,
  });
  const svg = plot([
    { title: 'memory', curves: [curveOf('master'), curveOf('slave')] },
    { title: 'handles', curves: [curveOf('sockets')] },
  ]);
  for (const text of ['memory', 'handles', 'master', 'slave', 'sockets']) {
    expect(svg).toContain(`>${text}</text>`);
  }
});

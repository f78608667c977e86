import { init, use } from 'echarts/core';
import { BarChart } from 'echarts/charts';
import { GridComponent, LegendComponent, TitleComponent } from 'echarts/components';
import { SVGRenderer } from 'echarts/renderers';
import type { Row } from './summary.ts';

use([BarChart, GridComponent, LegendComponent, TitleComponent, SVGRenderer]);

const [width, height] = [900, 420];

/** Bars of everything that is counted by the second, on a logarithmic scale, as SVG. */
export const chartOf = (rows: readonly Row[]): string => {
  const shown = rows.filter(({ figure }) => figure.unit.endsWith('/s'));
  const peers = [...new Set(shown.flatMap(({ medians }) => [...medians.keys()]))];
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height });
  chart.setOption({
    animation: false,
    backgroundColor: '#fff',
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
    series: peers.map((peer) => ({
      type: 'bar',
      name: peer,
      data: shown.map(({ medians }) => medians.get(peer) ?? null),
    })),
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
};

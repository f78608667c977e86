import { svgOf } from '../report/svg.ts';

/** A line of a plot. */
export interface Curve {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

/** Curves that share their axes, from zero on. */
export interface Panel {
  readonly title: string;
  readonly curves: readonly Curve[];
}

const [width, panelHeight, gap] = [860, 140, 70];
const step = panelHeight + gap;

/** Draws panels below each other, over seconds, as SVG. */
export const plot = (panels: readonly Panel[]): string => {
  const topOf = (index: number): number => 50 + index * step;
  const each = <T>(option: (panel: Panel, gridIndex: number) => T): T[] => panels.map(option);
  const option = {
    title: each(({ title }, index) => ({
      text: title,
      textStyle: { fontSize: 13 },
      top: topOf(index) - 45,
    })),
    legend: each(({ curves }, index) => ({
      data: curves.map(({ name }) => name),
      icon: 'roundRect',
      top: topOf(index) - 25,
    })),
    grid: each((_panel, index) => ({
      ...{ left: 70, right: 20, top: topOf(index), height: panelHeight },
    })),
    xAxis: each((_panel, gridIndex) => ({
      ...{ type: 'value', min: 0, max: 'dataMax', gridIndex },
      axisLabel: { formatter: '{value} s', showMaxLabel: false },
    })),
    yAxis: each((_panel, gridIndex) => ({ type: 'value', min: 0, gridIndex })),
    series: panels.flatMap(({ curves }, index) =>
      curves.map(({ name, points }) => ({
        ...{ type: 'line', name, data: points, showSymbol: false },
        ...{ xAxisIndex: index, yAxisIndex: index },
      })),
    ),
  };
  return svgOf(option, { width, height: topOf(panels.length) - gap + 30 });
};

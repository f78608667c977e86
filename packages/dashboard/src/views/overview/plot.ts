import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { theme } from '../../state/theme.ts';
import { formatTime } from '../../ui/format.ts';
import type { ChartKind } from './chart-kinds.ts';

/** Height of a chart with its axes, in pixels. */
const heightPx = 170;
/** Width of the axis of values, in pixels. */
const axisPx = 72;
const font = '12px system-ui, sans-serif';
const powersOf2 = Array.from({ length: 50 }, (_, power) => 2 ** power);

/** A time that is shown, in ms since 1970. */
export interface TimeRange {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Colours as a canvas takes them. */
interface PlotColors {
  readonly text: string;
  readonly grid: string;
  readonly lines: readonly string[];
}

/** A canvas knows nothing of CSS: the colours are those that the parts of the figure have. */
const colorsOf = (figure: HTMLElement): PlotColors => ({
  text: getComputedStyle(figure).color,
  grid: getComputedStyle(figure).borderTopColor,
  lines: [...figure.querySelectorAll('.swatch')].map((swatch) => getComputedStyle(swatch).color),
});

/** What a plot tells, and what it asks for. */
export interface PlotPorts {
  readonly range: () => TimeRange;
  /** Somebody points at that moment; undefined: not any more. */
  readonly pointed: (atMs: number | undefined) => void;
}

const optionsOf = (
  kind: ChartKind,
  colors: () => PlotColors,
  { range, pointed }: PlotPorts,
): Omit<uPlot.Options, 'width' | 'height'> => ({
  ms: 1,
  padding: [10, 30, 0, 0],
  legend: { show: false },
  cursor: { y: false, drag: { x: false, y: false }, points: { size: 7 } },
  scales: {
    x: { range: () => [range().fromMs, range().toMs] },
    y: { range: (_plot, _min, max) => [0, Math.max(kind.topMin, (max || 0) * 1.1)] },
  },
  axes: [
    {
      font,
      stroke: () => colors().text,
      grid: { show: false },
      ticks: { stroke: () => colors().grid },
      space: 90,
      size: 34,
      values: (_plot, splits) => splits.map(formatTime),
    },
    {
      font,
      size: axisPx,
      stroke: () => colors().text,
      grid: { stroke: () => colors().grid, width: 1 },
      ticks: { show: false },
      values: (_plot, splits) => splits.map(kind.format),
      ...(kind.isBinary === true && { incrs: powersOf2 }),
    },
  ],
  series: [
    {},
    ...kind.lines.map((line, index) => ({
      label: line.label,
      width: 1.5,
      spanGaps: false,
      stroke: () => colors().lines[index] ?? colors().text,
    })),
  ],
  hooks: {
    setCursor: [
      ({ over, cursor: { idx }, data: [times] }) => {
        // Other charts move the cursor as well: only the one under the pointer tells.
        if (over.matches(':hover')) pointed(times[idx ?? -1]);
      },
    ],
  },
});

/** Calls back when colours change: because somebody chose others, or the system has. */
const whenColorsChange = (changed: () => void): (() => void) => {
  const system = matchMedia('(prefers-color-scheme: dark)');
  const later = (): void => {
    requestAnimationFrame(changed);
  };
  system.addEventListener('change', later);
  const end = theme.subscribe(later);
  return () => {
    system.removeEventListener('change', later);
    end();
  };
};

/** Draws a chart of uPlot: as wide as its place, in the colours of the page. */
export class Plot {
  readonly #plot: uPlot;
  readonly #ends: (() => void)[] = [];

  /** @param place - Where in the figure it goes. */
  constructor(kind: ChartKind, figure: HTMLElement, place: HTMLElement, ports: PlotPorts) {
    let colors = colorsOf(figure);
    const options = optionsOf(kind, () => colors, ports);
    const plot = new uPlot(
      { ...options, width: Math.max(1, place.clientWidth), height: heightPx },
      [[]],
      place,
    );
    this.#plot = plot;
    plot.over.addEventListener('mouseleave', () => {
      ports.pointed(undefined);
    });
    const resizing = new ResizeObserver(() => {
      plot.setSize({ width: Math.max(1, place.clientWidth), height: heightPx });
    });
    resizing.observe(place);
    const endColors = whenColorsChange(() => {
      colors = colorsOf(figure);
      plot.redraw(false);
    });
    this.#ends.push(
      () => {
        resizing.disconnect();
      },
      endColors,
      () => {
        plot.destroy();
      },
    );
  }

  /** Draws that, with a line at a moment. */
  draw(points: uPlot.AlignedData, momentMs: number | undefined): void {
    this.#plot.setData(points);
    if (momentMs === undefined) {
      this.#plot.setCursor({ left: -10, top: -10 }, false);
      return;
    }
    this.#plot.setCursor({ left: this.#plot.valToPos(momentMs, 'x'), top: 0 }, false);
  }

  /** Ends it. */
  close(): void {
    for (const end of this.#ends) end();
  }
}

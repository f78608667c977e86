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

const [width, height, margin, legendWidth] = [640, 140, 60, 190];
const colours = ['#1f77b4', '#d62728', '#2ca02c', '#9467bd'];

const rounded = (value: number): string => String(Number(value.toPrecision(3)));

const drawPanel = ({ title, curves }: Panel, top: number): string => {
  const points = curves.flatMap((curve) => curve.points);
  const lastX = Math.max(1, ...points.map(([x]) => x));
  const mostY = Math.max(1e-9, ...points.map(([, y]) => y)) * 1.05;
  const xOf = (x: number): string => (margin + (x / lastX) * width).toFixed(1);
  const yOf = (y: number): string => (top + height - (y / mostY) * height).toFixed(1);
  const lines = curves.map(({ name, points: ofCurve }, index) => {
    const colour = colours[index % colours.length] ?? '';
    const path = ofCurve.map(([x, y]) => `${xOf(x)},${yOf(y)}`).join(' ');
    return (
      `<polyline points="${path}" fill="none" stroke="${colour}"/>` +
      `<text x="${margin + width + 10}" y="${top + 14 + 16 * index}" fill="${colour}">${name}</text>`
    );
  });
  return [
    `<text x="${margin}" y="${top - 6}">${title}</text>`,
    `<rect x="${margin}" y="${top}" width="${width}" height="${height}" fill="none" stroke="#999"/>`,
    `<text x="${margin - 6}" y="${top + 10}" text-anchor="end">${rounded(mostY)}</text>`,
    `<text x="${margin - 6}" y="${top + height}" text-anchor="end">0</text>`,
    `<text x="${margin + width}" y="${top + height + 14}" text-anchor="end">${rounded(lastX)} s</text>`,
    ...lines,
  ].join('\n');
};

/** Draws panels below each other, as SVG. */
export const plot = (panels: readonly Panel[]): string => {
  const step = height + 50;
  const [right, bottom] = [margin + width + legendWidth, panels.length * step + 10];
  const drawn = panels.map((panel, index) => drawPanel(panel, 30 + index * step));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${right} ${bottom}" font-family="sans-serif" font-size="12">
<rect width="100%" height="100%" fill="white"/>
${drawn.join('\n')}
</svg>
`;
};

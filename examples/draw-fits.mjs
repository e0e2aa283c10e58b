// Draws two fitted curves with their data as an SVG file, the picture in the README.
// Data: examples/data/puromycin.csv. Run: node examples/draw-fits.mjs [file, default examples/fits.svg]
import { writeFileSync } from 'node:fs';
import { curveFit } from 'nadir';
import { readCsv } from './read-csv.mjs';

const data = readCsv('puromycin.csv');
const series = [
  { state: 'treated', colour: '#2a78d6' },
  { state: 'untreated', colour: '#d9730d' },
].map(({ state, colour }) => {
  const rows = data.state.flatMap((value, row) => (value === state ? [row] : []));
  const x = rows.map((row) => data.conc[row]);
  const y = rows.map((row) => data.rate[row]);
  const model = (conc, p) => (p.Vm * conc) / (p.K + conc);
  return { state, colour, x, y, fit: curveFit({ model, x, y, params: { Vm: 200, K: 0.1 } }) };
});

const [width, height, left, bottom, top, right] = [720, 400, 56, 48, 20, 150];
const [xMax, yMax] = [1.2, 220];
const px = (x) => (left + ((width - left - right) * x) / xMax).toFixed(1);
const py = (y) => (height - bottom - ((height - top - bottom) * y) / yMax).toFixed(1);
const text = (x, y, content, more = '') => `<text x="${x}" y="${y}" ${more}>${content}</text>`;

const parts = [];
for (const y of [0, 50, 100, 150, 200]) {
  parts.push(`<path d="M${px(0)} ${py(y)}H${px(xMax)}" stroke="#8884"/>`);
  parts.push(text(px(0) - 8, Number(py(y)) + 4, y, 'text-anchor="end"'));
}
for (const x of [0, 0.2, 0.4, 0.6, 0.8, 1, 1.2]) {
  parts.push(text(px(x), height - bottom + 20, x, 'text-anchor="middle"'));
}
parts.push(text(px(xMax / 2), height - 8, 'substrate concentration (ppm)', 'text-anchor="middle"'));
parts.push(text(left - 40, top - 4, 'rate (counts/min/min)'));

for (const { state, colour, x, y, fit } of series) {
  const grid = Array.from({ length: 121 }, (_, i) => (i * xMax) / 120);
  const curve = fit.predict(grid);
  const path = grid.map((at, i) => `${i === 0 ? 'M' : 'L'}${px(at)} ${py(curve[i])}`).join('');
  parts.push(`<path d="${path}" fill="none" stroke="${colour}" stroke-width="2.5"/>`);
  x.forEach((at, i) =>
    parts.push(
      `<circle cx="${px(at)}" cy="${py(y[i])}" r="4.5" fill="${colour}" fill-opacity="0.75"/>`,
    ),
  );
  const { Vm, K } = fit.params;
  const labelY = Number(py(curve[120])) - 8;
  const labelX = Number(px(xMax)) + 10;
  parts.push(text(labelX, labelY, state, `fill="${colour}" font-weight="bold"`));
  parts.push(
    text(
      labelX,
      labelY + 17,
      `Vm ${Vm.value.toFixed(1)} ± ${Vm.stdErr.toFixed(1)}`,
      `fill="${colour}"`,
    ),
  );
  parts.push(
    text(
      labelX,
      labelY + 34,
      `K ${K.value.toFixed(4)} ± ${K.stdErr.toFixed(4)}`,
      `fill="${colour}"`,
    ),
  );
}

writeFileSync(
  process.argv[2] ?? new URL('fits.svg', import.meta.url),
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" ` +
    `font-family="system-ui, sans-serif" font-size="13" fill="#777">\n${parts.join('\n')}\n</svg>\n`,
);

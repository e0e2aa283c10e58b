// Eleven runs of one assay, each with a calibration curve of its own: is the curve the same but for
// its position? Fits all runs together, top and width shared, and compares with separate fits.
// Data: examples/data/dnase.csv. Run: node examples/global-fit.mjs
import { curveFit, globalFit, model } from 'nadir';
import { offsetsOf, readCsv } from './read-csv.mjs';

const data = readCsv('dnase.csv');
const offsets = offsetsOf(data.Run);
const runs = Array.from({ length: offsets.length - 1 }, (_, run) => ({
  x: data.conc.slice(offsets[run], offsets[run + 1]),
  y: data.density.slice(offsets[run], offsets[run + 1]),
}));

const logistic = model(
  ['top', 'mid', 'width'],
  (conc, p) => p.top / (1 + Math.exp((p.mid - Math.log(conc)) / p.width)),
);
const params = { top: 3, mid: 1.5, width: 1 };

const fit = globalFit({ model: logistic, data: runs, shared: ['top', 'width'], params }).orThrow();
const show = ({ value, stdErr }) => `${value.toFixed(4)} ± ${stdErr.toFixed(4)}`;
console.log(`top    ${show(fit.shared.top)}\nwidth  ${show(fit.shared.width)}`);
fit.local.forEach(({ mid }, set) => {
  console.log(`mid    ${show(mid)}   run ${data.Run[offsets[set]]}`);
});

// the extra sum of squares that top and width of each run would save, against the noise
const separate = runs.map((run) => curveFit({ model: logistic, params, ...run }).orThrow());
const chi2 = separate.reduce((sum, { stats }) => sum + stats.chi2, 0);
const dof = separate.reduce((sum, { stats }) => sum + stats.dof, 0);
const saved = fit.stats.dof - dof;
const f = (fit.stats.chi2 - chi2) / saved / (chi2 / dof);
console.log(
  `shared: chi2 ${fit.stats.chi2.toFixed(4)} with ${fit.stats.dof} degrees of freedom; ` +
    `separate: ${chi2.toFixed(4)} with ${dof}; F(${saved}, ${dof}) = ${f.toFixed(2)}`,
);

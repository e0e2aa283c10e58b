// Calibration of an assay: a logistic curve for each of eleven runs, one call per run, with the
// confidence that the data support. Data: examples/data/dnase.csv.
// Run: node examples/dose-response.mjs
import { curveFit, model } from 'nadir';
import { offsetsOf, readCsv } from './read-csv.mjs';

const data = readCsv('dnase.csv');
const offsets = offsetsOf(data.Run);

// made once, compiled once, used for every run
const logistic = model(
  ['top', 'mid', 'width'],
  (conc, p) => p.top / (1 + Math.exp((p.mid - Math.log(conc)) / p.width)),
);

const measured = ({ value, stdErr }) => `${value.toFixed(3)} ± ${stdErr.toFixed(3)}`.padEnd(18);
console.log('run   top               mid               width             half-maximal dose');
for (let run = 0; run + 1 < offsets.length; run++) {
  const fit = curveFit({
    model: logistic,
    x: data.conc.slice(offsets[run], offsets[run + 1]),
    y: data.density.slice(offsets[run], offsets[run + 1]),
    params: { top: 3, mid: 1.5, width: 1 },
  }).orThrow();
  const { top, mid, width } = fit.params;
  const dose = Math.exp(fit.values.mid);
  console.log(
    `${String(data.Run[offsets[run]]).padEnd(6)}${measured(top)}${measured(mid)}${measured(width)}${dose.toFixed(2)} ng/ml`,
  );
}

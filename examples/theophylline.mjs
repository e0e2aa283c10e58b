// Several predictors: the concentration of a drug depends on dose and time. A one-compartment model
// with first-order absorption, twelve subjects of different length in one batch.
// Data: examples/data/theoph.csv. Run: node examples/theophylline.mjs
import { curveFitBatch, modelOf } from 'nadir';
import { offsetsOf, readCsv } from './read-csv.mjs';

const data = readCsv('theoph.csv');

// logarithms of elimination rate, absorption rate and clearance: they keep the rates positive
const oneCompartment = modelOf(['dose', 'time'], ['lKe', 'lKa', 'lCl'], (x, p) => {
  const ke = Math.exp(p.lKe);
  const ka = Math.exp(p.lKa);
  return (
    ((x.dose * ke * ka) / (Math.exp(p.lCl) * (ka - ke))) *
    (Math.exp(-ke * x.time) - Math.exp(-ka * x.time))
  );
});

const offsets = offsetsOf(data.Subject);
const result = await curveFitBatch({
  model: oneCompartment,
  x: { dose: Float64Array.from(data.Dose), time: Float64Array.from(data.Time) },
  y: Float64Array.from(data.conc),
  offsets,
  params: { lKe: -2.5, lKa: 0.5, lCl: -3 },
  outputs: ['stdErr', 'r2'],
});

console.log('subject   half-life (h)   absorption (1/h)   clearance (l/h/kg)   R²       status');
for (let subject = 0; subject < result.nFits; subject++) {
  const { lKe, lKa, lCl } = result.at(subject).values;
  const cells = [
    String(data.Subject[offsets[subject]]).padEnd(10),
    (Math.LN2 / Math.exp(lKe)).toFixed(2).padEnd(16),
    Math.exp(lKa).toFixed(3).padEnd(19),
    Math.exp(lCl).toFixed(4).padEnd(21),
    result.r2[subject].toFixed(4).padEnd(9),
    result.statusOf(subject),
  ];
  console.log(cells.join(''));
}

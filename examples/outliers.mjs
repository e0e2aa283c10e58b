// A trend with wrong entries among the data: from 1964 to 1969 minutes of telephone calls were
// recorded where the other years have their number. Least squares follows them, a robust loss does
// not, and says which they are. Data: examples/data/phones.csv. Run: node examples/outliers.mjs
import { curveFit, models } from 'nadir';
import { readCsv } from './read-csv.mjs';

const { year, calls } = readCsv('phones.csv');
const problem = { model: models.line(), x: year.map((at) => at - 1950), y: calls };

console.log('loss      calls in 1950    increase per year   outliers');
for (const loss of ['linear', 'huber', 'cauchy', 'tukey']) {
  // residuals beyond lossScale are outliers; 'mad' takes it from the median of the residuals
  const options = loss === 'linear' ? {} : { loss, lossScale: 'mad' };
  const fit = curveFit({ ...problem, ...options }).orThrow();
  const { slope, intercept } = fit.params;
  // 1.4826 times the median of magnitudes is the standard deviation of normal residuals
  const spread = 1.4826 * fit.residuals.map(Math.abs).sort()[year.length / 2];
  const outliers = year.filter((_, i) => Math.abs(fit.residuals[i]) > 5 * spread);
  console.log(
    loss.padEnd(10) +
      `${intercept.value.toFixed(2)} ± ${intercept.stdErr.toFixed(2)}`.padEnd(17) +
      `${slope.value.toFixed(2)} ± ${slope.stdErr.toFixed(2)}`.padEnd(20) +
      (outliers.join(' ') || 'none'),
  );
}

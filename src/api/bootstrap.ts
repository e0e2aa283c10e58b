// Fits to resampled data, one batch after another so that their rows fit into memory.

import { Random } from '../statistics/random.ts';
import { caseRows, residualRows, type DataSet } from '../statistics/resample.ts';
import { inputError } from './errors.ts';
import type { FitRecord } from './fit-result.ts';
import type { RefitRowsOutcome } from './refit.ts';
import { isSuccess } from './result.ts';
import { didYouMean } from './suggest.ts';
import { allocate, describe, isRecord, readInteger, readWord } from './validate.ts';

/** Values of y at a time. */
const valuesPerBatch = 2 ** 20;
const mostSamples = 1000000;

interface Settings {
  readonly samples: number;
  readonly seed: number;
  readonly kind: 'residual' | 'case';
}

function readSettings(given: unknown): Settings {
  if (!isRecord(given))
    throw inputError(
      'ERR_TYPE',
      'options',
      `bootstrap expects an object such as { samples: 1000 }, got ${describe(given)}`,
    );
  const names = ['samples', 'seed', 'kind'];
  for (const key of Object.keys(given))
    if (!names.includes(key))
      throw inputError('ERR_OPTION', key, `bootstrap has no such option${didYouMean(key, names)}`);
  const { samples, seed, kind } = given;
  return {
    samples: readInteger(samples, 'samples', 1, mostSamples),
    seed: seed === undefined ? 0 : readInteger(seed, 'seed', 0, Number.MAX_SAFE_INTEGER),
    kind: kind === undefined ? 'residual' : readWord(kind, 'kind', ['residual', 'case']),
  };
}

export async function bootstrap(
  record: FitRecord,
  fitted: Float64Array,
  options: unknown,
): Promise<Record<string, Float64Array>> {
  const { samples, seed, kind } = readSettings(options);
  const { problem, params, refits, loss } = record;
  if (refits === undefined)
    throw inputError('ERR_MODEL', 'bootstrap', 'it fits again, and this result has no model');
  const { y, columns, sigma } = problem;
  const { names, varying } = problem.params;
  const points = y.length,
    dof = points - varying.length;
  if (kind === 'residual' && loss === 'poisson')
    throw inputError(
      'ERR_RANGE',
      'kind',
      "residuals of counts are no sample of one distribution: expected 'case'",
    );
  if (kind === 'residual' && dof <= 0)
    throw inputError(
      'ERR_SHAPE',
      'y',
      'there are as few points as varying parameters: no residuals to draw from',
    );
  const out: Record<string, Float64Array> = {};
  for (const name of names) out[name] = allocate(samples, 'samples').fill(NaN);
  const random = new Random(seed);
  const data: DataSet = { columns, y, sigma };
  const batch = Math.max(1, Math.floor(valuesPerBatch / points));
  for (let first = 0; first < samples; first += batch) {
    const fits = Math.min(batch, samples - first);
    let outcome: RefitRowsOutcome;
    if (kind === 'residual') {
      const rows = residualRows(fits, fitted, data, dof, random);
      outcome = await refits.refitRows({ fits, y: rows, init: params });
    } else {
      const rows = caseRows(fits, data, random);
      const drawn = rows.sigma === null ? {} : { sigma: rows.sigma };
      outcome = await refits.refitRows({
        fits,
        y: rows.y,
        x: rows.columns,
        init: params,
        ...drawn,
      });
    }
    for (let i = 0; i < fits; i++) {
      if (!isSuccess(outcome.status[i])) continue;
      names.forEach((name, k) => (out[name][first + i] = outcome.params[i * names.length + k]));
    }
  }
  return out;
}

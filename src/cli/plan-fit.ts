// Whether options, model and header fit together, and what is to be read. Everything is checked
// before the first row is.

import type { AnyModel } from '../index.ts';
import { chooseModel, type ModelRequest } from './choose-model.ts';
import { columnPosition } from './columns.ts';
import { UsageError } from './failure.ts';
import type { FitOptions } from './fit-request.ts';
import { readNumber } from './number-text.ts';
import { planParams, readParamRequest, type ParamPlan } from './plan-params.ts';
import type { Selection } from './read-table.ts';

export interface FitPlan extends ParamPlan {
  readonly model: AnyModel<string>;
  /** Columns to read: predictors, then y, then sigma where it is a column. */
  readonly selection: Selection;
  readonly sigma: number | 'column' | null;
}

export function planFit(
  options: FitOptions,
  request: ModelRequest,
  columns: readonly string[],
  file: string,
): FitPlan {
  const position = (name: string, option: string): number =>
    columnPosition(name, option, columns, file);
  const y = position(options.y, '--y');
  const label = options.by === undefined ? null : position(options.by, '--by');
  const asked = readParamRequest(options);
  const chosen = chooseModel(request, options, columns, file, asked.given);
  const numbers = chosen.columns.map((name) => position(name, '--model'));
  numbers.push(y);
  const sigma = readSigma(options, columns, file);
  const positive = new Set<number>();
  if (sigma === 'column') positive.add(numbers.push(position(options.sigma!, '--sigma')) - 1);
  return {
    ...planParams(asked, chosen.model, options, columns),
    model: chosen.model,
    selection: { numbers, positive, label },
    sigma,
  };
}

function readSigma(
  options: FitOptions,
  columns: readonly string[],
  file: string,
): number | 'column' | null {
  if (options.sigma === undefined) {
    if (options.sigmaIs !== undefined) throw new UsageError('--sigma-is needs --sigma');
    return null;
  }
  if (columns.includes(options.sigma)) return 'column';
  const value = readNumber(options.sigma.trim());
  if (Number.isNaN(value)) columnPosition(options.sigma, '--sigma', columns, file);
  if (!(value > 0 && value < Infinity)) {
    throw new UsageError(
      `--sigma: expected a column or a number greater than 0, got '${options.sigma}'`,
    );
  }
  return value;
}

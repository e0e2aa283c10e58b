// Drives a careful search over residuals given as a function, as an engine would.

import { blockRows, RowTriangle } from '../../src/portable/linalg/qr.ts';
import { running, want } from '../../src/portable/optim/careful-options.ts';
import { CarefulSearch, type SearchOptions } from '../../src/portable/optim/careful-search.ts';
import { statuses, type Status } from '../../src/portable/optim/status.ts';

/** y − f and, row by row, ∂f/∂x. */
export type Residuals = (x: Float64Array, residuals: Float64Array, jacobian: Float64Array | null) => void;

export interface CarefulRun {
  readonly status: Status;
  readonly x: readonly number[];
  readonly value: number;
  readonly iterations: number;
  readonly evaluations: number;
  readonly search: CarefulSearch;
  /** Every point that was evaluated. */
  readonly visited: readonly (readonly number[])[];
}

const defaults: Omit<SearchOptions, 'points'> = {
  method: 'auto', ftol: 1e-12, xtol: 1e-8, gtol: 1e-8, maxIter: 1000, lower: null, upper: null, xScale: null,
  geodesic: false, polish: true, lazy: false, radius: 100,
};

/** For problems stated as residuals f − y: other signs. */
export function negated(evaluate: Residuals): Residuals {
  return (x, residuals, jacobian) => {
    evaluate(x, residuals, jacobian);
    for (let i = 0; i < residuals.length; i++) residuals[i] = -residuals[i]!;
  };
}

export function runCareful(
  residuals: Residuals, m: number, start: readonly number[], options: Partial<SearchOptions> = {},
): CarefulRun {
  const n = start.length;
  const search = new CarefulSearch(n, { ...defaults, points: m, ...options });
  const rows = new RowTriangle(n + 1);
  const r = new Float64Array(m), jacobian = new Float64Array(m * n), probed = new Float64Array(m);
  const visited: number[][] = [];
  const fold = (last: Float64Array): void => {
    rows.clear();
    for (let from = 0; from < m; from += blockRows) {
      const count = Math.min(blockRows, m - from);
      for (let i = 0; i < count; i++) {
        for (let j = 0; j < n; j++) rows.block[j * blockRows + i] = jacobian[(from + i) * n + j]!;
        rows.block[n * blockRows + i] = last[from + i]!;
      }
      rows.push(count);
    }
    search.triangle.set(rows.triangle);
  };
  search.start(Float64Array.from(start));
  for (;;) {
    visited.push([...search.x]);
    let value = 0;
    if ((search.want & want.curvature) !== 0) {
      const { velocity, probeLength: h } = search;
      residuals(search.x, probed, null);
      residuals(search.center, r, jacobian);
      fold(r.map((atBase, i) => {
        let along = 0;
        for (let j = 0; j < n; j++) along += jacobian[i * n + j]! * velocity[j]!;
        return (2 / h) * ((atBase - probed[i]!) / h - along);
      }));
    } else {
      residuals(search.x, r, (search.want & want.triangle) !== 0 ? jacobian : null);
      value = r.reduce((sum, t) => sum + t * t, 0);
      if ((search.want & want.triangle) !== 0) fold(r);
    }
    const status = search.advance(value);
    if (status === running) continue;
    return {
      status: statuses[status]!, x: [...search.base], value: search.baseValue, iterations: search.iteration,
      evaluations: search.evaluations, search, visited,
    };
  }
}

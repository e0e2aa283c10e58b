// A checkpoint is the record of what the solver has been told. A resumed run tells it again, so it
// goes on to the same bits whatever the method; the price is a triangle per accepted step.

import {
  checkpointOf,
  isDoubles,
  isNumberState,
  isState,
  stateMember,
  type Checkpoint,
  type State,
} from './checkpoint.ts';
import { inputError } from './errors.ts';
import type { ResidualSystem } from './residual-system.ts';
import type { RunSettings } from './run.ts';

/** What tells one run from another, so that a checkpoint is not taken up by a different one. */
function identity({ m, n }: ResidualSystem, settings: RunSettings): State {
  const { method, loss, lossScale, round, geodesic, polish } = settings;
  return { m, n, method, loss, lossScale, round, geodesic, polish };
}

/** The start of a run, and what its solver was told from there on. */
export class Journal {
  readonly start: Float64Array;
  readonly #told: { readonly value: number; readonly triangle: Float64Array | null }[] = [];
  #next = 0;

  constructor(start: Float64Array) {
    this.start = start;
  }

  static from(state: State, system: ResidualSystem, settings: RunSettings): Journal {
    const made = stateMember(state, 'run', isState);
    for (const [name, value] of Object.entries(identity(system, settings)))
      if (!Object.is(made[name], value))
        throw inputError(
          'ERR_OPTION',
          'resumeFrom',
          `the checkpoint is of a run with ${name} ${String(made[name])}, this one has ${String(value)}`,
        );
    const start = stateMember(state, 'start', isDoubles);
    const record = new Journal(start);
    const values = stateMember(state, 'values', isDoubles);
    const triangles = stateMember(state, 'triangles', isDoubles);
    const has = stateMember(state, 'has', isDoubles);
    const { n } = system;
    const size = ((n + 1) * (n + 2)) / 2;
    let at = 0;
    values.forEach((value, k) => {
      const triangle = has[k] === 1 ? triangles.slice(at, (at += size)) : null;
      record.#told.push({ value, triangle });
    });
    if (start.length !== n || at !== triangles.length || has.length !== values.length)
      throw inputError('ERR_TYPE', 'resumeFrom', 'is no checkpoint of this run: lengths differ');
    if (system.differences !== null)
      system.differences.size.set(stateMember(state, 'sizes', isDoubles));
    system.evaluations = stateMember(state, 'evaluations', isNumberState);
    system.jacobians = stateMember(state, 'jacobians', isNumberState);
    return record;
  }

  get isReplaying(): boolean {
    return this.#next < this.#told.length;
  }

  /** What was told next; fills the triangle that it came with. */
  replay(triangle: Float64Array): number {
    const told = this.#told[this.#next++];
    if (told.triangle !== null) triangle.set(told.triangle);
    return told.value;
  }

  add(value: number, triangle: Float64Array | null): void {
    this.#told.push({ value, triangle: triangle && triangle.slice() });
    this.#next++;
  }

  checkpoint(system: ResidualSystem, settings: RunSettings): Checkpoint {
    const told = this.#told.slice();
    const triangles = told.flatMap(({ triangle }) => triangle ?? []);
    const size = triangles.length > 0 ? triangles[0].length : 0;
    const all = new Float64Array(triangles.length * size);
    triangles.forEach((triangle, k) => all.set(triangle, k * size));
    return checkpointOf({
      run: identity(system, settings),
      before: settings.before,
      start: this.start,
      values: Float64Array.from(told, ({ value }) => value),
      has: Float64Array.from(told, ({ triangle }) => (triangle === null ? 0 : 1)),
      triangles: all,
      sizes: system.differences === null ? null : system.differences.size.slice(),
      evaluations: system.evaluations,
      jacobians: system.jacobians,
    });
  }
}

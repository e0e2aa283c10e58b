// Which engine runs a fit, and what: the compiled program, or the user's function, which is compared
// with the compiled one where the fit begins.

import type { CallbackModel, Engine, Floats } from '../engine/engine.ts';
import { portableEngine } from '../engine/portable.ts';
import { selectEngine } from '../engine/select.ts';
import type { ParsedModel } from '../model/compile.ts';
import type { Program } from '../model/program.ts';
import { callbackModel, caller, checkCallback, type ModelFault } from './callback.ts';
import { signatureOf } from './evaluate-source.ts';
import { programOf, type ModelSource } from './model-source.ts';
import type { CommonSettings } from './options.ts';
import type { ParamSet } from './params.ts';
import { applyTies } from './ties.ts';
import type { ResolvedModel, Run } from './problem.ts';
import type { Warning } from './result.ts';
import { engineFallback, modelNotCompiled } from './warnings.ts';

export interface Samples {
  /** One array per predictor. */
  readonly columns: readonly Float64Array[];
  readonly y: Float64Array;
  readonly init: Float64Array;
}

/** The first, middle and last of the first `points` points. */
export function samplesOf(
  columns: readonly Floats[],
  y: Floats,
  init: Float64Array,
  points: number,
): Samples {
  // Loops, since Float64Array.from with a function costs a microsecond each.
  const pick = (values: Floats): Float64Array => {
    const out = new Float64Array(3);
    out[0] = values[0];
    out[1] = values[Math.trunc((points - 1) / 2)];
    out[2] = values[points - 1];
    return out;
  };
  return { columns: columns.map(pick), y: pick(y), init };
}

/**
 * Chooses engine and program. The user's function is called at the samples: a compiled program that
 * disagrees there gives way to the function itself.
 * @param sample a few points of the (first) fit
 * @param isBatch faults of the function belong to single fits, which report them
 */
export function chooseRun(
  settings: CommonSettings,
  { source, params }: ResolvedModel,
  sample: () => Samples,
  onFault: (fault: ModelFault) => number,
  isBatch: boolean,
  notes: Warning[],
): Run {
  const engine = selectEngine(settings.engine);
  const scheme = settings.jac === '2-point' || settings.jac === '3-point' ? settings.jac : undefined;
  let reason = source.reason;
  if (source.parsed !== null) {
    const program = programOf(source.parsed, params.varying);
    reason = source.fn === null ? undefined : disagreement(source, program, engine, sample());
    if (reason === undefined && scheme === undefined) return { engine, program };
  }
  const run = (value: CallbackModel['value']): Run => {
    if (settings.engine === 'native') notes.push(engineFallback());
    const program = callbackModel(value, params, scheme ?? '2-point');
    return { engine: portableEngine, program };
  };
  // Differences were asked for, not made necessary: the expression is what they are taken of.
  if (source.parsed !== null && reason === undefined) return run(pointFunction(source.parsed));
  const signature = signatureOf(source);
  const samples = sample();
  const points = Array.from(samples.y, (_, i) =>
    Float64Array.from(samples.columns, (column) => column[i]),
  );
  checkCallback(signature, points, samples.init, isBatch);
  notes.push(modelNotCompiled(reason ?? 'unknown'));
  return run(followingTies(caller(signature, onFault), params));
}

/** The value of an expression, one point at a time. */
function pointFunction(parsed: ParsedModel): CallbackModel['value'] {
  const program = programOf(parsed, []);
  const columns = Array.from({ length: program.predictors }, () => new Float64Array(1));
  const out = new Float64Array(1);
  return (x, params) => {
    for (let k = 0; k < columns.length; k++) columns[k][0] = x[k];
    portableEngine.evaluate(program, columns, 1, params, out, null);
    return out[0];
  };
}

/** A function that sees tied parameters at the values that follow from the others. */
function followingTies(value: CallbackModel['value'], params: ParamSet): CallbackModel['value'] {
  const { ties } = params;
  if (ties.length === 0) return value;
  const last = new Float64Array(params.names.length).fill(NaN);
  const all = new Float64Array(params.names.length);
  const isTied = new Set(ties.map((tie) => tie.index));
  const free = params.names.map((_, k) => k).filter((k) => !isTied.has(k));
  return (x, given) => {
    // Every point of a curve comes with the same parameters.
    if (!free.every((k) => given[k] === last[k])) {
      last.set(given);
      all.set(given);
      applyTies(ties, all);
    }
    return value(x, all);
  };
}

/**
 * Differences beyond this share of the values at hand are no rounding: √ε. Reordered sums and other
 * roundings of exp and its kin stay far below it, a misread formula far above.
 */
const agreement = 2 ** -26;

const magnitude = (v: number): number => (Number.isFinite(v) ? Math.abs(v) : 0);

function disagreement(
  source: ModelSource,
  program: Program,
  engine: Engine,
  samples: Samples,
): string | undefined {
  const { columns, y, init } = samples;
  let failed = false;
  const fail = (): number => {
    failed = true;
    return NaN;
  };
  const value = caller(signatureOf(source), fail);
  const compiled = new Float64Array(y.length);
  engine.evaluate(program, columns, y.length, init, compiled, null);
  const own = new Float64Array(y.length);
  const x = new Float64Array(columns.length);
  let scale = 0;
  for (let i = 0; i < y.length; i++) {
    for (let k = 0; k < x.length; k++) x[k] = columns[k][i];
    own[i] = value(x, init);
    scale = Math.max(scale, magnitude(own[i]), magnitude(compiled[i]), magnitude(y[i]));
  }
  if (failed) return 'it threw, or returned no number, where the fit starts';
  for (let i = 0; i < y.length; i++) {
    const a = own[i],
      b = compiled[i];
    if (!Number.isFinite(a) && !Number.isFinite(b)) continue;
    if (!(Math.abs(a - b) <= agreement * scale))
      return `its value where the fit starts, ${a}, is not that of the compiled expression, ${b}`;
  }
  return undefined;
}


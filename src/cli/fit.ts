// `nadir fit`: a table of measurements in, one fit per group, a table of parameters out.

import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  curveFitBatch,
  engineInfo,
  type BatchOptions,
  type BatchResult,
  type Floats,
  type Predictors,
  type WarningCode,
} from '../index.ts';
import { readModel } from './choose-model.ts';
import { exitCode, UsageError } from './failure.ts';
import { checkTogether, readOutFiles, type FitOptions, type OutFile } from './fit-request.ts';
import { FitRows } from './fit-rows.ts';
import { commonLength, groupRows, sharedCurve, type Curves } from './group-rows.ts';
import { countOf, formatCount, formatSeconds } from './number-text.ts';
import { searchStarts, type Found } from './many-starts.ts';
import { planFit, type FitPlan } from './plan-fit.ts';
import { Progress } from './progress.ts';
import { readTable, sourceName } from './read-table.ts';
import { formatDiagnoses, formatReports } from './reports.ts';
import { formatTable, rowsToShow } from './table.ts';
import { painter, say, usesColour, writeOutput } from './terminal.ts';
import { formatRows } from './write-rows.ts';

export async function fit(path: string, options: FitOptions): Promise<number> {
  const outFiles = readOutFiles(options.out ?? [], path);
  checkTogether(options);
  const request = readModel(options.model);
  if (path === '-' && process.stdin.isTTY)
    throw new UsageError("'-' reads standard input, which is a terminal; pipe a file into it");
  const isQuiet = options.quiet === true;
  const progress = new Progress(isQuiet || !options.progress ? null : process.stderr);
  const stop = new AbortController();
  let isFitting = false;
  const interrupt = (): void => {
    // nothing is lost while the file is still being read, and a second Ctrl-C means it
    if (!isFitting || stop.signal.aborted) {
      progress.clear();
      process.exit(exitCode.interrupted);
    }
    stop.abort();
  };
  process.on('SIGINT', interrupt);
  try {
    const file = sourceName(path);
    let plan: FitPlan | undefined;
    const table = await readTable({
      path,
      delimiter: options.delimiter ?? null,
      skipBadRows: options.skipBadRows === true,
      select: (columns) => {
        plan = planFit(options, request, columns, file);
        return plan.selection;
      },
      onProgress: (done, total) =>
        progress.update(`reading ${file}`, megabytes(done), megabytes(total ?? 0), 'MB'),
    });
    if (plan === undefined) throw new UsageError(`${file} is empty`);
    if (table.skippedRows > 0 && !isQuiet) {
      progress.clear();
      say(`nadir: left out ${countOf(table.skippedRows, 'row')} of ${file} that could not be used`);
    }
    const curves = groupRows(table);
    isFitting = true;
    const batch = batchOptions(options, plan, curves);
    if (options.starts !== undefined) {
      const { starts, seed } = options;
      const found = await searchStarts(
        batch,
        curves,
        { starts, seed, signal: stop.signal },
        (done) => progress.update('searching', done, curves.fits, 'groups'),
      );
      if (found !== null) batch.init = found.init;
      if (found !== null && !isQuiet) sayStarts(found, progress, curves.labels);
    }
    const result = await curveFitBatch({
      ...batch,
      signal: stop.signal,
      onProgress: ({ done, total, etaSeconds }) =>
        progress.update('fitting', done, total, 'groups', etaSeconds),
    });
    progress.clear();
    const rows = new FitRows(
      result,
      options.by ?? null,
      curves.labels,
      curves.offsets,
      plan.fixed,
      plan.tied,
      {
        level: options.intervals ?? null,
        profile: options.profile === true,
        diagnose: options.diagnose === true,
      },
    );
    for (const out of outFiles) await writeFile(out, rows);
    await print(rows, options);
    if (!isQuiet) summarise(rows, result, table.rows, options);
    if (result.aborted) return exitCode.interrupted;
    return rows.failed > 0 ? exitCode.someFailed : exitCode.fitted;
  } finally {
    progress.clear();
    process.off('SIGINT', interrupt);
  }
}

function batchOptions(
  options: FitOptions,
  plan: FitPlan,
  curves: Curves,
): BatchOptions<string, Predictors<Floats>> {
  const names = plan.model.predictors;
  const predictors = names.length;
  const whole = curves.columns.slice(0, predictors);
  const shared = sharedPredictors(whole, commonLength(curves.offsets));
  const x = shared ?? whole;
  const sigma = plan.sigma === 'column' ? curves.columns[predictors + 1] : plan.sigma;
  return {
    model: plan.model,
    x: predictors === 1 ? x[0] : Object.fromEntries(names.map((name, k) => [name, x[k]])),
    y: curves.columns[predictors],
    ...(shared === null ? { offsets: curves.offsets } : {}),
    ...(sigma === null ? {} : { sigma }),
    ...(options.sigmaIs === undefined ? {} : { sigmaIs: options.sigmaIs }),
    params: plan.params,
    ...(plan.guessed.length > 0 ? { init: 'guess' } : {}),
    ...(options.method === undefined ? {} : { method: options.method }),
    ...(options.loss === undefined ? {} : { loss: options.loss }),
    ...(options.lossScale === undefined ? {} : { lossScale: options.lossScale }),
    ...(options.estimator === undefined ? {} : { estimator: options.estimator }),
    engine: options.engine,
    outputs: ['stdErr', 'r2'],
    ...(options.threads === undefined ? {} : { threads: options.threads }),
    ...(options.maxIter === undefined ? {} : { maxIter: options.maxIter }),
    ...(options.ftol === undefined ? {} : { ftol: options.ftol }),
    ...(options.xtol === undefined ? {} : { xtol: options.xtol }),
    ...(options.gtol === undefined ? {} : { gtol: options.gtol }),
  };
}

/** How sure the best minimum is: one that a single start came to may not be the lowest. */
function sayStarts({ rarest }: Found, progress: Progress, labels: readonly string[]): void {
  progress.clear();
  const { fit, reached, count } = rarest;
  const where = labels.length > 1 ? `, in group '${labels[fit]}'; in the others no fewer` : '';
  say(`nadir: ${formatCount(reached)} of ${countOf(count, 'start')} came to the best minimum${where}`);
}

/** Where all curves are measured at the same places: these. Work on x alone is then done once. */
function sharedPredictors(columns: readonly Float64Array[], length: number): Float64Array[] | null {
  if (length === 0) return null;
  const shared: Float64Array[] = [];
  for (const column of columns) {
    const curve = sharedCurve(column, length);
    if (curve === null) return null;
    shared.push(curve);
  }
  return shared;
}

async function writeFile(out: OutFile, rows: FitRows): Promise<void> {
  try {
    await pipeline(Readable.from(formatRows(rows, out.format)), createWriteStream(out.path));
  } catch (error) {
    throw new UsageError(`--out: '${out.path}' cannot be written: ${(error as Error).message}`);
  }
}

async function print(rows: FitRows, options: FitOptions): Promise<void> {
  if (options.json === true) return writeOutput(formatRows(rows, 'ndjson'));
  if (options.report !== undefined)
    return writeOutput(formatReports(rows, options.report, options.diagnose === true));
  const isTerminal = process.stdout.isTTY === true;
  const style = {
    width: isTerminal ? process.stdout.columns : Infinity,
    maxRows: isTerminal ? rowsToShow(rows.fits.length, options.all === true) : Infinity,
    paint: painter(usesColour(process.stdout)),
  };
  await writeOutput(formatTable(rows, style));
  if (options.diagnose === true) await writeOutput(formatDiagnoses(rows));
}

function summarise(
  rows: FitRows,
  result: BatchResult<string>,
  points: number,
  options: FitOptions,
): void {
  const paint = painter(usesColour(process.stderr));
  for (const { code, message } of result.warnings) {
    // that fits failed is what the closing line says, with their groups; starts differ by group
    if (code !== 'not-converged' && code !== 'starts-at-default') say(paint('yellow', `warning: ${message}`));
  }
  for (const message of doubts(rows, result)) say(paint('yellow', `warning: ${message}`));
  const info = engineInfo();
  const isChosen = options.engine !== 'auto' || process.env['NADIR_ENGINE'] === 'portable';
  if (result.engine === 'portable' && !isChosen && info.whyNotNative !== undefined) {
    say(paint('yellow', `warning: the native engine is not in use: ${info.whyNotNative}`));
  }
  const done = rows.fits.length;
  const simd = result.engine === 'native' && info.name === 'native' ? `, ${info.simd}` : '';
  const engine = `${result.engine} engine${simd}`;
  const size =
    rows.by === null
      ? countOf(points, 'point')
      : `${countOf(result.nFits, 'group')}, ${countOf(points, 'point')}`;
  let outcome = rows.failed === 0 ? 'fitted' : describeFailures(rows);
  if (result.aborted) {
    const all = countOf(result.nFits, 'group');
    outcome = `interrupted after ${formatCount(done)} of ${all}; the rest is left out`;
  }
  say(
    paint(
      rows.failed === 0 && !result.aborted ? 'dim' : 'red',
      `${size}: ${outcome} in ${formatSeconds(result.elapsedSeconds)} (${engine})`,
    ),
  );
}

const listed: ReadonlySet<WarningCode> = new Set<WarningCode>([
  'rank-deficient',
  'high-correlation',
  'param-at-bound',
]);

/** Of a single fit what makes its numbers doubtful; of many, how many of them leave some open. */
function* doubts(rows: FitRows, result: BatchResult<string>): Generator<string> {
  const undetermined = rows.undetermined();
  if (rows.by === null && rows.fits.length === 1) {
    for (const { code, message } of result.at(0).warnings)
      if (listed.has(code)) yield message;
  } else if (undetermined.length > 0) {
    const [first] = undetermined;
    const cause = result.at(first).warnings.find(({ code }) => code === 'rank-deficient');
    if (cause === undefined) return;
    const groups = countOf(undetermined.length, 'group');
    yield `no standard errors in ${groups}, first '${rows.label(first)}': ${cause.message}`;
  }
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 1e6);
}

function describeFailures(rows: FitRows): string {
  const failures = rows.failures();
  if (rows.by === null) return `not fitted (${failures[0].status})`;
  const reasons = failures.map(
    ({ status, count, first }) => `${formatCount(count)} ${status}, first '${first}'`,
  );
  const all = countOf(rows.fits.length, 'group');
  return `${formatCount(rows.failed)} of ${all} not fitted (${reasons.join('; ')})`;
}

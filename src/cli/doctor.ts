// `nadir doctor`: what nadir runs on here, and whether both engines give the same bits.

import { compareEngines, curveFitBatchSync, engineInfo, expr } from '../index.ts';
import { exitCode } from './failure.ts';
import { painter, usesColour, writeOutput } from './terminal.ts';

export async function doctor(): Promise<number> {
  const paint = painter(usesColour(process.stdout));
  const info = engineInfo();
  const check = await selfCheck();
  const facts: [string, string | undefined][] = [
    ['nadir', info.version],
    ['engine', info.name],
    ['why not native', info.whyNotNative],
    ['instruction set', info.simd],
    ['threads', String(info.threads)],
    ['binary', loadedBinary()],
    ['node', `${process.version}, ${process.platform} ${process.arch}`],
    ['libc', libc()],
    ['self-check', paint(check.isGood ? 'green' : 'red', check.sentence)],
  ];
  await writeOutput(
    facts
      .filter(([, fact]) => fact !== undefined)
      .map(([name, fact]) => `${paint('dim', name.padEnd(16))}${fact}\n`),
  );
  return check.isGood ? exitCode.fitted : exitCode.someFailed;
}

interface ProcessReport {
  readonly header: { readonly glibcVersionRuntime?: string };
  readonly sharedObjects: readonly string[];
}

function processReport(): ProcessReport {
  // looking up the names of open connections is slow, and nobody asks for it
  Object.assign(process.report, { excludeNetwork: true });
  return process.report.getReport() as unknown as ProcessReport;
}

/** The add-on as the operating system has it mapped; undefined where none was loaded. */
function loadedBinary(): string | undefined {
  return processReport().sharedObjects.find((path) => /nadir[^/\\]*\.node$/.test(path));
}

function libc(): string | undefined {
  const { header, sharedObjects } = processReport();
  if (header.glibcVersionRuntime !== undefined) return `glibc ${header.glibcVersionRuntime}`;
  return sharedObjects.some((path) => path.includes('ld-musl')) ? 'musl' : undefined;
}

/** Four decays without noise: every engine must find the parameters that made them. */
async function selfCheck(): Promise<{ readonly isGood: boolean; readonly sentence: string }> {
  const model = expr('a * exp(-k * x) + c');
  const x = Float64Array.from({ length: 16 }, (_, i) => i / 4);
  const truth = [
    { a: 3, k: 0.7, c: 0.5 },
    { a: 4, k: 1.5, c: 1 },
    { a: 10, k: 0.4, c: -3 },
    { a: 1, k: 2.5, c: 0 },
  ];
  const y = new Float64Array(truth.length * x.length);
  truth.forEach((params, fit) => y.set(model.evaluate(x, params), fit * x.length));
  let worst = 0;
  const { rows } = await compareEngines(
    (engine) => {
      const { params, status, iterations } = curveFitBatchSync({
        model,
        x,
        y,
        engine,
        params: { a: 1, k: 1, c: 0 },
      });
      truth.forEach((expected, fit) =>
        model.paramNames.forEach((name, k) => {
          const error = Math.abs(params[fit * 3 + k] - expected[name as 'a' | 'k' | 'c']);
          if (!(error <= worst)) worst = error;
        }),
      );
      return { params, status, iterations };
    },
    { repeats: 1, warmup: 0 },
  );
  // the model values are rounded, so parameters come back to about nine digits, not exactly
  if (!(worst < 1e-6)) return { isGood: false, sentence: `failed: a parameter is off by ${worst}` };
  if (rows.length === 1)
    return {
      isGood: true,
      sentence: `good: four fits on the ${rows[0].engine} engine (the only one here)`,
    };
  return rows.every((row) => row.sameBits)
    ? { isGood: true, sentence: 'good: four fits, the same bits on both engines' }
    : { isGood: false, sentence: 'failed: the engines disagree' };
}

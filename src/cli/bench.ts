// `nadir bench`: both engines on this machine, the same seeded curves, medians of interleaved runs.

import { compareEngines, curveFitBatch, expr } from '../index.ts';
import { exitCode } from './failure.ts';
import { formatCount } from './number-text.ts';
import { painter, usesColour, writeOutput } from './terminal.ts';

interface BenchModel {
  readonly title: string;
  readonly source: string;
  readonly points: number;
  readonly fits: number;
  /** First and last x. */
  readonly range: readonly [number, number];
  readonly truth: Readonly<Record<string, number>>;
  readonly start: Readonly<Record<string, number>>;
  readonly noise: number;
}

const models: readonly BenchModel[] = [
  {
    title: 'exponential decay',
    source: 'a * exp(-k * x) + c',
    points: 64,
    fits: 4096,
    range: [0, 4],
    truth: { a: 5, k: 1.2, c: 0.5 },
    start: { a: 4, k: 1, c: 0 },
    noise: 0.05,
  },
  {
    title: 'Gaussian + offset',
    source: 'amp * exp(-(x - cen)^2 / (2 * wid^2)) + bg',
    points: 50,
    fits: 4096,
    range: [-5, 5],
    truth: { amp: 10, cen: 0.4, wid: 1.1, bg: 1 },
    start: { amp: 8, cen: 0, wid: 1.5, bg: 0 },
    noise: 0.1,
  },
  {
    title: 'two Lorentzians + line',
    source: 'a1*w1^2/((x-x1)^2+w1^2) + a2*w2^2/((x-x2)^2+w2^2) + b + s*x',
    points: 200,
    fits: 1024,
    range: [0, 10],
    truth: { a1: 8, x1: 3.5, w1: 0.6, a2: 5, x2: 6.5, w2: 0.8, b: 1, s: 0.1 },
    start: { a1: 6, x1: 3.2, w1: 0.8, a2: 6, x2: 6.8, w2: 0.6, b: 0.5, s: 0 },
    noise: 0.1,
  },
];

/**
 * Uniform on [0, 1): the 32-bit xorshift of Marsaglia (2003), Journal of Statistical Software
 * 8(14), with the shifts 13, 17, 5.
 */
function uniform(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 4294967296;
  };
}

/**
 * Curves around the truth: every parameter within 10 %, and noise from a sum of twelve uniforms,
 * which has variance 1.
 */
function makeCurves(bench: BenchModel): { x: Float64Array; y: Float64Array } {
  const random = uniform(20240229);
  const { points, fits, range, truth, noise } = bench;
  const x = Float64Array.from(
    { length: points },
    (_, i) => range[0] + ((range[1] - range[0]) * i) / (points - 1),
  );
  const y = new Float64Array(fits * points);
  const model = expr(bench.source);
  for (let fit = 0; fit < fits; fit++) {
    const params = Object.fromEntries(
      Object.entries(truth).map(([name, value]) => [name, value * (0.9 + 0.2 * random())]),
    );
    y.set(model.evaluate(x, params), fit * points);
  }
  for (let i = 0; i < y.length; i++) {
    let sum = -6;
    for (let k = 0; k < 12; k++) sum += random();
    y[i] += noise * sum;
  }
  return { x, y };
}

export async function bench(options: {
  readonly seconds: number;
  readonly threads?: number;
}): Promise<number> {
  const paint = painter(usesColour(process.stdout));
  let allAgree = true;
  const row = (...cells: string[]): string => {
    const [title, ...numbers] = cells;
    return `${title.padEnd(24)}${numbers.map((cell) => cell.padStart(18)).join('')}\n`;
  };
  await writeOutput([
    paint(
      'bold',
      row('', 'native fits/s', 'portable fits/s', 'native/portable', 'bits agree').trimEnd(),
    ),
    '\n',
  ]);
  for (const benchModel of models) {
    const { x, y } = makeCurves(benchModel);
    const model = expr(benchModel.source);
    const run = async (engine: 'native' | 'portable'): Promise<unknown> => {
      const { params, ssr, status, iterations } = await curveFitBatch({
        model,
        x,
        y,
        engine,
        params: benchModel.start,
        ...(options.threads === undefined ? {} : { threads: options.threads }),
      });
      return { params, ssr, status, iterations };
    };
    const once = performance.now();
    await run('portable');
    const portableMs = performance.now() - once;
    // the portable engine decides how many rounds fit into the time given; three make a median
    const repeats = Math.max(
      3,
      Math.min(200, Math.round((options.seconds * 1000) / models.length / (1.2 * portableMs))),
    );
    const { rows } = await compareEngines(run, { repeats, warmup: 1 });
    const rate = (engine: 'native' | 'portable'): number | null => {
      const found = rows.find((candidate) => candidate.engine === engine);
      return found === undefined ? null : (benchModel.fits / found.medianMs) * 1000;
    };
    const native = rate('native');
    const portable = rate('portable');
    const agree = rows.every((candidate) => candidate.sameBits);
    allAgree &&= agree;
    await writeOutput([
      row(
        benchModel.title,
        native === null ? 'not available' : formatCount(Math.round(native)),
        portable === null ? 'not available' : formatCount(Math.round(portable)),
        native === null || portable === null ? '–' : `${(native / portable).toFixed(1)} ×`,
        native === null ? '–' : agree ? 'yes' : 'NO',
      ),
    ]);
  }
  return allAgree ? exitCode.fitted : exitCode.someFailed;
}

// Models of the library, bounds, ties, losses, starts, intervals and reports on the command line.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { curveFit, expr, models } from '../../src/index.ts';
import { dataFile, runNadir } from './command.ts';

let folder: string;
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'nadir-options-'))));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

interface Row {
  readonly group: string | null;
  readonly params: Record<string, number>;
  readonly stdErr: Record<string, number | null>;
  readonly dof: number;
  readonly intervals: Record<string, [number | null, number | null]>;
  readonly findings: { code: string; message: string }[];
}

async function fit(...args: string[]): Promise<Row[]> {
  const outcome = await runNadir(['fit', ...args, '--json']);
  expect(outcome, outcome.stderr).toMatchObject({ code: 0 });
  return outcome.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Row);
}

const puromycin = dataFile('puromycin.csv');
const data = [puromycin, '-y', 'rate', '-b', 'state'];
const formula = ['-m', 'Vm*conc/(K+conc)'];
const [treated, untreated] = ['treated', 'untreated'].map((state) => {
  const lines = readFileSync(puromycin, 'utf8').trim().split('\n').slice(1);
  const rows = lines.map((line) => line.split(',')).filter((row) => row[2] === state);
  return { x: rows.map((row) => Number(row[0])), y: rows.map((row) => Number(row[1])) };
});
const saturation = expr('Vm*conc/(K+conc)', ['conc']);

describe('models and starts', () => {
  it('takes a model of the library over the only column that is left, from its guess', async () => {
    const rows = await fit(...data, '-m', 'michaelisMenten');
    [treated, untreated].forEach(({ x, y }, k) => {
      const { values } = curveFit({ model: models.michaelisMenten(), x, y });
      expect(rows[k].params).toEqual(values);
    });
    expect(rows[0].params['vmax']).toBeCloseTo(212.684, 3);
  });

  it('takes the columns of --x for the predictors of a model, in its order', async () => {
    const lines = ['u,v,z'];
    for (let u = -3; u <= 3; u++)
      for (let v = -3; v <= 3; v++)
        lines.push(`${u},${v},${5 * Math.exp(-((u - 1) ** 2) / 2 - (v + 1) ** 2 / 8) + 2}`);
    const path = file('plane.csv', `${lines.join('\n')}\n`);
    const [row] = await fit(path, '-m', 'gaussian2d', '-y', 'z', '-x', 'v,u');
    expect(row.params['xcen']).toBeCloseTo(-1, 9);
    expect(row.params['ycen']).toBeCloseTo(1, 9);
    expect(Math.abs(row.params['xsigma'])).toBeCloseTo(2, 9);
  });

  it('adds models, with letters before names that stand twice', async () => {
    const lines = ['x,counts'];
    for (let x = 0; x < 60; x++) {
      const peak = (at: number, s: number): number => Math.exp(-((x - at) ** 2) / (2 * s * s));
      lines.push(`${x},${40 * peak(15, 3) + 20 * peak(40, 3) + 0.1 * x + 2}`);
    }
    const path = file('peaks.csv', `${lines.join('\n')}\n`);
    const args = [path, '-y', 'counts', '-m', 'gaussian + gaussian + line'];
    const [free] = await fit(...args);
    expect(Object.keys(free.params).join(' ')).toBe(
      'a_amp a_cen a_sigma b_amp b_cen b_sigma slope intercept',
    );
    const centres = [free.params['a_cen'], free.params['b_cen']].toSorted((a, b) => a - b);
    expect(centres[0]).toBeCloseTo(15, 6);
    expect(centres[1]).toBeCloseTo(40, 6);
    const [tied] = await fit(...args, '--tie', 'b_sigma=a_sigma', '--tie', 'ratio=a_amp/b_amp');
    expect(tied.params['b_sigma']).toBe(tied.params['a_sigma']);
    expect([2, 0.5]).toContain(Number(tied.params['ratio'].toFixed(6)));
    expect(tied.dof).toBe(60 - 7);
  });

  it('finds starts for a formula where none is given, or with --guess the rest', async () => {
    for (const args of [[], ['-s', 'Vm=200', '--guess']]) {
      const rows = await fit(...data, ...formula, ...args);
      expect(rows[0].params['Vm']).toBeCloseTo(212.6837, 3);
      expect(rows[1].params['K']).toBeCloseTo(0.0477082, 6);
    }
  });

  it('finds the lowest of several minima with --starts, the same with the same seed', async () => {
    const lines = ['t,y'];
    for (let i = 0; i < 60; i++) lines.push(`${i / 10},${2 * Math.sin(5.3 * (i / 10) + 0.4)}`);
    const path = file('sine.csv', `${lines.join('\n')}\n`);
    const args = [path, '-y', 'y', '-m', 'a*sin(w*t+p)', '-s', 'a=1,w=2,p=0', '--bounds', 'w=0..20'];
    const [near] = await fit(...args);
    expect(Math.abs(near.params['w'] - 5.3)).toBeGreaterThan(0.1);
    const first = await fit(...args, '--starts', '64', '--seed', '3');
    expect(first[0].params['w']).toBeCloseTo(5.3, 8);
    expect(await fit(...args, '--starts', '64', '--seed', '3')).toEqual(first);
    const { stderr } = await runNadir(['fit', ...args, '--starts', '64', '--seed', '3']);
    expect(stderr).toMatch(/^nadir: [1-9]\d* of 64 starts came to the best minimum$/m);
  });
});

describe('bounds, losses, estimators and methods do what the options of curveFit do', () => {
  it('with bounds', async () => {
    const rows = await fit(...data, ...formula, '-s', 'Vm=180,K=0.02', '--bounds', 'K=..0.05,Vm=0..1e3');
    [treated, untreated].forEach(({ x, y }, k) => {
      const params = { Vm: { value: 180, min: 0, max: 1e3 }, K: { value: 0.02, max: 0.05 } };
      const { values, params: found } = curveFit({ model: saturation, x: { conc: x }, y, params });
      expect(rows[k].params).toEqual(values);
      expect(rows[k].stdErr['K']).toBe(found.K.stdErr);
    });
    expect(rows[0]).toMatchObject({ params: { K: 0.05 }, stdErr: { K: null } });
  });

  it.each([
    ['--loss huber --loss-scale mad', { loss: 'huber', lossScale: 'mad' }],
    ['--loss cauchy --loss-scale 5', { loss: 'cauchy', lossScale: 5 }],
    ['--estimator poisson', { estimator: 'poisson' }],
    ['--method trf', { method: 'trf' }],
    ['--method dogbox --bounds K=0..1', { method: 'dogbox', bounded: true }],
  ] as const)('with %s', async (text, options) => {
    const rows = await fit(...data, ...formula, '-s', 'Vm=200,K=0.1', ...text.split(' '));
    [treated, untreated].forEach(({ x, y }, k) => {
      const { bounded = false, ...others } = { bounded: false, ...options };
      const K = bounded ? { value: 0.1, min: 0, max: 1 } : 0.1;
      const { values, params } = curveFit({
        model: saturation,
        x: { conc: x },
        y,
        params: { Vm: 200, K },
        ...others,
      });
      expect(rows[k].params).toEqual(values);
      expect(rows[k].stdErr).toEqual({ Vm: params.Vm.stdErr, K: params.K.stdErr });
    });
  });

  it('a tied quantity is computed for every group, with its standard error', async () => {
    const rows = await fit(...data, '-m', 'michaelisMenten', '--tie', 'efficiency=vmax/km');
    for (const { params, stdErr } of rows) {
      expect(params['efficiency']).toBe(params['vmax'] / params['km']);
      expect(stdErr['efficiency']).toBeGreaterThan(0);
    }
  });
});

describe('intervals, diagnoses and reports', () => {
  const { x, y } = treated;
  const one = curveFit({ model: models.michaelisMenten(), x, y });
  const ready = [...data, '-m', 'michaelisMenten', '-x', 'conc'];

  it('--intervals and --profile stand in JSON and in files', async () => {
    const path = join(folder, 'intervals.csv');
    const [linear] = await fit(...ready, '--intervals', '0.9', '-o', path);
    expect(linear.intervals).toEqual(one.confidenceIntervals(0.9));
    const [header, first] = readFileSync(path, 'utf8').split('\n');
    expect(header).toMatch(/^state,vmax,vmax_stderr,vmax_lower,vmax_upper,km,/);
    expect(first.split(',').slice(3, 5).map(Number)).toEqual(linear.intervals['vmax']);
    const [profile] = await fit(...ready, '--intervals', '0.9', '--profile');
    expect(profile.intervals).toEqual(one.confidenceIntervals(0.9, 'profile'));
  });

  it('--intervals has columns in the table', async () => {
    const { stdout } = await runNadir(['fit', ...ready, '--intervals', '0.95']);
    const [head, first] = stdout.split('\n');
    expect(head).toMatch(/^state +vmax +95 % +km +95 % +R² +points +status$/);
    expect(first).toMatch(/^treated +212\.7 ± 6\.9 +197\.2 to 228\.2 +0\.0641 ± 0\.0083 +0\.0457 to/);
  });

  it('a parameter on a bound has no interval', async () => {
    const args = [...ready, '--bounds', 'km=0..0.03', '--intervals', '0.95'];
    const [row] = await fit(...args);
    expect(row.intervals['km']).toEqual([null, null]);
    const { stdout } = await runNadir(['fit', ...args]);
    expect(stdout.split('\n')[1]).toMatch(/ 0\.03 ± – +– +0\.\d+ +12 /);
  });

  it('--diagnose prints the diagnosis of every group below the table, and its findings in JSON', async () => {
    const { stdout } = await runNadir(['fit', ...ready, '--diagnose']);
    expect(stdout).toContain(`\nstate treated\n\n${one.diagnose().report()}\n`);
    expect(stdout).toContain('\nstate untreated\n\nnothing found\n');
    const [row] = await fit(...ready, '--diagnose');
    expect(row.findings).toEqual(
      one.diagnose().findings.map(({ code, message }) => ({ code, message })),
    );
  });

  it.each(['text', 'markdown'])('--report %s prints one report per group', async (format) => {
    const args = ['fit', ...ready, '--report', format, '--intervals', '0.95'];
    const { code, stdout } = await runNadir(args);
    expect(code).toBe(0);
    const mark = format === 'markdown' ? '## ' : '';
    expect(stdout.startsWith(`${mark}state treated\n\n`)).toBe(true);
    expect(stdout).toContain(`\n${mark}state untreated\n\n`);
    const body = format === 'markdown' ? one.toMarkdown() : one.report();
    const withoutWork = (text: string): string[] =>
      text.split('\n').filter((line) => !line.includes('work'));
    expect(withoutWork(stdout)).toEqual(expect.arrayContaining(withoutWork(body)));
    expect(stdout).toMatch(/95 % interval.*197\.20\d to 228\.163/s);
  });
});

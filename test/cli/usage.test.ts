import { closeSync, existsSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dataFile, runNadir, startNadir } from './command.ts';

let folder: string;
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'nadir-usage-'))));
afterAll(() => rmSync(folder, { recursive: true }));

const data = dataFile('puromycin.csv');
const model = ['-m', 'Vm*conc/(K+conc)'];
const rest = ['-y', 'rate', '-b', 'state', '-s', 'Vm=200,K=0.1'];

/** What a refused command says, which must be all that it does: exit code 2 and no stack. */
async function refusal(args: readonly string[], input = ''): Promise<string> {
  const outcome = await runNadir(args, { input });
  expect(outcome).toMatchObject({ code: 2, stdout: '' });
  expect(outcome.stderr).not.toMatch(/\n\s+at /);
  return outcome.stderr.replace(/^nadir: /, '').trimEnd();
}

describe('columns', () => {
  it.each<[string, string[], string]>([
    [
      'of --y',
      ['-y', 'rat', '-s', 'Vm=1,K=1'],
      "--y: column 'rat' is not in puromycin.csv; its columns are conc, rate, state. Did you mean 'rate'?",
    ],
    [
      'of --by',
      ['-y', 'rate', '-b', 'stat', '-s', 'Vm=1,K=1'],
      "--by: column 'stat' is not in puromycin.csv; its columns are conc, rate, state. Did you mean 'state'?",
    ],
    [
      'of --sigma',
      [...rest, '--sigma', 'dy'],
      "--sigma: column 'dy' is not in puromycin.csv; its columns are conc, rate, state.",
    ],
    [
      'of --x',
      [...rest, '--x', 'dose'],
      "--x: column 'dose' is not in puromycin.csv; its columns are conc, rate, state.",
    ],
    [
      'of --x that the model does not contain',
      [...rest, '--x', 'conc,state'],
      "--x: the model does not contain 'state'; its names are Vm, conc, K.",
    ],
    [
      'that are text',
      ['-y', 'state', '-s', 'Vm=1,K=1'],
      "puromycin.csv, line 2: column 'state' holds 'treated', which is not a number (the first of 23 rows that cannot be used); no row is left",
    ],
  ])('%s', async (_name, args, sentence) => {
    expect(await refusal(['fit', data, ...model, ...args])).toBe(sentence);
  });

  it('in a file with another delimiter than the one given', async () => {
    expect(await refusal(['fit', data, ...model, ...rest, '--delimiter', ';'])).toBe(
      "--y: column 'rate' is not in puromycin.csv; its only column is 'conc,rate,state' (--delimiter says what separates columns).",
    );
  });

  it('in a file without a header', async () => {
    const path = join(folder, 'bare.csv');
    writeFileSync(path, '1,2\n3,4\n');
    expect(await refusal(['fit', path, '-m', 'a*x', '-y', 'y', '-s', 'a=1'])).toBe(
      "--y: column 'y' is not in bare.csv; its columns are 1, 2 (the first line must hold the names of the columns).",
    );
  });

  it('that stand twice', async () => {
    const path = join(folder, 'twice.csv');
    writeFileSync(path, 'x,y,y\n1,2,3\n');
    expect(await refusal(['fit', path, '-m', 'a*x', '-y', 'y', '-s', 'a=1'])).toBe(
      "--y: twice.csv has more than one column 'y'",
    );
  });
});

describe('parameters', () => {
  it.each<[string, string[], string]>([
    [
      'one without a start',
      ['-y', 'rate', '-s', 'K=1'],
      '--start: a start is needed for Vm (predictors: conc; parameters: Vm, K), such as --start Vm=1, or --guess.',
    ],
    [
      'misspelt',
      ['-y', 'rate', '-s', 'Vn=1,K=1'],
      "--start: the model has no parameter 'Vn'; the parameters are Vm, K. Did you mean 'Vm'?",
    ],
    [
      'not a number',
      ['-y', 'rate', '-s', 'Vm=big,K=1'],
      "--start: expected a number for 'Vm', got 'big'",
    ],
    [
      'not an assignment',
      ['-y', 'rate', '-s', 'Vm:1,K=1'],
      "--start: expected name=number, separated by commas; got 'Vm:1,K=1'",
    ],
    ['twice', ['-y', 'rate', '-s', 'Vm=1,K=1', '-s', 'K=2'], "--start: 'K' is given twice"],
    [
      'started and fixed',
      ['-y', 'rate', '-s', 'Vm=1,K=1', '--fix', 'K=2'],
      "'K' is both in --start and in --fix",
    ],
    [
      'all fixed',
      ['-y', 'rate', '--fix', 'Vm=1,K=1'],
      '--fix: every parameter is fixed; nothing is left to fit',
    ],
    [
      'that are predictors',
      ['-y', 'rate', '-x', 'conc', '-s', 'Vm=1,K=1,conc=2'],
      "--start: 'conc' is a predictor; the parameters are Vm, K.",
    ],
    [
      'with bounds that are no range',
      ['-y', 'rate', '--bounds', 'K=0-1'],
      "--bounds: expected name=lowest..highest, as in k=0..10 or k=0.., separated by commas; got 'K=0-1'",
    ],
    [
      'with bounds without room',
      ['-y', 'rate', '--bounds', 'K=1..1'],
      "--bounds: there is no room for 'K' in 1..1",
    ],
    [
      'with bounds that exclude the start',
      ['-y', 'rate', '-s', 'Vm=200,K=2', '--bounds', 'Vm=0..,K=..1'],
      "--start: 2 for 'K' lies outside of its --bounds, at most 1",
    ],
    [
      'with bounds under a misspelt name',
      ['-y', 'rate', '--bounds', 'Vn=0..1e3'],
      "--bounds: the model has no parameter 'Vn'; the parameters are Vm, K. Did you mean 'Vm'?",
    ],
    [
      'with bounds twice',
      ['-y', 'rate', '--bounds', 'K=0..1', '--bounds', 'K=0..2'],
      "--bounds: 'K' is given twice",
    ],
    [
      'bounded and fixed',
      ['-y', 'rate', '--bounds', 'K=0..1', '--fix', 'K=1'],
      "'K' is both in --bounds and in --fix",
    ],
    [
      'tied to nothing',
      ['-y', 'rate', '--tie', 'Vm'],
      "--tie: expected name=formula, as in b=a/2; got 'Vm'",
    ],
    [
      'tied to a stranger',
      ['-y', 'rate', '--tie', 'Vm=10*kk'],
      "--tie: 'kk' in 'Vm=10*kk' is no parameter; the parameters are Vm, K.",
    ],
    [
      'tied in a circle',
      ['-y', 'rate', '--tie', 'half=Vm/2', '--tie', 'Vm=2*half'],
      'params.Vm.expr: is circular: Vm → half → Vm',
    ],
    [
      'tied and started',
      ['-y', 'rate', '-s', 'Vm=1', '--tie', 'Vm=10*K'],
      "'Vm' is both in --start and in --tie",
    ],
    [
      'all tied or fixed',
      ['-y', 'rate', '--fix', 'K=1', '--tie', 'Vm=10*K'],
      '--tie: every parameter is fixed or tied; nothing is left to fit',
    ],
  ])('%s', async (_name, args, sentence) => {
    expect(await refusal(['fit', data, ...model, ...args])).toBe(sentence);
  });
});

describe('models', () => {
  it('that do not parse point at the place', async () => {
    const outcome = await runNadir(['fit', data, '-m', 'Vm*conc/(K+*conc)', ...rest]);
    expect(outcome.code).toBe(2);
    const lines = outcome.stderr.trimEnd().split('\n');
    expect(lines[0]).toMatch(/^nadir: --model: /);
    const text = lines.findIndex((line) => line.includes('Vm*conc/(K+*conc)'));
    expect(text).toBeGreaterThanOrEqual(0);
    const caret = lines[text + 1].indexOf('^');
    expect(lines[text][caret]).toBe('*');
    expect(lines[text].slice(0, caret).endsWith('(K+')).toBe(true);
  });

  it('with a misspelt column', async () => {
    expect(await refusal(['fit', data, '-m', 'Vm*cnc/(K+cnc)', ...rest])).toBe(
      "--model: none of its names (Vm, cnc, K) is a column of puromycin.csv, whose columns are conc, rate, state. Did you mean 'conc'?",
    );
  });

  it('with one of two columns misspelt', async () => {
    expect(await refusal(['fit', data, '-m', 'Vm*conc/(K+cnc)', ...rest])).toBe(
      "--start: a start is needed for cnc (predictors: conc; parameters: Vm, K, cnc), such as --start cnc=1, or --guess. Did you mean the column 'conc'?",
    );
  });

  it.each<[string, string[], string | RegExp]>([
    [
      'misspelt',
      ['-m', 'michaelis-menten'],
      "--model: 'michaelis-menten' is no model of the library (nadir models lists them). Did you mean 'michaelisMenten'?",
    ],
    [
      'cut short',
      ['-m', 'expon'],
      "--model: 'expon' is no model of the library (nadir models lists them). Did you mean 'exponential'?",
    ],
    [
      'without their argument',
      ['-m', 'polynomial'],
      "--model: 'polynomial' needs its degree, as in polynomial(2)",
    ],
    [
      'with an argument out of range',
      ['-m', 'polynomial(21)'],
      '--model: degree: expected a whole number from 0 to 20, got 21',
    ],
    ['with an argument too many', ['-m', 'sine(2)'], "--model: 'sine' takes no argument"],
    [
      'of two predictors over one column',
      ['-m', 'gaussian2d', '-x', 'conc'],
      "--x: 'gaussian2d' has the predictors x, y: expected 2 columns, got 1",
    ],
    [
      'over a column that must be named',
      ['-m', 'hill'],
      "--x: which column is the predictor x of 'hill'? puromycin.csv has conc, state",
    ],
    [
      'over different predictors',
      ['-m', 'gaussian2d + line', '-x', 'conc'],
      /^--model: other: its predictors are x, those of this model x, y/,
    ],
  ])('of the library %s', async (_name, args, sentence) => {
    expect(await refusal(['fit', data, ...args, '-y', 'rate'])).toMatch(sentence);
  });

  it('that contain what is to be fitted', async () => {
    expect(await refusal(['fit', data, '-m', 'Vm*conc/(K+rate)', ...rest])).toBe(
      "--model: 'rate' is the column to be fitted (--y); the model cannot contain it",
    );
  });
});

describe('files', () => {
  it.each<[string, string[], string]>([
    ['that do not exist', ['nowhere.csv'], 'nowhere.csv does not exist'],
    ['that are folders', ['/'], '/ is a folder, not a file'],
    [
      'for results that would overwrite the data',
      [data, '--out', data],
      `--out: '${data}' is the file that holds the data`,
    ],
    [
      'for results of no known kind',
      [data, '--out', 'results.xlsx'],
      "--out: 'results.xlsx' must end in .csv, .json, .ndjson",
    ],
  ])('%s', async (_name, args, sentence) => {
    expect(await refusal(['fit', ...args, ...model, ...rest])).toBe(sentence);
  });

  it('for results that cannot be written', async () => {
    const outcome = await runNadir([
      'fit',
      data,
      ...model,
      ...rest,
      '--out',
      '/nowhere/at/all.csv',
    ]);
    expect(outcome.stderr).toMatch(/^nadir: --out: '\/nowhere\/at\/all\.csv' cannot be written: /m);
    expect(outcome.code).toBe(2);
  });

  it.skipIf(!existsSync('/dev/full'))('that are standard output on a full disk', async () => {
    const full = openSync('/dev/full', 'w');
    const child = startNadir(['fit', data, ...model, ...rest, '-q'], { stdout: full });
    let stderr = '';
    child.stderr!.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    const code = await new Promise((resolve) => child.on('close', resolve));
    closeSync(full);
    expect(stderr).toMatch(/^nadir: standard output cannot be written: .*no space left[^\n]*\n$/);
    expect(code).toBe(2);
  });

  it('that are standard input with nothing in it', async () => {
    expect(await refusal(['fit', '-', ...model, ...rest], '')).toBe('standard input is empty');
  });

  it('with rows that cannot be used, unless they are to be left out', async () => {
    const path = join(folder, 'holes.csv');
    writeFileSync(path, 'x,y\n1,2\n2,\n3,6\n4,none\n5,10\n');
    const args = ['fit', path, '-m', 'a*x', '-y', 'y', '-s', 'a=1'];
    expect(await refusal(args)).toBe(
      `holes.csv, line 3: column 'y' is empty (the first of 2 rows that cannot be used); --skip-bad-rows leaves such rows out`,
    );
    const outcome = await runNadir([...args, '--skip-bad-rows', '--json']);
    expect(outcome.code).toBe(0);
    expect(outcome.stderr).toContain(
      'nadir: left out 2 rows of holes.csv that could not be used\n',
    );
    expect((JSON.parse(outcome.stdout) as { points: number }).points).toBe(3);
  });
});

describe('options', () => {
  it.each<[string, string[], string | RegExp]>([
    ['an unknown one', ['--bz', 'state'], /^unknown option '--bz'\n\(Did you mean --by\?\)/],
    [
      '--threads 0',
      ['--threads', '0'],
      /^option '--threads <n>' argument '0' is invalid\. Expected a whole number from 1\./,
    ],
    [
      '--max-iter 1.5',
      ['--max-iter', '1.5'],
      /'1\.5' is invalid\. Expected a whole number from 1\./,
    ],
    [
      '--ftol small',
      ['--ftol', 'small'],
      /'small' is invalid\. Expected a number from 0, such as 1e-8\./,
    ],
    [
      '--delimiter abc',
      ['--delimiter', 'abc'],
      /'abc' is invalid\. Expected one character, or 'tab'\./,
    ],
    [
      '--engine gpu',
      ['--engine', 'gpu'],
      /'gpu' is invalid\. Allowed choices are auto, native, portable\./,
    ],
    [
      '--sigma 0',
      ['--sigma', '0'],
      "--sigma: expected a column or a number greater than 0, got '0'",
    ],
    [
      '--loss huger',
      ['--loss', 'huger'],
      /'huger' is invalid\. Allowed choices are linear, soft_l1, huber,/,
    ],
    [
      '--loss-scale 0',
      ['--loss', 'huber', '--loss-scale', '0'],
      /'0' is invalid\. Expected a number greater than 0, or 'mad'\./,
    ],
    [
      '--loss-scale alone',
      ['--loss-scale', 'mad'],
      '--loss-scale needs a --loss other than linear, such as --loss huber',
    ],
    [
      '--method fast',
      ['--method', 'fast'],
      /'fast' is invalid\. Allowed choices are auto, lm, trf, dogbox, gauss-newton\./,
    ],
    [
      '--estimator poisson with --sigma',
      ['--estimator', 'poisson', '--sigma', '2'],
      '--sigma: not with --estimator poisson: a count is its own variance',
    ],
    [
      '--estimator poisson with --loss',
      ['--estimator', 'poisson', '--loss', 'huber'],
      '--loss: not with --estimator poisson, which minimises the deviance',
    ],
    [
      '--starts 0',
      ['--starts', '0'],
      /'0' is invalid\. Expected a whole number from 1, or 'auto'\./,
    ],
    ['--seed alone', ['--seed', '1'], '--seed needs --starts, such as --starts 64'],
    [
      '--intervals 95',
      ['--intervals', '95'],
      /'95' is invalid\. Expected a number between 0 and 1, such as 0\.95\./,
    ],
    ['--profile alone', ['--profile'], '--profile needs --intervals, such as --intervals 0.95'],
    [
      '--report with --json',
      ['--report', 'text', '--json'],
      '--report: not with --json; one of them goes to standard output',
    ],
    ['--sigma-is alone', ['--sigma-is', 'absolute'], '--sigma-is needs --sigma'],
  ])('%s', async (_name, args, sentence) => {
    expect(await refusal(['fit', data, ...model, ...rest, ...args])).toMatch(sentence);
  });

  it.each<[string, string[], RegExp]>([
    ['no command', [], /^Usage: nadir/],
    ['an unknown command', ['fti'], /^unknown command 'fti'\n\(Did you mean fit\?\)/],
    ['no data', ['fit', ...model, ...rest], /^missing required argument 'data'/],
    ['no model', ['fit', data, ...rest], /^required option '-m, --model <text>' not specified/],
    ['a second file', ['fit', data, data, ...model, ...rest], /^too many arguments/],
  ])('%s', async (_name, args, sentence) => {
    expect(await refusal(args)).toMatch(sentence);
  });

  it('refuses every tolerance at 0', async () => {
    expect(
      await refusal(['fit', data, ...model, ...rest, '--ftol', '0', '--xtol', '0', '--gtol', '0']),
    ).toMatch(/tol/);
  });
});

describe('help and version', () => {
  it.each<[string[], RegExp]>([
    [['--help'], /^Usage: nadir .*fit .*models .*bench .*doctor/s],
    [
      ['fit', '--help'],
      /^Usage: nadir fit .*Examples:\n {2}nadir fit puromycin\.csv .*Exit codes: 0 /s,
    ],
    [['help', 'bench'], /^Usage: nadir bench/],
    [['--version'], /^\d+\.\d+\.\d+\n$/],
  ])('%j', async (args, text) => {
    const outcome = await runNadir(args);
    expect(outcome.stdout).toMatch(text);
    expect(outcome.stderr).toBe('');
    expect(outcome.code).toBe(0);
  });
});

describe('models, bench and doctor', () => {
  it('models lists the library, and every formula is that of its parameters', async () => {
    const { code, stdout } = await runNadir(['models']);
    expect(code).toBe(0);
    const blocks = stdout.trimEnd().split(/\n(?=\S)/);
    expect(blocks.length).toBeGreaterThan(30);
    expect(blocks).toContain('gaussian\n  amp, cen, sigma\n  amp*exp(-(x - cen)^2/(2*sigma^2))');
    expect(stdout).toMatch(/^step\(logistic\)\n/m);
    expect(stdout).toContain('sin(2*pi*freq*x + phase)');
    expect(stdout).toMatch(/^gaussian2d\n.*\n.*, over x, y$/m);
    for (const block of blocks) {
      const [, params, formula] = block.split('\n');
      for (const name of params.trim().split(', '))
        expect(formula.split(/\W+/), block).toContain(name);
    }
  });


  it('bench times three models on both engines and compares bits', async () => {
    const outcome = await runNadir(['bench', '--seconds', '0.01']);
    expect(outcome).toMatchObject({ code: 0 });
    const lines = outcome.stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(4);
    for (const line of lines.slice(1))
      expect(line).toMatch(/[\d,]+ .*(× +yes|not available)|not available .*– +–$/);
  });

  it('doctor shows what is in use and that it works', async () => {
    const outcome = await runNadir(['doctor']);
    expect(outcome).toMatchObject({ code: 0 });
    expect(outcome.stdout).toMatch(/^nadir +\d+\.\d+\.\d+\nengine +(native|portable)\n/);
    expect(outcome.stdout).toMatch(/^self-check +good: four fits/m);
  });

  it.runIf(process.env['NADIR_ENGINE'] === 'native')('doctor names the binary', async () => {
    const { stdout } = await runNadir(['doctor']);
    expect(stdout).toMatch(/^binary +.*nadir.*\.node$/m);
    expect(stdout).toContain('the same bits on both engines');
  });
});

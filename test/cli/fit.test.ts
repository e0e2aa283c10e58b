import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dataFile, runNadir, startNadir, type Outcome } from './command.ts';

let folder: string;
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'nadir-fit-'))));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

interface Row {
  readonly group: string | null;
  readonly points: number;
  readonly status: string;
  readonly success: boolean;
  readonly params: Record<string, number>;
  readonly stdErr: Record<string, number | null>;
  readonly ssr: number;
  readonly dof: number;
  readonly r2: number;
  readonly iterations: number;
}

function rowsOf(outcome: Outcome): Row[] {
  return outcome.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Row);
}

const puromycin = ['fit', dataFile('puromycin.csv'), '-m', 'Vm*conc/(K+conc)', '-y', 'rate'];
const byState = [...puromycin, '-b', 'state'];
const starts = ['-s', 'Vm=200,K=0.1'];

describe('measured data, every group, against reference fits', () => {
  interface Reference {
    readonly data: string;
    readonly model: string;
    readonly y: string;
    readonly by: string;
    readonly paramNames: readonly string[];
    readonly fits: readonly {
      group: string;
      params: number[];
      stdErr: number[];
      ssr: number;
      dof: number;
    }[];
  }
  const references = readFileSync(new URL('../data/reference.ndjson', import.meta.url), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Reference);
  // one start per file, as one would write it after a look at a plot
  const startOf: Record<string, string> = {
    'dnase.csv': 'Asym=3,xmid=1.5,scal=1',
    'puromycin.csv': 'Vm=200,K=0.1',
    'indometh.csv': 'A1=3,lrc1=1,A2=0.5,lrc2=-1',
    'theoph.csv': 'lKe=-2.5,lKa=0.5,lCl=-3',
  };

  it.each(references)('$data', async (reference) => {
    const outcome = await runNadir([
      'fit',
      dataFile(reference.data),
      ...['--model', reference.model, '--y', reference.y, '--by', reference.by],
      ...['--start', startOf[reference.data], '--json'],
    ]);
    expect(outcome).toMatchObject({ code: 0 });
    const rows = rowsOf(outcome);
    expect(rows.map((row) => row.group).toSorted()).toEqual(
      reference.fits.map((fit) => fit.group).toSorted(),
    );
    for (const row of rows) {
      const expected = reference.fits.find((fit) => fit.group === row.group)!;
      expect(row.success).toBe(true);
      expect(row.dof).toBe(expected.dof);
      expect(relative(row.ssr, expected.ssr)).toBeLessThan(1e-6);
      reference.paramNames.forEach((name, k) => {
        expect(relative(row.params[name], expected.params[k]), `${row.group} ${name}`).toBeLessThan(
          2e-6,
        );
        expect(
          relative(row.stdErr[name]!, expected.stdErr[k]),
          `${row.group} ${name} error`,
        ).toBeLessThan(1e-4);
      });
    }
  });

  function relative(found: number, expected: number): number {
    return Math.abs(found - expected) / Math.abs(expected);
  }
});

describe('what is printed', () => {
  it('is a table with errors on standard output and one line on standard error', async () => {
    const { code, stdout, stderr } = await runNadir([...byState, ...starts]);
    expect(code).toBe(0);
    const lines = stdout.trimEnd().split('\n');
    expect(lines[0]).toMatch(/^state +Vm +K +R² +points +status$/);
    expect(lines[1]).toMatch(/^treated +212\.7 ± 6\.9 +0\.0641 ± 0\.0083 +0\.9613 +12 +\w+tol$/);
    expect(lines[2]).toMatch(/^untreated +160\.3 ± 6\.5 +0\.0477 ± 0\.0078 +0\.9\d+ +11 +\w+tol$/);
    expect(lines).toHaveLength(3);
    expect(stderr).toMatch(
      /^2 groups, 23 points: fitted in .* \((native engine, \w+|portable engine)\)\n$/,
    );
  });

  it('has no column of groups without --by', async () => {
    const { code, stdout } = await runNadir([...puromycin, ...starts]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Vm +K +R² +points +status\n\d+\.?\d* ± .* 23 +\w+\n$/);
  });

  it('is results alone with --quiet', async () => {
    const loud = await runNadir([...byState, ...starts]);
    const { code, stdout, stderr } = await runNadir([...byState, ...starts, '--quiet']);
    expect(code).toBe(0);
    expect(stdout).toBe(loud.stdout);
    expect(stderr).toBe('');
  });

  it('has colours only where they are wanted', async () => {
    const plain = await runNadir([...byState, ...starts]);
    expect(plain.stdout + plain.stderr).not.toContain('\x1b');
    const forced = await runNadir([...byState, ...starts], { env: { FORCE_COLOR: '1' } });
    expect(forced.stdout).toContain('\x1b[32m');
    const none = await runNadir([...byState, ...starts], {
      env: { FORCE_COLOR: '0', NO_COLOR: '1' },
    });
    expect(none.stdout).toBe(plain.stdout);
  });

  it('does not depend on threads, nor on the engine', async () => {
    const base = [...byState, ...starts, '--json', '--quiet'];
    const { stdout } = await runNadir(base);
    expect((await runNadir([...base, '--threads', '1'])).stdout).toBe(stdout);
    expect((await runNadir([...base, '--threads', '3'])).stdout).toBe(stdout);
    expect((await runNadir([...base, '--engine', 'portable'])).stdout).toBe(stdout);
  });
});

describe('files and standard input', () => {
  it('reads standard input', async () => {
    const named = await runNadir([...byState, ...starts, '--json', '-q']);
    const args = ['fit', '-', ...byState.slice(2), ...starts, '--json', '-q'];
    const piped = await runNadir(args, { input: readFileSync(dataFile('puromycin.csv'), 'utf8') });
    expect(piped.code).toBe(0);
    expect(piped.stdout).toBe(named.stdout);
  });

  it('gives the same numbers for semicolons, CRLF, quotes, a byte order mark and shuffled rows', async () => {
    const named = await runNadir([...byState, ...starts, '--json', '-q']);
    const [header, ...rows] = readFileSync(dataFile('puromycin.csv'), 'utf8').trim().split('\n');
    const odd = [header, ...rows].map((row) =>
      row
        .split(',')
        .map((cell) => `"${cell}"`)
        .join(';'),
    );
    const path = file('odd.csv', `\ufeff${odd.join('\r\n')}\r\n\r\n`);
    const outcome = await runNadir(['fit', path, ...byState.slice(2), ...starts, '--json', '-q']);
    expect(outcome.stdout).toBe(named.stdout);

    // one row of each group in turn: groups keep their rows in order
    const treated = rows.filter((row) => row.endsWith(',treated'));
    const untreated = rows.filter((row) => row.endsWith(',untreated'));
    const mixed = treated.flatMap((row, i) => (i < untreated.length ? [row, untreated[i]] : [row]));
    const mixedPath = file('mixed.csv', [header, ...mixed].join('\n'));
    const shuffled = await runNadir([
      'fit',
      mixedPath,
      ...byState.slice(2),
      ...starts,
      '--json',
      '-q',
    ]);
    expect(shuffled.stdout).toBe(named.stdout);
  });

  it('writes CSV, JSON and NDJSON files that agree with --json', async () => {
    const paths = ['r.csv', 'r.json', 'r.ndjson'].map((name) => join(folder, name));
    const outs = paths.flatMap((path) => ['--out', path]);
    const outcome = await runNadir([...byState, ...starts, '--json', '-q', ...outs]);
    expect(outcome.code).toBe(0);
    const rows = rowsOf(outcome);
    expect(JSON.parse(readFileSync(paths[1], 'utf8'))).toEqual(rows);
    expect(readFileSync(paths[2], 'utf8')).toBe(outcome.stdout);
    const [header, first] = readFileSync(paths[0], 'utf8')
      .split('\n')
      .map((line) => line.split(','));
    expect(header).toEqual([
      'state',
      'Vm',
      'Vm_stderr',
      'K',
      'K_stderr',
      'ssr',
      'dof',
      'r2',
      'points',
      'iterations',
      'status',
    ]);
    expect(first[0]).toBe('treated');
    expect(Number(first[1])).toBe(rows[0].params['Vm']);
    expect(Number(first[4])).toBe(rows[0].stdErr['K']);
  });

  it('takes names that are no identifiers in backquotes', async () => {
    const path = file('names.csv', 'dose mg,the rate\n1,3\n2,5\n3,7.1\n4,8.9\n');
    const outcome = await runNadir([
      'fit',
      path,
      '-m',
      '`per mg` * `dose mg` + b',
      '-y',
      'the rate',
      '-s',
      '`per mg`=1,b=0',
      '--json',
    ]);
    expect(outcome).toMatchObject({ code: 0 });
    expect(rowsOf(outcome)[0].params['per mg']).toBeCloseTo(1.98, 8);
  });
});

describe('parameters and weights', () => {
  const line = 't,y,dy,g\n0,1.1,0.1,a\n1,2.9,0.1,a\n2,5.2,0.2,a\n3,6.8,0.2,a\n4,9.1,0.1,a\n';

  it('keeps fixed parameters', async () => {
    const path = file('line.csv', line);
    const outcome = await runNadir([
      'fit',
      path,
      '-m',
      'a + b*t',
      '-y',
      'y',
      '-s',
      'b=1',
      '--fix',
      'a=1',
      '--json',
    ]);
    expect(outcome).toMatchObject({ code: 0 });
    const [row] = rowsOf(outcome);
    expect(row.params['a']).toBe(1);
    expect(row.stdErr['a']).toBe(0);
    expect(row.dof).toBe(4);
    // Σt(y − 1)/Σt²
    expect(row.params['b']).toBeCloseTo((1.9 + 2 * 4.2 + 3 * 5.8 + 4 * 8.1) / 30, 10);
    const table = await runNadir([
      'fit',
      path,
      '-m',
      'a + b*t',
      '-y',
      'y',
      '-s',
      'b=1',
      '--fix',
      'a=1',
    ]);
    expect(table.stdout).toContain('1 fixed');
  });

  it('weighs by a column or a number, absolute or relative', async () => {
    const path = file('weights.csv', line);
    const run = async (...more: string[]): Promise<Row> => {
      const base = ['fit', path, '-m', 'a + b*t', '-y', 'y', '-s', 'a=1,b=1', '--json'];
      const outcome = await runNadir([...base, ...more]);
      expect(outcome).toMatchObject({ code: 0 });
      return rowsOf(outcome)[0];
    };
    const plain = await run();
    const weighted = await run('--sigma', 'dy');
    // weighted normal equations, written out
    const w = [100, 100, 25, 25, 100];
    const t = [0, 1, 2, 3, 4];
    const y = [1.1, 2.9, 5.2, 6.8, 9.1];
    const sum = (f: (i: number) => number): number =>
      w.reduce((total, weight, i) => total + weight * f(i), 0);
    const [s, st, stt, sy, sty] = [
      sum(() => 1),
      sum((i) => t[i]),
      sum((i) => t[i] ** 2),
      sum((i) => y[i]),
      sum((i) => t[i] * y[i]),
    ];
    expect(weighted.params['b']).toBeCloseTo((s * sty - st * sy) / (s * stt - st * st), 8);
    const absolute = await run('--sigma', 'dy', '--sigma-is', 'absolute');
    expect(absolute.stdErr['b']).toBeCloseTo(Math.sqrt(s / (s * stt - st * st)), 8);
    expect(weighted.stdErr['b']! / absolute.stdErr['b']!).toBeCloseTo(
      Math.sqrt(weighted.ssr / 3),
      8,
    );
    const constant = await run('--sigma', '0.5', '--sigma-is', 'absolute');
    expect(constant.params['b']).toBeCloseTo(plain.params['b'], 10);
    expect(constant.stdErr['b']).toBeCloseTo(0.5 / Math.sqrt(10), 8);
  });

  it('takes --x where a name could be a column or a parameter', async () => {
    const path = file('clash.csv', 't,y,a\n0,1,9\n1,3,9\n2,5.1,9\n');
    const args = ['fit', path, '-m', 'a + b*t', '-y', 'y', '-s', 'a=1,b=1', '--json'];
    const clash = await runNadir(args);
    expect(clash.code).toBe(2);
    expect(clash.stderr).toContain(
      "'a' is a column of clash.csv and has a value in --start; say which names are predictors, as in --x t",
    );
    const outcome = await runNadir([...args, '--x', 't']);
    expect(outcome).toMatchObject({ code: 0 });
    expect(rowsOf(outcome)[0].params['b']).toBeCloseTo(2.05, 8);
  });
});

describe('groups that cannot be fitted', () => {
  it('give exit code 1, their status, and leave the others alone', async () => {
    const path = file(
      'failing.csv',
      'g,x,y\na,0,1\na,1,2\na,2,3.1\nb,0,1\nb,1,2\nb,2,3\nc,-1,1\nc,1,2\nc,2,3\n',
    );
    const args = ['fit', path, '-m', 'a + b*sqrt(x)', '-y', 'y', '-b', 'g', '-s', 'a=1,b=1'];
    const outcome = await runNadir([...args, '--json']);
    expect(outcome.code).toBe(1);
    expect(rowsOf(outcome).map((row) => row.success)).toEqual([true, true, false]);
    expect(rowsOf(outcome)[2].status).toBe('notFinite');
    expect(outcome.stderr).toContain("1 of 3 groups not fitted (1 notFinite, first 'c')");
  });

  it('includes those that ran out of steps', async () => {
    const outcome = await runNadir([...byState, ...starts, '--max-iter', '1']);
    expect(outcome.code).toBe(1);
    expect(outcome.stdout.match(/maxIter/g)).toHaveLength(2);
  });

  it('reports a group of one row with its status and without errors', async () => {
    const path = file('one.csv', 'g,x,y\na,1,2\na,2,4.1\na,3,6\nlonely,1,2\n');
    const outcome = await runNadir([
      'fit',
      path,
      '-m',
      'a + b*x',
      '-y',
      'y',
      '-b',
      'g',
      '-s',
      'a=1,b=1',
      '--json',
    ]);
    const lonely = rowsOf(outcome)[1];
    expect(lonely.points).toBe(1);
    expect(lonely.dof).toBe(0);
    expect(lonely.stdErr).toEqual({ a: null, b: null });
    expect(rowsOf(outcome)[0].stdErr['b']).toBeGreaterThan(0);
    expect(outcome.stderr).toMatch(/^warning: 1 fit has .* 2 varying parameters/m);
  });
});

describe('parameters that the data do not determine', () => {
  const rows = (group: string, slope: number): string =>
    [0, 1, 2, 3, 4].map((t) => `${group},${t},${slope * t + 1 + (t % 2) / 10}`).join('\n');

  it('of a single fit are named', async () => {
    const path = file('line.csv', `g,t,y\n${rows('a', 2)}\n`);
    const { code, stderr } = await runNadir(['fit', path, '-m', 'p*q*t + r', '-y', 'y', '-s', 'p=1,q=2,r=0']);
    expect(code).toBe(0);
    expect(stderr).toMatch(/warning: p and q cannot be told apart, only p·q can be had/);
  });

  it('are counted over groups, with the first of them', async () => {
    const path = file('lines.csv', `g,t,y\n${rows('a', 2)}\n${rows('b', 3)}\n`);
    const { stderr } = await runNadir(['fit', path, '-m', 'p*q*t + r', '-y', 'y', '-s', 'p=1,q=2,r=0', '-b', 'g']);
    expect(stderr).toMatch(/warning: no standard errors in 2 groups, first 'a': p and q cannot be told apart/);
    const good = await runNadir(['fit', path, '-m', 'p*t + r', '-y', 'y', '-s', 'p=1,r=0', '-b', 'g']);
    expect(good.stderr).not.toMatch(/warning/);
  });
});

describe('long jobs', () => {
  function manyGroups(groups: number): string {
    const lines = ['g,x,y'];
    for (let g = 0; g < groups; g++) {
      for (let i = 0; i < 8; i++)
        lines.push(`g${g},${i},${2 * i + 1 + ((g * 7 + i * 3) % 11) / 50}`);
    }
    return file(`many-${groups}.csv`, lines.join('\n'));
  }
  const model = ['-m', 'a + b*x', '-y', 'y', '-b', 'g', '-s', 'a=0,b=1'];

  it('prints every group into a pipe', async () => {
    const { code, stdout } = await runNadir(['fit', manyGroups(3000), ...model]);
    expect(code).toBe(0);
    expect(stdout.trimEnd().split('\n')).toHaveLength(3001);
  });

  it('ends in silence when the reader of its output goes away', async () => {
    const child = startNadir(['fit', manyGroups(30000), ...model, '--json', '-q']);
    let stderr = '';
    child.stderr!.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.stdout!.once('data', () => child.stdout!.destroy());
    const code = await new Promise((resolve) => child.on('close', resolve));
    expect(stderr).toBe('');
    expect(code).toBe(0);
  });

  it('prints what is done when interrupted, with exit code 130', async () => {
    // slow on purpose: a long model, a test that is never met, and one thread
    const lines = ['g,x,y'];
    for (let g = 0; g < 400; g++) {
      for (let i = 0; i < 500; i++) {
        lines.push(`g${g},${i / 100},${3 / (1 + i / 100) + 0.1 * ((g + i * 17) % 13)}`);
      }
    }
    const path = file('slow.csv', lines.join('\n'));
    const terms = Array.from({ length: 25 }, (_, j) => `a*exp(-k*x*${j}/25)*erf(k*x + ${j})`);
    const slow = ['-m', `${terms.join(' + ')} + c`, '-s', 'a=0.1,k=1,c=0', '-y', 'y', '-b', 'g'];
    const endless = ['--ftol', '0', '--xtol', '0', '--gtol', '1e-300', '--max-iter', '60000'];
    const calm = ['--json', '--engine', 'portable', '--threads', '1'];
    const child = startNadir(['fit', path, ...slow, ...endless, ...calm]);
    let stdout = '';
    let stderr = '';
    let isInterrupted = false;
    child.stdout!.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
      // the first line of progress of the fit itself; a second signal would end the command at once
      if (!isInterrupted && stderr.includes('fitting')) isInterrupted = child.kill('SIGINT');
    });
    const code = await new Promise((resolve) => child.on('close', resolve));
    expect(code).toBe(130);
    expect(stderr).toMatch(
      /400 groups, 200,000 points: interrupted after \d+ of 400 groups; the rest is left out/,
    );
    const done = stdout.trimEnd() === '' ? 0 : stdout.trimEnd().split('\n').length;
    expect(done).toBe(Number(/interrupted after (\d+)/.exec(stderr)![1]));
    expect(done).toBeLessThan(400);
  });
});

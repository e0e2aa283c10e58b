import { expect, it } from 'vitest';
import { FitRows } from '../../src/cli/fit-rows.ts';
import { formatTable, rowsToShow } from '../../src/cli/table.ts';
import { painter, usesColour } from '../../src/cli/terminal.ts';
import { formatRows } from '../../src/cli/write-rows.ts';
import type { BatchResult, Status } from '../../src/index.ts';

/** The part of a batch result that the command reads, written by hand. */
function batch(
  params: number[][],
  stdErr: number[][],
  status: Status[],
  names = ['a', 'k'],
): BatchResult<string> {
  return {
    nFits: params.length,
    paramNames: names,
    params: Float64Array.from(params.flat()),
    stdErr: Float64Array.from(stdErr.flat()),
    r2: Float64Array.from(params, (_row, fit) =>
      status[fit] === 'aborted' ? NaN : [0.9613, 0.9713, 0.9813][fit],
    ),
    ssr: Float64Array.from(params, (_row, fit) => fit + 0.5),
    iterations: Uint16Array.from(params, (_row, fit) => fit + 3),
    statusOf: (fit: number) => status[fit],
  } as unknown as BatchResult<string>;
}

const offsets = Uint32Array.of(0, 12, 23, 24);
const result = batch(
  [
    [212.68374298808672, 0.06412128144093682],
    [1160.28, -0.04770818469521518],
    [NaN, NaN],
  ],
  [
    [6.947155151592493, 0.008280949472757034],
    [6.48024551329157, NaN],
    [NaN, NaN],
  ],
  ['ftol', 'maxIter', 'notFinite'],
);
const plain = { width: Infinity, maxRows: Infinity, paint: painter(false) };
const rows = new FitRows(
  result,
  'state',
  ['treated', 'not, "treated"', 'odd\x1b[31m\n'],
  offsets,
  new Set(),
);

it('lines values, errors and headings up', () => {
  expect([...formatTable(rows, plain)].join('')).toBe(
    [
      'state            a              k                     R²       points   status',
      'treated           212.7 ± 6.9       0.0641 ± 0.0083   0.9613       12   ftol',
      'not, "treated"   1160.3 ± 6.5   -0.0477082 ± –        0.9713       11   maxIter',
      'odd·[31m·             –                  –            0.9813        1   notFinite',
      '',
    ].join('\n'),
  );
});

it('marks fixed parameters and leaves out groups that were not run', () => {
  const aborted = new FitRows(
    batch(
      [
        [1, 2],
        [NaN, NaN],
      ],
      [
        [0.1, 0],
        [NaN, NaN],
      ],
      ['gtol', 'aborted'],
    ),
    'g',
    ['p', 'q'],
    Uint32Array.of(0, 5, 10),
    new Set(['k']),
  );
  const text = [...formatTable(aborted, plain)].join('');
  expect(text).toContain('p   1.00 ± 0.10   2 fixed');
  expect(text).not.toContain('q');
  expect(aborted.row(0).dof).toBe(4);
});

it('shows one fit without a column of groups', () => {
  const single = new FitRows(
    batch([[1, 2]], [[0.1, 0.2]], ['gtol']),
    null,
    [],
    Uint32Array.of(0, 5),
    new Set(),
  );
  expect([...formatTable(single, plain)].join('')).toBe(
    'a             k             R²       points   status\n1.00 ± 0.10   2.00 ± 0.20   0.9613        5   gtol\n',
  );
});

it('folds a table that is wider than the terminal, each block with the groups', () => {
  const text = [...formatTable(rows, { ...plain, width: 56 })].join('');
  const lines = text.split('\n');
  expect(lines.every((line) => line.length <= 56)).toBe(true);
  expect(lines.filter((line) => line.startsWith('treated'))).toHaveLength(2);
});

it('shows the first groups of many and says how many are left', () => {
  expect(rowsToShow(200, false)).toBe(200);
  expect(rowsToShow(201, false)).toBe(20);
  expect(rowsToShow(201, true)).toBe(201);
  const text = [...formatTable(rows, { ...plain, maxRows: 1 })].join('');
  expect(text).toContain('… and 2 more of 3 groups');
  expect(text).not.toContain('maxIter');
});

it('paints statuses', () => {
  const text = [...formatTable(rows, { ...plain, paint: painter(true) })].join('');
  expect(text).toContain('\x1b[32mftol\x1b[39m');
  expect(text).toContain('\x1b[31mmaxIter\x1b[39m');
});

it('lists failures by frequency with their first group', () => {
  expect(rows.failed).toBe(2);
  expect(rows.failures()).toEqual([
    { status: 'maxIter', count: 1, first: 'not, "treated"' },
    { status: 'notFinite', count: 1, first: 'odd\x1b[31m\n' },
  ]);
});

it('writes CSV that restores every bit, with empty cells for what is unknown', () => {
  const lines = [...formatRows(rows, 'csv')].join('').split('\n');
  expect(lines[0]).toBe('state,a,a_stderr,k,k_stderr,ssr,dof,r2,points,iterations,status');
  expect(lines[1]).toBe(
    'treated,212.68374298808672,6.947155151592493,0.06412128144093682,0.008280949472757034,0.5,10,0.9613,12,3,ftol',
  );
  expect(lines[2]).toBe(
    '"not, ""treated""",1160.28,6.48024551329157,-0.04770818469521518,,1.5,9,0.9713,11,4,maxIter',
  );
  expect(lines[3]).toBe('"odd\x1b[31m');
});

it('writes JSON and newline-delimited JSON with the same records', () => {
  const lines = [...formatRows(rows, 'ndjson')].join('').trimEnd().split('\n');
  const records = lines.map((line) => JSON.parse(line) as unknown);
  expect(records).toHaveLength(3);
  expect(JSON.parse([...formatRows(rows, 'json')].join(''))).toEqual(records);
  expect(records[2]).toEqual({
    group: 'odd\x1b[31m\n',
    points: 1,
    status: 'notFinite',
    success: false,
    params: { a: null, k: null },
    stdErr: { a: null, k: null },
    ssr: 2.5,
    dof: 0,
    r2: 0.9813,
    iterations: 5,
  });
});

it.each<[Record<string, string>, boolean, boolean]>([
  [{}, true, true],
  [{}, false, false],
  [{ NO_COLOR: '1' }, true, false],
  [{ NO_COLOR: '' }, true, true],
  [{ FORCE_COLOR: '1' }, false, true],
  [{ FORCE_COLOR: '0' }, true, false],
  [{ FORCE_COLOR: '1', NO_COLOR: '1' }, false, true],
  [{ TERM: 'dumb' }, true, false],
])('colour with %j, terminal %j: %j', (env, isTTY, expected) => {
  expect(usesColour({ isTTY }, env)).toBe(expected);
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { groupRows, commonLength, sharedCurve } from '../../src/cli/group-rows.ts';
import { readTable, type Selection, type Table } from '../../src/cli/read-table.ts';

let folder: string;
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'nadir-read-'))));
afterAll(() => rmSync(folder, { recursive: true }));

interface Options {
  readonly skipBadRows?: boolean;
  readonly delimiter?: string;
  readonly positive?: number[];
  readonly label?: number | null;
  readonly numbers?: number[];
}

async function read(
  content: string | Buffer,
  options: Options = {},
): Promise<Table & { header: readonly string[] }> {
  const path = join(folder, 'data.csv');
  writeFileSync(path, content);
  let header: readonly string[] = [];
  const table = await readTable({
    path,
    delimiter: options.delimiter ?? null,
    skipBadRows: options.skipBadRows === true,
    select: (columns): Selection => {
      header = columns;
      return {
        numbers: options.numbers ?? [1, 2],
        positive: new Set(options.positive ?? []),
        label: options.label === undefined ? 0 : options.label,
      };
    },
    onProgress: () => undefined,
  });
  return { ...table, header };
}

const plain = 'g,x,y\na,1,10\na,2,20\nb,3,30\n';

describe('the same table, written in different ways', () => {
  it.each<[string, string | Buffer, Options?]>([
    ['plain', plain],
    ['no last line end', plain.trimEnd()],
    ['CRLF', plain.replaceAll('\n', '\r\n')],
    ['old Macintosh line ends', plain.replaceAll('\n', '\r')],
    ['empty lines', plain.replaceAll('\n', '\n\n') + '\n\n   \n'],
    ['byte order mark', `\ufeff${plain}`],
    ['byte order mark and quotes', `\ufeff${plain.replace('g,', '"g",')}`],
    ['UTF-16', Buffer.from(`\ufeff${plain}`, 'utf16le')],
    ['quotes', '"g","x","y"\n"a","1","10"\n"a","2","20"\n"b","3","30"\n'],
    ['semicolons', plain.replaceAll(',', ';')],
    ['tabs', plain.replaceAll(',', '\t')],
    ['a delimiter by name', plain.replaceAll(',', ':'), { delimiter: ':' }],
    ['blanks around everything', ' g , x , y \n a , 1 , 10 \n a , 2 , 20 \n b , 3 , 30 \n'],
    ['exponents', 'g,x,y\na,1e0,1E1\na,0.2e+1,2000e-2\nb,3.0,+30\n'],
    ['trailing delimiters', plain.replaceAll('\n', ',\n')],
  ])('%s', async (_name, content, options) => {
    const table = await read(content, options);
    expect(table.header.slice(0, 3)).toEqual(['g', 'x', 'y']);
    expect([...table.numbers[0]]).toEqual([1, 2, 3]);
    expect([...table.numbers[1]]).toEqual([10, 20, 30]);
    expect(table.labels).toEqual(['a', 'b']);
    expect([...table.groupOf!]).toEqual([0, 0, 1]);
    expect(table.skippedRows).toBe(0);
  });

  it.each([['\t'], [';'], ['|']])('two columns and few rows, separated by %j', async (delimiter) => {
    const text = ['x', '1', '2', '3'].map((cell) => `${cell}${delimiter}${cell}\n`).join('');
    const { header, numbers } = await read(text, { numbers: [0, 1], label: null });
    expect(header).toEqual(['x', 'x']);
    expect(numbers.map((column) => [...column])).toEqual([[1, 2, 3], [1, 2, 3]]);
  });

  it('finds the delimiter in spite of commas in quotes and in decimals', async () => {
    const read2 = (text: string): ReturnType<typeof read> => read(text, { numbers: [0], label: null, skipBadRows: true });
    expect((await read2('"t, s, or min"\ty\n1\t2\n')).header).toEqual(['t, s, or min', 'y']);
    expect((await read2('t;y\n1;2,5\n2;3,5\n')).header).toEqual(['t', 'y']);
  });

  it('cuts no character where pieces of the file meet', async () => {
    const label = 'süß·試料';
    const rows = 200_000;
    const table = await read(`g,x,y\n${`${label},1,2\n`.repeat(rows)}`);
    expect(table.rows).toBe(rows);
    expect(table.labels).toEqual([label]);
    expect(table.numbers[1].every((value) => value === 2)).toBe(true);
  });
});

describe('rows that cannot be used', () => {
  it.each<[string, string, Options, string]>([
    [
      'text',
      'g,x,y\na,1,10\na,n/a,20\nb,?,30\n',
      {},
      "line 3: column 'x' holds 'n/a', which is not a number (the first of 2 rows that cannot be used); --skip-bad-rows leaves such rows out",
    ],
    [
      'an empty cell',
      'g,x,y\na,1,\na,2,20\n',
      {},
      "line 2: column 'y' is empty; --skip-bad-rows leaves such rows out",
    ],
    [
      'a missing cell',
      'g,x,y\na,1,10\na,2\n',
      {},
      "line 3: column 'y' is empty; --skip-bad-rows leaves such rows out",
    ],
    [
      'too many cells',
      'g,x,y\na,1,10\na,2,20,5\n',
      {},
      'line 3: the row has 4 cells, the header 3; --skip-bad-rows leaves such rows out',
    ],
    [
      'a decimal comma',
      'g;x;y\na;1,5;10\na;2;20\n',
      {},
      "line 2: column 'x' holds '1,5', which is not a number (decimals are written with a point); --skip-bad-rows leaves such rows out",
    ],
    [
      'an infinity',
      'g,x,y\na,1,1e999\na,2,20\n',
      {},
      "line 2: column 'y' holds '1e999', which is not a finite number; --skip-bad-rows leaves such rows out",
    ],
    [
      'an empty group',
      'g,x,y\n,1,10\na,2,20\n',
      {},
      "line 2: column 'g' is empty; --skip-bad-rows leaves such rows out",
    ],
    [
      'a sigma of 0',
      'g,x,y\na,1,0\na,2,20\n',
      { positive: [1] },
      "line 2: column 'y' is 0, and sigma must be greater than 0; --skip-bad-rows leaves such rows out",
    ],
    [
      'a line break in a cell above',
      'g,x,y\n"a\nb",1,10\na,z,20\n',
      {},
      "line 4: column 'x' holds 'z', which is not a number; --skip-bad-rows leaves such rows out",
    ],
    [
      'nothing else',
      'g,x,y\na,z,20\n',
      { skipBadRows: true },
      "line 2: column 'x' holds 'z', which is not a number; no row is left",
    ],
  ])('%s is named with its line', async (_name, content, options, sentence) => {
    await expect(read(content, options)).rejects.toThrow(
      new RegExp(`^.*data\\.csv, ${escape(sentence)}$`),
    );
  });

  it('are left out and counted when asked for', async () => {
    const table = await read('g,x,y\na,1,10\na,,20\nb,3,30\nb,4,x\n', { skipBadRows: true });
    expect(table.skippedRows).toBe(2);
    expect([...table.numbers[1]]).toEqual([10, 30]);
  });

  it('do not count in columns that are not read', async () => {
    const table = await read('g,x,y\na,,10\na,text,20\n', { numbers: [2] });
    expect(table.rows).toBe(2);
  });
});

describe('files that cannot be read', () => {
  it.each<[string, string | Buffer, string]>([
    ['an empty file', '', 'data.csv is empty'],
    ['empty lines alone', '\n\n', 'data.csv is empty'],
    ['a header alone', 'g,x,y\n', 'data.csv holds a header and no rows'],
    ['an open quote', 'g,x,y\na,"1,10\na,2,20\n', 'is never closed'],
    ['text behind a quote', 'g,x,y\n"a"b,1,10\n', 'has text behind its closing quote'],
    [
      'no text',
      Buffer.from([0x50, 0x4b, 3, 4, 0, 0, 0, 0]),
      'is not a text file in UTF-8 or UTF-16',
    ],
  ])('%s', async (_name, content, sentence) => {
    await expect(read(content)).rejects.toThrow(sentence);
  });
});

describe('groupRows', () => {
  it('brings groups together, in order of first appearance, rows in order of the file', async () => {
    const table = await read('g,x,y\nb,1,10\na,2,20\nb,3,30\nc,4,40\na,5,50\nb,6,60\n');
    const curves = groupRows(table);
    expect(curves.labels).toEqual(['b', 'a', 'c']);
    expect([...curves.offsets]).toEqual([0, 3, 5, 6]);
    expect([...curves.columns[0]]).toEqual([1, 3, 6, 2, 5, 4]);
    expect([...curves.columns[1]]).toEqual([10, 30, 60, 20, 50, 40]);
    expect(commonLength(curves.offsets)).toBe(0);
  });

  it('makes one curve of a table without groups', async () => {
    const curves = groupRows(await read(plain, { label: null }));
    expect(curves.fits).toBe(1);
    expect([...curves.offsets]).toEqual([0, 3]);
    expect(curves.labels).toEqual([]);
  });

  it('sees where all curves share their length and their x', async () => {
    const curves = groupRows(await read('g,x,y\na,1,10\nb,1,20\na,2,30\nb,2,40\n'));
    expect(commonLength(curves.offsets)).toBe(2);
    expect([...sharedCurve(curves.columns[0], 2)!]).toEqual([1, 2]);
    expect(sharedCurve(curves.columns[1], 2)).toBeNull();
  });

  it('tells 0 from -0, which a model may divide by', () => {
    expect(sharedCurve(Float64Array.of(0, 1, -0, 1), 2)).toBeNull();
  });
});

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

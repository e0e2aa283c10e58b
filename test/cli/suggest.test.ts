import { expect, it } from 'vitest';
import { didYouMean, nameList, nearest } from '../../src/cli/suggest.ts';

it.each([
  ['rat', ['conc', 'rate', 'state'], 'rate'],
  ['RATE', ['conc', 'rate'], 'rate'],
  ['cocn', ['conc', 'cone'], 'conc'],
  ['Subjct', ['Wt', 'Subject'], 'Subject'],
  ['x', ['y', 'z'], null],
  ['temperature', ['time', 'dose'], null],
  ['rate', [], null],
])('nearest to %s among %j is %s', (name, candidates, found) => {
  expect(nearest(name, candidates)).toBe(found);
});

it('asks only where something is near', () => {
  expect(didYouMean('rat', ['rate'])).toBe(" Did you mean 'rate'?");
  expect(didYouMean('rat', ['conc'])).toBe('');
});

it('cuts long lists of names', () => {
  const names = Array.from({ length: 15 }, (_, i) => `c${i}`);
  expect(nameList(names)).toBe('c0, c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11 and 3 more');
});

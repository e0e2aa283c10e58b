import { describe, expect, it } from 'vitest';
import {
  formatCount,
  formatMeasured,
  formatNumber,
  formatSeconds,
  readNumber,
} from '../../src/cli/number-text.ts';

describe('readNumber', () => {
  it.each(['', '0x1F', '0b1', '0B1', '0o7', '1,5', '1_000', 'n/a', 'NaN', '1e', '--1', '1 2'])(
    'refuses %j',
    (text) => expect(readNumber(text)).toBeNaN(),
  );
  it.each([
    ['1e-3', 0.001],
    ['-2.5E+2', -250],
    ['.5', 0.5],
    ['0e0', 0],
    ['007', 7],
    ['1e400', Infinity],
  ])('reads %j', (text, value) => expect(readNumber(text)).toBe(value));
});

describe('formatMeasured', () => {
  it.each([
    // two digits of the error decide
    [212.68374298808672, 6.947155151592493, '212.7', '6.9'],
    [0.06412128144093682, 0.008280949472757034, '0.0641', '0.0083'],
    [2.3451792, 0.0996, '2.35', '0.10'],
    [2.3451792, 0.0994, '2.345', '0.099'],
    [-1.7877833, 0.7871253, '-1.79', '0.79'],
    [1000.4, 99.7, '1000', '100'],
    [2134.5, 687, '2130', '690'],
    [98765, 4321, '98800', '4300'],
    // no sensible error
    [1.5, 0, '1.5', '0'],
    [1.5, NaN, '1.5', ''],
    [1.5, Infinity, '1.5', 'inf'],
    [NaN, 1, 'NaN', '1'],
    [123456.789, NaN, '123457', ''],
    // far from 1
    [2.12683742e8, 6.9e5, '2.1268e8', '6.9e5'],
    [1.5e-7, 2.3e-9, '1.500e-7', '2.3e-9'],
    [0, 1e-9, '0.0e0', '1.0e-9'],
    [3, 1e-14, '3.000000000000000', '1.0e-14'],
    // an error far above the value
    [0.001, 12.34, '0', '12'],
    [3, 4.2e9, '3.0e0', '4.2e9'],
  ])('prints %d with error %d as %s ± %s', (value, error, valueText, errorText) => {
    expect(formatMeasured(value, error)).toEqual([valueText, errorText]);
  });

  it('never loses the leading digits of a value', () => {
    for (let exponent = -300; exponent <= 300; exponent += 7) {
      for (const relative of [1e-12, 1e-6, 1e-3, 0.1]) {
        const value = Number(`1.2345678e${exponent}`);
        const [text] = formatMeasured(value, value * relative);
        expect(Math.abs(Number(text) - value)).toBeLessThanOrEqual(value * relative);
      }
    }
  });
});

describe('other texts', () => {
  it.each([
    [0, '0'],
    [-1234.5678, '-1234.57'],
    [1e7, '1e7'],
    [1.25e-6, '1.25e-6'],
    [Infinity, 'inf'],
    [-Infinity, '-inf'],
  ])('formatNumber(%d) is %s', (value, text) => expect(formatNumber(value)).toBe(text));

  it.each([
    [0, '0'],
    [999, '999'],
    [1000, '1,000'],
    [1234567, '1,234,567'],
  ])('formatCount(%d) is %s', (value, text) => expect(formatCount(value)).toBe(text));

  it.each([
    [0.000834, '0.83 ms'],
    [0.25, '250 ms'],
    [2.514, '2.51 s'],
    [200, '3 min 20 s'],
    [119.7, '2 min 0 s'],
  ])('formatSeconds(%d) is %s', (value, text) => expect(formatSeconds(value)).toBe(text));
});

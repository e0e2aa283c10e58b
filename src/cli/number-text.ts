// Numbers to and from text: strict reading of cells and options, and values printed with as many
// digits as their standard error supports.

/** Digits of a value that has no standard error to go by. */
const plainDigits = 6;
/** From here, and below 10^-smallExponent, values are printed with an exponent. */
const largeExponent = 7;
const smallExponent = -5;

/**
 * The number that a trimmed text stands for, or NaN: decimal notation with an optional exponent.
 * Empty text, hexadecimal and binary notation are refused, infinities are the caller's matter.
 */
export function readNumber(text: string): number {
  if (text === '') return NaN;
  // '0x1F', '0b1', '0o7': numbers to JavaScript, typing errors in a table
  return /^0[xob]/i.test(text) ? NaN : Number(text);
}

/** floor(log10(|value|)) of a finite value that is not 0, after rounding to `digits` digits. */
function exponentOf(value: number, digits: number): number {
  const text = value.toExponential(digits - 1);
  return Number(text.slice(text.indexOf('e') + 1));
}

function exponential(value: number, decimals: number): string {
  return value.toExponential(decimals).replace('e+', 'e');
}

function needsExponent(value: number): boolean {
  if (value === 0) return false;
  const exponent = exponentOf(value, 3);
  return exponent >= largeExponent || exponent <= smallExponent;
}

/** A value by itself, with at most six significant digits and without trailing zeros. */
export function formatNumber(value: number, digits: number = plainDigits): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? 'inf' : '-inf';
  if (needsExponent(value)) {
    const [mantissa, exponent] = exponential(value, digits - 1).split('e');
    return `${Number(mantissa)}e${exponent}`;
  }
  return String(Number(value.toPrecision(digits)));
}

/** A value and its standard error as two texts: two digits of the error, and the value to match. */
export function formatMeasured(value: number, stdErr: number): [string, string] {
  if (!Number.isFinite(value) || !Number.isFinite(stdErr) || !(stdErr > 0)) {
    return [formatNumber(value), Number.isNaN(stdErr) ? '' : formatNumber(stdErr)];
  }
  const errorExponent = exponentOf(stdErr, 2);
  if (
    needsExponent(value) ||
    (value === 0 && needsExponent(stdErr)) ||
    errorExponent >= largeExponent
  ) {
    const valueExponent = value === 0 ? errorExponent : exponentOf(value, 3);
    const decimals = Math.min(Math.max(valueExponent - errorExponent + 1, 1), 15);
    return [exponential(value, decimals), exponential(stdErr, 1)];
  }
  if (errorExponent <= 1) {
    // an error far below the last digit of a double says no more than that digit
    const decimals = Math.min(1 - errorExponent, 15);
    const error = errorExponent < smallExponent ? exponential(stdErr, 1) : stdErr.toFixed(decimals);
    return [value.toFixed(decimals), error];
  }
  // 2130 ± 690: both rounded to the last digit that means something
  const unit = Number(`1e${errorExponent - 1}`);
  return [String(Math.round(value / unit) * unit), String(Math.round(stdErr / unit) * unit)];
}

/** 1234567 → "1,234,567" */
export function formatCount(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** "1 group", "2,000 groups" */
export function countOf(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** "0.8 ms", "2.51 s", "3 min 20 s" */
export function formatSeconds(seconds: number): string {
  if (seconds < 1) return `${Number((seconds * 1000).toPrecision(2))} ms`;
  if (seconds < 60) return `${Number(seconds.toPrecision(3))} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

// Where a fit with bounds begins. The engines need a start strictly inside; a start on a bound, or
// a guess beyond one, is moved by the rule below.

/** Share of the room between the bounds, or of the bound, by which a start is moved inside. */
const inward = 0.01;

/**
 * The start itself when it lies strictly inside; else the nearest bound plus (or minus) one
 * hundredth of the distance to the other bound or, where that is infinite, of the bound's
 * magnitude, or 0.01 for a bound at 0. Where that is no number strictly between the bounds: their
 * middle.
 */
export function insideBounds(start: number, lower: number, upper: number): number {
  // NaN stays what it is: such a fit ends as 'notFinite'.
  if (!(start <= lower || start >= upper)) return start;
  const isLow = start <= lower;
  const bound = isLow ? lower : upper;
  const room = inward * upper - inward * lower;
  const step = room < Infinity ? room : inward * (bound === 0 ? 1 : Math.abs(bound));
  const moved = isLow ? bound + step : bound - step;
  return moved > lower && moved < upper ? moved : lower / 2 + upper / 2;
}

/** The start of a parameter that nothing is known about but its bounds. */
export function defaultStart(lower: number, upper: number): number {
  // The scale of a dimensionless factor.
  if (lower < 1 && upper > 1) return 1;
  if (upper === Infinity) return lower + Math.max(1, Math.abs(lower));
  if (lower === -Infinity) return upper - Math.max(1, Math.abs(upper));
  return lower / 2 + upper / 2;
}

// One end of a profile-likelihood interval: how far a parameter can move before the minimum over
// the others has risen by a given amount (Bates & Watts 1988, section 6.1.1). The root of the rise
// is nearly a straight line in the distance, so it is that which regula falsi works on, with the
// Illinois modification (Dowell & Jarratt 1971).

export interface Profile {
  /** The value at the minimum. */
  readonly value: number;
  /** Above 0: where the end would be if the model were linear, as a distance. */
  readonly step: number;
  readonly lower: number;
  readonly upper: number;
  /** The rise that makes the end, above 0. */
  readonly target: number;
  /** How far the minimum has risen with the parameter held; NaN where it cannot be had. */
  readonly rise: (held: number) => number;
}

/** The distance is doubled so often, to 10¹² times the linear one, before it counts as infinite. */
const mostDoublings = 40;
/** The end is known to this share of its distance. */
const precision = 1e-9;
const mostSteps = 120;

/** @returns the bound where it comes first; ±Infinity where the rise never gets so far */
export function profileEnd(profile: Profile, side: 1 | -1): number {
  const { value, step, lower, upper, target, rise } = profile;
  const room = side > 0 ? upper - value : value - lower;
  const goal = Math.sqrt(target);
  // A bound and back is not always the bound to the last bit.
  const placeAt = (distance: number): number =>
    Math.min(upper, Math.max(lower, value + side * distance));
  /** Below 0 before the end. Where the fit fails, the end has been passed. */
  const beyond = (distance: number): number => {
    const risen = rise(placeAt(distance));
    return Number.isNaN(risen) ? Infinity : Math.sign(risen) * Math.sqrt(Math.abs(risen)) - goal;
  };
  if (!(room > 0)) return value;

  let low = 0,
    atLow = -goal,
    high = Math.min(step, room),
    atHigh = beyond(high);
  for (let k = 0; atHigh < 0; k++) {
    if (high === room) return side > 0 ? upper : lower;
    if (k === mostDoublings || !Number.isFinite(value + side * high)) return side * Infinity;
    [low, atLow] = [high, atHigh];
    high = Math.min(2 * high, room);
    atHigh = beyond(high);
  }
  let width = high - low;
  for (let k = 0, kept = 0; k < mostSteps && high - low > precision * high; k++) {
    let next = (low * atHigh - high * atLow) / (atHigh - atLow);
    // A rise that is far from a parabola would make many small steps: then the interval is halved.
    const isSlow = k % 3 === 2 && high - low > width / 2;
    if (k % 3 === 2) width = high - low;
    if (isSlow || !(next > low && next < high)) next = low + (high - low) / 2;
    const at = beyond(next);
    if (at === 0) return placeAt(next);
    if (at < 0) {
      [low, atLow] = [next, at];
      if (kept === 1) atHigh /= 2;
      kept = 1;
    } else {
      [high, atHigh] = [next, at];
      if (kept === -1) atLow /= 2;
      kept = -1;
    }
    if (Math.abs(at) <= precision * goal) return placeAt(next);
  }
  return placeAt(high);
}

// "Did you mean": a suggestion appended to a message about an unknown name.

import { nearest } from '../model/nearest.ts';

/** "; did you mean 'sigma'?" where a name is near, else "". */
export function didYouMean(name: string, candidates: Iterable<string>): string {
  const best = nearest(name, candidates);
  return best === null ? '' : `; did you mean '${best}'?`;
}

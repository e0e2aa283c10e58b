// The warnings of a batch, and the log of what went wrong in calls of the user's function.

import { statusCode } from '../portable/optim/status.ts';
import type { BatchData } from './batch-data.ts';
import type { ModelFault } from './callback.ts';
import type { BatchSettings } from './options.ts';
import { isSuccess, statusAt, type Status, type Warning } from './result.ts';
import { fitFaulted, fitsNotConverged, fitsWithFewerPoints } from './warnings.ts';

/** Keeps the first fault of a callback in a batch, and lets every one of them count as NaN. */
export class FaultLog {
  readonly #status: Uint8Array;
  #fit = 0;
  #count = 0;
  #first: { readonly fit: number; readonly message: string } | undefined;

  /** @param status the status of every fit, 'aborted' until it has come to its own */
  constructor(status: Uint8Array) {
    this.#status = status;
  }

  add(fault: ModelFault): number {
    // A callback runs its fits one after another, so the one at work is the first without a status.
    while (this.#fit < this.#status.length - 1 && this.#status[this.#fit] !== statusCode.aborted)
      this.#fit++;
    this.#first ??= { fit: this.#fit, message: fault.message };
    this.#count++;
    return NaN;
  }

  warnings(): Warning[] {
    return this.#first === undefined
      ? []
      : [fitFaulted(this.#first.fit, this.#count, this.#first.message)];
  }
}

export function batchWarnings(
  data: BatchData,
  varying: number,
  settings: BatchSettings,
  status: Uint8Array,
  faults: FaultLog,
): Warning[] {
  const warnings = faults.warnings();
  const tally = new Map<Status, number>();
  let failed = 0;
  for (const code of status) {
    if (isSuccess(code)) continue;
    failed++;
    const word = statusAt(code);
    tally.set(word, (tally.get(word) ?? 0) + 1);
  }
  if (failed > 0) warnings.push(fitsNotConverged(failed, data.fits, tally));
  // One degree of freedom is needed unless sigma is known.
  const needed = settings.sigmaIs === 'absolute' ? varying : varying + 1;
  const { offsets, points, fits } = data;
  let tooFew = points > 0 && points < needed ? fits : 0;
  if (offsets !== null)
    for (let i = 0; i < fits; i++) if (offsets[i + 1] - offsets[i] < needed) tooFew++;
  if (tooFew > 0) warnings.push(fitsWithFewerPoints(tooFew, varying));
  return warnings;
}

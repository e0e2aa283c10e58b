// What a batch found, one record per group: the form that table, CSV and JSON are made from.

import type { BatchResult, FindingCode, FitResult, Status } from '../index.ts';

/** Both ends; null where an end cannot be estimated, and in a profile where the data set none. */
export type Interval = readonly [number | null, number | null];

export interface FitRow {
  /** null where the data were not grouped. */
  readonly group: string | null;
  readonly points: number;
  readonly status: Status;
  readonly success: boolean;
  readonly params: Readonly<Record<string, number>>;
  /** 0 for fixed parameters, null where it cannot be estimated. */
  readonly stdErr: Readonly<Record<string, number | null>>;
  readonly ssr: number;
  /** Points less varying parameters, at least 0. */
  readonly dof: number;
  readonly r2: number | null;
  readonly iterations: number;
  /** Where they were asked for. */
  readonly intervals?: Readonly<Record<string, Interval>>;
  /** Where a diagnosis was asked for. */
  readonly findings?: readonly { readonly code: FindingCode; readonly message: string }[];
}

/** What is asked for beyond parameters and errors, and takes a look at every fit by itself. */
export interface Extras {
  /** Probability of the intervals, or null for none. */
  readonly level: number | null;
  readonly profile: boolean;
  readonly diagnose: boolean;
}

interface Failure {
  readonly status: Status;
  readonly count: number;
  /** Label of the first group with this status. */
  readonly first: string;
}

export class FitRows {
  readonly paramNames: readonly string[];
  readonly fixed: ReadonlySet<string>;
  /** Header of the column that names the groups, or null. */
  readonly by: string | null;
  /** Probability of the intervals that rows have, or null. */
  readonly level: number | null;
  /** Indices of the fits that were run, in order. */
  readonly fits: readonly number[];
  readonly failed: number;
  readonly #result: BatchResult<string>;
  readonly #labels: readonly string[];
  readonly #offsets: Uint32Array;
  readonly #varying: number;
  readonly #extras: Extras;

  /** @param tied parameters and quantities that follow others */
  constructor(
    result: BatchResult<string>,
    by: string | null,
    labels: readonly string[],
    offsets: Uint32Array,
    fixed: ReadonlySet<string>,
    tied: ReadonlySet<string> = new Set(),
    extras: Extras = { level: null, profile: false, diagnose: false },
  ) {
    this.#result = result;
    this.#labels = labels;
    this.#offsets = offsets;
    this.paramNames = result.paramNames;
    this.fixed = fixed;
    this.by = by;
    this.level = extras.level;
    this.#varying = result.paramNames.length - fixed.size - tied.size;
    this.#extras = extras;
    const fits: number[] = [];
    let failed = 0;
    for (let fit = 0; fit < result.nFits; fit++) {
      const status = result.statusOf(fit);
      if (status === 'aborted') continue;
      fits.push(fit);
      if (!isSuccess(status)) failed++;
    }
    this.fits = fits;
    this.failed = failed;
  }

  /** Every status that is no success, most frequent first: how often, and the first group. */
  failures(): readonly Failure[] {
    const found = new Map<Status, Failure>();
    for (const fit of this.fits) {
      const status = this.#result.statusOf(fit);
      if (isSuccess(status)) continue;
      const before = found.get(status);
      found.set(status, {
        status,
        count: (before?.count ?? 0) + 1,
        first: before?.first ?? this.#labels[fit] ?? '',
      });
    }
    return [...found.values()].sort((a, b) => b.count - a.count);
  }

  /** Fits that succeeded with points to spare, and yet have a parameter without standard error. */
  undetermined(): readonly number[] {
    const { stdErr } = this.#result;
    const n = this.paramNames.length;
    return this.fits.filter((fit) => {
      const points = this.#offsets[fit + 1] - this.#offsets[fit];
      if (points <= this.#varying || !isSuccess(this.#result.statusOf(fit))) return false;
      for (let k = 0; k < n; k++) if (Number.isNaN(stdErr![fit * n + k])) return true;
      return false;
    });
  }

  /** The name of the group; '' where the data were not grouped. */
  label(fit: number): string {
    return this.#labels[fit] ?? '';
  }

  row(fit: number): FitRow {
    const result = this.#result;
    const n = this.paramNames.length;
    const params: Record<string, number> = {};
    const stdErr: Record<string, number | null> = {};
    for (let k = 0; k < n; k++) {
      const error = result.stdErr === undefined ? NaN : result.stdErr[fit * n + k];
      params[this.paramNames[k]] = result.params[fit * n + k];
      stdErr[this.paramNames[k]] = Number.isNaN(error) ? null : error;
    }
    const points = this.#offsets[fit + 1] - this.#offsets[fit];
    const r2 = result.r2 === undefined ? NaN : result.r2[fit];
    const status = result.statusOf(fit);
    return {
      group: this.#labels[fit] ?? null,
      points,
      status,
      success: isSuccess(status),
      params,
      stdErr,
      ssr: result.ssr[fit],
      dof: Math.max(0, points - this.#varying),
      r2: Number.isFinite(r2) ? r2 : null,
      iterations: result.iterations[fit],
      ...this.#lookAt(fit),
    };
  }

  /** The whole result of one fit. */
  fit(fit: number): FitResult<string> {
    return this.#result.at(fit);
  }

  #lookAt(fit: number): Pick<FitRow, 'intervals' | 'findings'> {
    const { level, profile, diagnose } = this.#extras;
    if (level === null && !diagnose) return {};
    const one = this.fit(fit);
    const found = level === null ? {} : one.confidenceIntervals(level, profile ? 'profile' : 'linear');
    const end = (value: number): number | null => (Number.isFinite(value) ? value : null);
    const intervals = Object.fromEntries(
      Object.entries(found).map(([name, [low, high]]) => [name, [end(low), end(high)] as const]),
    );
    const findings = diagnose
      ? one.diagnose().findings.map(({ code, message }) => ({ code, message }))
      : [];
    return { ...(level === null ? {} : { intervals }), ...(diagnose ? { findings } : {}) };
  }
}

function isSuccess(status: Status): boolean {
  return status === 'ftol' || status === 'xtol' || status === 'gtol' || status === 'exact';
}

// What a ready model is: an expression in the language of text models, a way to find starts in
// data, and limits that hold whatever the data are.

/**
 * Writes a start for every parameter.
 * @param columns one array per predictor, finite
 * @param y as many values, finite
 * @param out one place per parameter, in the order of the model
 */
export type Guess = (
  columns: readonly Float64Array[], y: Float64Array, out: Float64Array,
) => void;

/** Limits by parameter, applied where the user gives none. */
export type Hints = Readonly<Record<string, { readonly min?: number; readonly max?: number }>>;

export type Role = 'baseline' | 'peak';

export interface LibraryModel<N extends string = string> {
  /** Its name in `models`. */
  readonly name: string;
  readonly names: readonly N[];
  /** Default: x alone. */
  readonly predictors?: readonly string[];
  readonly expression: string;
  readonly guess: Guess;
  /** In a sum, baselines are found below the peaks, and peaks one after the other. */
  readonly role?: Role;
  readonly hints?: Hints;
}

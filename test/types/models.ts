// Names of ready models are literal types and survive sums, products and prefixes. Compiled, not run.

import { curveFit, models, type Model } from '../../src/index.ts';

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
type NamesOf<M> = M extends Model<infer N, infer _> ? N : never;
const holds = <T extends true>(value?: T): T | undefined => value;

const doublet = models.gaussian().prefix('a_').plus(models.gaussian().prefix('b_')).plus(models.line());
holds<Same<
  NamesOf<typeof doublet>,
  'a_amp' | 'a_cen' | 'a_sigma' | 'b_amp' | 'b_cen' | 'b_sigma' | 'slope' | 'intercept'
>>();
holds<Same<NamesOf<ReturnType<typeof models.voigt>>, 'amp' | 'cen' | 'sigma' | 'gamma'>>();

const fit = curveFit({ model: doublet, x: [1, 2, 3], y: [1, 2, 3] });
holds<Same<
  keyof typeof fit.values,
  'a_amp' | 'a_cen' | 'a_sigma' | 'b_amp' | 'b_cen' | 'b_sigma' | 'slope' | 'intercept'
>>();
// @ts-expect-error -- not a parameter
void fit.values.sigma;
// @ts-expect-error -- not a form
models.step('cubic');
// @ts-expect-error -- another set of predictors
models.gaussian().plus(models.gaussian2d());
const start: Record<'slope' | 'intercept', number> = models.line().guess([1, 2], [3, 4]);
void start;

import { it } from 'vitest';
import { curveFit, curveFitBatchSync, expr } from '../../src/index.ts';
import { decays } from './data.ts';
it('x', () => {
const { x, y } = decays(40);
const model = expr('a*exp(-k*x) + c');
const run = (engine: any) => curveFitBatchSync({ model, x, y, engine, outputs: ['stdErr', 'covariance', 'r2', 'residuals'], threads: 1 }) as any;
const a = run('portable'), b = run('native');
for (const k of ['params','ssr','status','iterations','stdErr','covariance','r2','residuals']) { let d = 0, first = -1; for (let i = 0; i < a[k].length; i++) if (!Object.is(a[k][i], b[k][i])) { d++; if (first < 0) first = i; } console.log(k, d, a[k].length, first, a[k][first], b[k][first]); }
const f = curveFit({ model, x, y: y.slice(0, x.length), engine:'portable' }), g = curveFit({ model, x, y: y.slice(0, x.length), engine:'native' });
const [p, q] = [JSON.stringify(f), JSON.stringify(g)]; console.log(p.slice(0,1500)); console.log(q.slice(0, 1500));
});

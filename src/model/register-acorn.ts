// Loads the JavaScript parser at once, for entry points that browsers and bundlers use.

import { parseExpressionAt } from 'acorn';
import { registerAcorn } from './acorn.ts';

registerAcorn(parseExpressionAt);

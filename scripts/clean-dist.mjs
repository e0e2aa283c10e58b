// Before a package is packed: dist/ is made anew, so that nothing deleted from src/ is shipped.
import { rmSync } from 'node:fs';

rmSync(new URL('../dist', import.meta.url), { recursive: true, force: true });

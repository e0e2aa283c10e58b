// The lock file names versions and checksums, not the addresses that some machine downloaded from.
import { readFileSync } from 'node:fs';

const lock = JSON.parse(readFileSync(process.argv[2] ?? new URL('../package-lock.json', import.meta.url), 'utf8'));
const entries = Object.entries(lock.packages ?? {}).filter(([path]) => path !== '');
const faults = entries.flatMap(([path, { resolved, integrity, link }]) => [
  ...(/^(https?|git)/.test(resolved ?? '') ? [`${path}: resolved is ${resolved}`] : []),
  ...(integrity === undefined && !link ? [`${path}: no checksum`] : []),
]);
if (entries.length === 0) faults.push('no packages in package-lock.json');
for (const fault of faults) console.error(fault);
if (faults.length === 0) console.log(`lock file: ${entries.length} packages, no address`);
process.exitCode = faults.length === 0 ? 0 : 1;

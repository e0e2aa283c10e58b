// npm run demo: makes the checkout ready, then fits real data with the command of the package.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { setup } from './setup.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const runs = [
  {
    title: 'Enzyme kinetics: Michaelis-Menten, one fit per state of the cells',
    args: ['examples/data/puromycin.csv', '--model', 'Vm*conc/(K+conc)', '--y', 'rate', '--by', 'state', '--start', 'Vm=200,K=0.1'],
  },
  {
    title: 'Pharmacokinetics: one-compartment model of dose and time, one fit per subject',
    args: ['examples/data/theoph.csv', '--model', 'Dose*exp(lKe+lKa-lCl)*(exp(-exp(lKe)*Time)-exp(-exp(lKa)*Time))/(exp(lKa)-exp(lKe))', '--y', 'conc', '--by', 'Subject', '--start', 'lKe=-2.5,lKa=0.5,lCl=-3'],
  },
];

try {
  setup();
} catch (error) {
  console.error(`The checkout could not be made ready: ${error.message}`);
  process.exit(1);
}
const quoted = (word) => (/^[\w./,=-]+$/.test(word) ? word : `'${word}'`);
for (const { title, args } of runs) {
  console.log(`\n${title}\n$ nadir fit ${args.map(quoted).join(' ')}\n`);
  const { status } = spawnSync(process.execPath, ['dist/cli/nadir.js', 'fit', ...args], { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

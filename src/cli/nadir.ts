#!/usr/bin/env node
// The command `nadir`: options and help texts, exit codes. Each command loads what it needs.

import { Command, CommanderError, Option } from 'commander';
import { readFileSync } from 'node:fs';
import { exitCode, UsageError } from './failure.ts';
import {
  collect,
  delimiterOf,
  levelOf,
  losses,
  lossScaleOf,
  methods,
  seconds,
  seedOf,
  startCount,
  tolerance,
  wholeNumber,
  type FitOptions,
} from './fit-request.ts';
import { say, watchOutput } from './terminal.ts';

const fitHelp = `
Names in a formula that are columns of the data are predictors; all others are parameters. Without
--start, starts are found in the data of each group. Names that are no identifiers stand in
backquotes: \`dose mg\`. Models of the library have names (nadir models lists them) and can be added;
their predictor is --x, or the column of that name, or the only one that is left.

Examples:
  nadir fit puromycin.csv --model 'Vm*conc/(K+conc)' --y rate --by state --start Vm=200,K=0.1
  nadir fit decay.csv --model 'a*exp(-k*t)+c' --y counts --start a=100,k=1 --fix c=0 --out fit.csv
  nadir fit puromycin.csv --model michaelisMenten --y rate --by state --intervals 0.95 --diagnose
  nadir fit peaks.csv --model 'gaussian + gaussian + line' --y counts --tie b_sigma=a_sigma
  nadir fit drift.csv --model 'a*exp(-k*t)+c' --y y --bounds 'k=0..10,c=0..' --loss huber --loss-scale mad
  nadir fit - --model 'a+b*x' --y y --sigma dy --sigma-is absolute --start a=0,b=1 --json < line.csv

Results go to standard output, everything else to standard error.
Exit codes: 0 every group was fitted, 1 some were not, 2 the command or the data need mending,
130 interrupted (what was fitted until then is printed).`;

function buildProgram(finish: (code: number) => void): Command {
  const program = new Command('nadir')
    .description('Curve fitting on the command line.')
    .version(packageVersion())
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'nadir: ')) })
    .showHelpAfterError('(--help shows the options)')
    .enablePositionalOptions();

  program
    .command('fit')
    .description('fit a model to every group of a table')
    .argument('<data>', "CSV file with a header line; '-' for standard input")
    .requiredOption(
      '-m, --model <text>',
      "the model: a formula, as in 'Vm*conc/(K+conc)', or names of the library",
    )
    .requiredOption('-y, --y <column>', 'column to be fitted')
    .option('-b, --by <column>', 'column that names the groups; one fit for each')
    .option(
      '-s, --start <values>',
      'starts of the parameters, as in Vm=200,K=0.1; repeatable',
      collect,
    )
    .option('--fix <values>', 'parameters that stay as given, as in c=0; repeatable', collect)
    .option(
      '--bounds <ranges>',
      'limits of parameters, as in k=0..10,c=0..; repeatable',
      collect,
    )
    .option(
      '--tie <formula>',
      'a parameter, or a new quantity, that follows others, as in b=a/2; repeatable',
      collect,
    )
    .option('--guess', 'find starts in the data that are not given (default without --start)')
    .option('--starts <n|auto>', 'fit each group from this many starts, keep the best', startCount)
    .option('--seed <n>', 'of the random starts (default: 0)', seedOf)
    .option(
      '-x, --x <columns>',
      'the predictors, where names of columns and parameters would clash',
    )
    .option('--sigma <column|number>', 'standard deviation of y')
    .addOption(
      new Option(
        '--sigma-is <meaning>',
        'absolute: known standard deviations; relative: weights',
      ).choices(['absolute', 'relative']),
    )
    .addOption(
      new Option('--estimator <name>', 'poisson: for counts').choices(['least-squares', 'poisson']),
    )
    .addOption(new Option('--loss <name>', 'what outliers count').choices(losses))
    .option('--loss-scale <n|mad>', 'residuals beyond this are outliers', lossScaleOf)
    .addOption(new Option('--method <name>', 'how steps are made').choices(methods))
    .option('--intervals <level>', 'confidence intervals, as in 0.95', levelOf)
    .option('--profile', 'intervals by profile likelihood, not value ± q·standard error')
    .addOption(
      new Option('--report <format>', 'print a report per group instead of the table').choices([
        'text',
        'markdown',
      ]),
    )
    .option('--diagnose', 'print what is wrong with each fit, or could be')
    .option(
      '-o, --out <file>',
      'also write the results to a .csv, .json or .ndjson file; repeatable',
      collect,
    )
    .option('--json', 'print one JSON object per group instead of the table')
    .option('--all', 'print every group on a terminal, however many there are')
    .option('--skip-bad-rows', 'leave out rows with empty cells or text for numbers')
    .option(
      '--delimiter <character>',
      'what separates columns (default: found by looking)',
      delimiterOf,
    )
    .addOption(
      new Option('--engine <name>', 'what computes')
        .choices(['auto', 'native', 'portable'])
        .default('auto'),
    )
    .option('--threads <n>', 'threads (default: one per core)', wholeNumber)
    .option('--max-iter <n>', 'steps per fit', wholeNumber)
    .option(
      '--ftol <number>',
      'stop when the sum of squares changes by less than this part',
      tolerance,
    )
    .option('--xtol <number>', 'stop when the parameters change by less than this part', tolerance)
    .option(
      '--gtol <number>',
      'stop when residuals and derivatives are this near to orthogonal',
      tolerance,
    )
    .option('-q, --quiet', 'results and errors only')
    .option('--no-progress', 'no progress on standard error')
    .addHelpText('after', fitHelp)
    .action(async (path: string, options: FitOptions) => {
      const { fit } = await import('./fit.ts');
      finish(await fit(path, options));
    });

  program
    .command('models')
    .description('list the models of the library')
    .action(async () => {
      const { listModels } = await import('./list-models.ts');
      finish(await listModels());
    });

  program
    .command('bench')
    .description('time the native against the portable engine on this machine')
    .option('--seconds <n>', 'about how long to measure', seconds, 12)
    .option('--threads <n>', 'threads (default: one per core)', wholeNumber)
    .action(async (options: { seconds: number; threads?: number }) => {
      const { bench } = await import('./bench.ts');
      finish(await bench(options));
    });

  program
    .command('doctor')
    .description('show engine, instruction set and threads, and check that both engines agree')
    .action(async () => {
      const { doctor } = await import('./doctor.ts');
      finish(await doctor());
    });
  return program;
}

function packageVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

async function main(args: readonly string[]): Promise<number> {
  let code: number = exitCode.fitted;
  const program = buildProgram((result) => (code = result));
  if (args.length === 0) {
    program.outputHelp({ error: true });
    return exitCode.usage;
  }
  try {
    await program.parseAsync(args, { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError)
      return error.exitCode === 0 ? exitCode.fitted : exitCode.usage;
    const { NadirError } = await import('../index.ts');
    if (error instanceof UsageError || error instanceof NadirError) {
      say(`nadir: ${error.message}`);
      return exitCode.usage;
    }
    say(`nadir: a fault of nadir itself: ${(error as Error).stack ?? String(error)}`);
    return exitCode.fault;
  }
}

watchOutput();
process.exitCode = await main(process.argv.slice(2));

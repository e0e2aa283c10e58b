// `nadir models`: the library, with parameters and formulas.

import { models, type AnyModel } from '../index.ts';
import { exitCode } from './failure.ts';
import { writeOutput } from './terminal.ts';

/** Models that are made with an argument, as --model takes it. */
const forms: Readonly<Record<string, readonly string[]>> = {
  polynomial: ['polynomial(2)'],
  step: ['step(linear)', 'step(arctan)', 'step(erf)', 'step(logistic)'],
  rectangle: ['rectangle(linear)', 'rectangle(arctan)', 'rectangle(erf)', 'rectangle(logistic)'],
};

/** Constants that formulas hold as numbers. */
const constants: Readonly<Record<string, string>> = {
  [String(2 * Math.PI)]: '2*pi',
  [String(Math.PI)]: 'pi',
  [String(Math.SQRT2)]: 'sqrt(2)',
};

export async function listModels(): Promise<number> {
  await writeOutput(lines());
  return exitCode.fitted;
}

function* lines(): Generator<string> {
  for (const [name, make] of Object.entries(models) as [string, Make][]) {
    for (const text of forms[name] ?? [name]) {
      const argument = /\((.*)\)/.exec(text)?.[1];
      const model = make(name === 'polynomial' ? Number(argument) : argument);
      const of = model.predictors.join(', ');
      yield `${text}\n  ${model.paramNames.join(', ')}\n  ${formula(model)}${of === 'x' ? '' : `, over ${of}`}\n`;
    }
  }
}

type Make = (argument?: unknown) => AnyModel<string>;

function formula(model: AnyModel<string>): string {
  let text = model.explain().expression!;
  for (const [number, name] of Object.entries(constants)) text = text.replaceAll(number, name);
  return text;
}

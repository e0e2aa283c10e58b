// A batch from the plain data that its `toJSON()` gave. The data are not part of it, so single fits
// cannot be had from a batch that was read.

import {
  batchFormat,
  batchVersion,
  optionalArrays,
  type OptionalArray,
} from './batch-json.ts';
import type { OutputArrays } from './batch-outputs.ts';
import { CurveFitBatchResult, type BatchRecord } from './batch-result.ts';
import { inputError } from './errors.ts';
import {
  readDouble,
  readDoubles,
  readJson,
  readStatus,
  readText,
  wrongMember,
  type Json,
} from './json-reader.ts';
import type { BatchResult, FitResult, Warning } from './result.ts';

/**
 * The result of a batch from what its `toJSON()` gave, or from the text of that.
 *
 * @param json plain data or text
 * @throws InputError ERR_TYPE where it is not of that form
 * @remarks The data of a batch are not part of its JSON: `at(i)` of a result that was read throws
 *   InputError ERR_DATA_CHANGED.
 * @example
 * const batch = curveFitBatchSync({
 *   x: Float64Array.of(0, 1, 2, 3), y: Float64Array.of(5.1, 2.9, 1.9, 1.0),
 *   model: (x, p) => p.a * Math.exp(-p.k * x), params: { a: 5, k: 0.5 },
 * });
 * const same = batchResultFromJSON(JSON.stringify(batch));
 * same.column('k'); // as batch.column('k')
 */
export function batchResultFromJSON(json: unknown): BatchResult<string> {
  const batch = readJson(json, batchFormat, batchVersion, 'a batch');
  const { paramNames, status } = batch;
  if (!Array.isArray(paramNames)) throw wrongMember('json.paramNames', 'an array', paramNames);
  if (!Array.isArray(status)) throw wrongMember('json.status', 'an array', status);
  const names = paramNames.map((name, k) => readText(name, `json.paramNames[${k}]`));
  const fits = status.length;
  const elapsedSeconds = readDouble(batch['elapsedSeconds'], 'json.elapsedSeconds');
  const { warnings } = batch;
  if (!Array.isArray(warnings)) throw wrongMember('json.warnings', 'an array', warnings);
  const record: BatchRecord = {
    arrays: readArrays(batch, status, names.length),
    paramNames: names,
    done: Math.round(readDouble(batch['fitsPerSecond'], 'json.fitsPerSecond', 0) * elapsedSeconds),
    elapsedSeconds,
    engine: batch['engine'] === 'native' ? 'native' : 'portable',
    aborted: batch['aborted'] === true,
    warnings: warnings as readonly Warning[],
    single: (fit): FitResult<string> => {
      throw inputError(
        'ERR_DATA_CHANGED',
        'at',
        `the data of fit ${fit} are not part of the JSON of its batch of ${fits}`,
      );
    },
  };
  return new CurveFitBatchResult(record);
}

function readArrays(batch: Json, status: readonly unknown[], params: number): OutputArrays {
  const fits = status.length;
  const read = (name: string, length: number): Float64Array =>
    readDoubles(batch[name], `json.${name}`, length);
  const lengths = { stdErr: fits * params, covariance: -1, r2: fits, residuals: -1 };
  const extra: Partial<Record<OptionalArray, Float64Array>> = {};
  for (const name of optionalArrays)
    if (batch[name] !== undefined) extra[name] = read(name, lengths[name]);
  return {
    params: read('params', fits * params),
    ssr: read('ssr', fits),
    status: Uint8Array.from(status, (word, i) => readStatus(word, `json.status[${i}]`)),
    iterations: Uint16Array.from(read('iterations', fits)),
    ...extra,
  };
}

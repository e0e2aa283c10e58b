// The public API.

export { compareEngines } from './api/compare-engines.ts';
export type { CompareOptions, EngineComparison } from './api/compare-engines.ts';
export { curveFit, curveFitAsync } from './api/curve-fit.ts';
export { curveFitBatch, curveFitBatchSync } from './api/curve-fit-batch.ts';
export { engineInfo, setThreads } from './api/engines.ts';
export type { EngineInfo } from './api/engines.ts';
export { CallbackError, EngineError, InputError, NadirError, NotConvergedError } from './api/errors.ts';
export { expr, model, modelOf } from './api/model.ts';
export type {
  BatchResult,
  FitResult,
  FitStats,
  FittedParam,
  Matrix,
  Status,
  Warning,
  WarningCode,
} from './api/result.ts';
export type {
  AnyModel,
  BatchArrays,
  BatchOptions,
  BatchOutput,
  CurveFitOptions,
  EngineName,
  EngineOptions,
  Floats,
  Model,
  ModelExplanation,
  ModelFn,
  ModelOptions,
  ParamSpec,
  ParamSpecs,
  Point,
  Predictors,
  Progress,
  RunControl,
  Tolerances,
  Values,
  VecLike,
} from './api/types.ts';

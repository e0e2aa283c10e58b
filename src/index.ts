// The public API.

export { compareEngines } from './api/compare-engines.ts';
export type { CompareOptions, EngineComparison } from './api/compare-engines.ts';
export { batchResultFromJSON } from './api/batch-from-json.ts';
export { compareModels } from './api/compare-models.ts';
export type { ComparedModel, ModelComparison, NestedTest } from './api/compare-models.ts';
export { fitResultFromJSON } from './api/fit-from-json.ts';
export type {
  Combination,
  Diagnosis,
  Finding,
  FindingCode,
  NormalityTest,
  RunsTest,
} from './api/diagnosis.ts';
export { curveFit, curveFitAsync } from './api/curve-fit.ts';
export { curveFitBatch, curveFitBatchSync } from './api/curve-fit-batch.ts';
export { curveFitStream } from './api/curve-fit-stream.ts';
export type { StreamOptions } from './api/curve-fit-stream.ts';
export { leastSquares, leastSquaresAsync } from './api/least-squares.ts';
export type { Bounds, LsqOptions } from './api/lsq-options.ts';
export type { LsqResult } from './api/lsq-result.ts';
export type { Checkpoint } from './api/checkpoint.ts';
export type { Trace, TraceOption } from './api/trace.ts';
export { engineInfo, setThreads } from './api/engines.ts';
export type { EngineInfo } from './api/engines.ts';
export { CallbackError, EngineError, InputError, NadirError, NotConvergedError } from './api/errors.ts';
export { globalFit, globalFitAsync } from './api/global-fit.ts';
export type { DataSet, GlobalFitOptions, GlobalFitResult } from './api/global-types.ts';
export { expr, model, modelFromJSON, modelOf } from './api/model.ts';
export { models } from './api/models.ts';
export type { Models, PlanePoint } from './api/models.ts';
export type { StepForm } from './model/library/index.ts';
export type {
  Band,
  BatchResult,
  BootstrapOptions,
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
  Derivative,
  EngineName,
  EngineOptions,
  FitControl,
  Floats,
  IterState,
  Loss,
  LsqControl,
  LsqMethod,
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
export type { StartsSummary } from './api/starts.ts';

/** The public API. */

export type { Column, ColumnType } from './core/columns.ts';
export type { DropJson, DropReason } from './core/drops.ts';
export { type ErrorCode, type ErrorJson, TilewrightError } from './core/errors.ts';
export { openSource } from './formats/open.ts';
export type { LayerInfo, Slice, VectorSource } from './formats/source.ts';
export type { RunAnalysis } from './insight/analysis.ts';
export { estimateText } from './insight/estimate/answer/answer-text.ts';
export { type EstimateOptions, type EstimateStep, estimate } from './insight/estimate/estimate.ts';
export type {
  Estimate,
  EstimateRow,
  Limit,
  Range,
  SampleReport,
  TimeParts,
  WorkerEstimate,
} from './insight/estimate/estimate-types.ts';
export { reportHtml } from './insight/report/html.ts';
export { type ReportJson, reportJson } from './insight/report/json.ts';
export { reportText, type TextOptions } from './insight/report/report-text.ts';
export { runReport } from './insight/run-report.ts';
export type { Executor } from './parallel/executor.ts';
export type { Task } from './parallel/task.ts';
export type { TaskUsage } from './parallel/usage/usage.ts';
export type { PlotOptions } from './plot/plot-options.ts';
export type { PlotColor } from './plot/plot-schema.ts';
export { type Plot, plotTiles } from './plot/plot-tiles.ts';
export { type CheckOptions, check } from './staging/check/check.ts';
export type {
  CheckedColumn,
  CheckedInput,
  CheckedOverlaps,
  CheckResult,
  CrsOrigin,
  InputDescription,
} from './staging/check/check-result.ts';
export { Config, type ConfigLookup, configJsonSchema } from './staging/configuration/config.ts';
export type {
  ConfigInput,
  ConfigInputSnakeCase,
  ParallelInput,
  ParallelInputSnakeCase,
  PropertiesInput,
  PropertiesInputSnakeCase,
} from './staging/configuration/config-input.ts';
export type { ConfigValues } from './staging/configuration/config-schema.ts';
export type {
  ClipPredicate,
  Deduplication,
  KeepRule,
} from './staging/configuration/deduplication.ts';
export {
  type DuplicatesSummary,
  type FolderDuplicates,
  type JudgedFeature,
  type OverlapPair,
  type PairedFeature,
  readDuplicates,
} from './staging/duplicates/duplicates.ts';
export {
  type WriteDuplicatesOptions,
  writeDuplicatesCsv,
  writeDuplicatesGeoJson,
} from './staging/duplicates/write-duplicates.ts';
export type { UnreadKind } from './staging/inputs/unread.ts';
export type {
  DeduplicationResult,
  InputResult,
  ResumedRun,
  RunResult,
} from './staging/phases/run-result.ts';
export type { RunEvent } from './staging/telling/events.ts';
export type { Phase } from './staging/telling/phases.ts';
export { TilePathManager } from './staging/tile-path-manager.ts';
export {
  type DryRun,
  initializeStager,
  type Job,
  type StageAllResult,
  type StageOptions,
  TileStager,
} from './staging/tile-stager.ts';
export { parseTileMatrixSet } from './tms/parse.ts';
export { getTileMatrixSet, tileMatrixSetNames } from './tms/registry.ts';
export { type Bounds, type Tile, TileMatrix } from './tms/tile-matrix.ts';
export { TileMatrixSet } from './tms/tile-matrix-set.ts';
export { serve } from './viewer/serve.ts';
export type { ServeOptions } from './viewer/serve-options.ts';
export type { FolderViewer, Viewer } from './viewer/serve-schema.ts';

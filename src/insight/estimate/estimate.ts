/** Estimates what a job will take, from a sample of it that is staged and thrown away. */

import { resolve } from 'node:path';
import { TilewrightError } from '../../core/errors.ts';
import { residentMemory } from '../../machine/resident-memory.ts';
import type { ConfigInputSnakeCase } from '../../staging/configuration/config-input.ts';
import { roomIn } from '../../staging/folder/room.ts';
import { findInputs } from '../../staging/inputs/inputs.ts';
import { requireKnownColumns } from '../../staging/planning/known-columns.ts';
import { type PlannedInput, planRun } from '../../staging/planning/plan.ts';
import { planOptionsOf } from '../../staging/planning/plan-options.ts';
import { slicesToStage } from '../../staging/slices/stage-inputs.ts';
import { type Job, settingsOf, TileStager } from '../../staging/tile-stager.ts';
import { buildRows } from './answer/estimate-rows.ts';
import { assumptionsOf, warningsOf } from './answer/notes.ts';
import type { Estimate } from './estimate-types.ts';
import { ENGINES } from './model/engines.ts';
import { measureMachine } from './model/machine-facts.ts';
import { factsOf, type StagedSums } from './sample/job-size.ts';
import { probeInputs } from './sample/probe.ts';
import { evaluate, formatOf, takeSample } from './sample/sample.ts';
import { makeScratch, removeScratch } from './sample/scratch.ts';

/** What is to be estimated. */
export interface EstimateOptions {
  /** Files, folders and globs; default: the configuration's dirInput. */
  inputs?: readonly string[];
  /** Numbers of workers besides one; default: 1, 2, 4 … up to the cores, and twice as many. */
  workers?: readonly number[];
  /** Numbers of files of their kind; default: 100 and 1,000. */
  files?: readonly number[];
  /** Seconds from the start of the process to that of the run; default 0: it runs already. */
  processStart?: number;
  /** The sample depends on it; default 1. */
  seed?: number;
  /** Called as each step begins. */
  onProgress?: (step: EstimateStep) => void;
  /** Stops the estimate, which rejects with `interrupted`, and removes what it has written. */
  signal?: AbortSignal;
}

/** Steps of an estimate. */
export type EstimateStep = 'plan' | 'machine' | 'sample' | 'model';

/**
 * Stages slices of the inputs into a scratch folder, which is removed again, and reckons from what
 * that took. Writes nothing else. Takes some seconds.
 * @param job - a stager, a configuration or values for one: all that the cost depends on
 * @throws TilewrightError `usage` without inputs, `input-empty` if there is nothing to stage in them,
 *   the first input's error if none can be read, `output-unwritable`, `interrupted`
 */
export function estimate(job: ConfigInputSnakeCase, options?: EstimateOptions): Promise<Estimate>;
export function estimate(job: Job, options?: EstimateOptions): Promise<Estimate>;
export async function estimate(
  job: Job | ConfigInputSnakeCase,
  options: EstimateOptions = {},
): Promise<Estimate> {
  const stager = TileStager.of(job);
  const { config } = stager;
  const { values } = config;
  const { signal, onProgress, seed = 1 } = options;
  const settings = settingsOf(config, stager.tiles.tms);
  // The sample's copies of a slice overlap each other: judging them tells nothing of the inputs.
  const { deduplication, ...unjudged } = settings;
  const memoryBefore = residentMemory();
  onProgress?.('plan');
  const given = options.inputs ?? (values.dirInput === null ? [] : [values.dirInput]);
  if (given.length === 0) {
    throw new TilewrightError('usage', 'There is nothing to estimate: give inputs or set dirInput');
  }
  const planOptions = { ...planOptionsOf(config, stager.tiles.tms), force: true };
  const found = findInputs(given, {
    extensions: config.extensions,
    baseFolder: values.dirInput,
  });
  const planStart = performance.now();
  const plan = await planRun(found.inputs, [], [], planOptions);
  requireKnownColumns(planOptions.selection, plan);
  const planSeconds = (performance.now() - planStart) / 1000;
  const failed: Estimate['failed'] = [
    ...found.missing.map(({ argument, error }) => ({ input: argument, error: error.toJSON() })),
    ...plan.failed.map(({ name, error }) => ({ input: name, error: error.toJSON() })),
  ];
  const { planned } = plan;
  requireFeatures(planned, failed);
  checkStopped(signal);

  const scratch = makeScratch(values.dirStaged, config.isGiven('dirStaged'));
  try {
    const started = performance.now();
    onProgress?.('machine');
    const machine = measureMachine(scratch.path);
    await breathe(signal);
    onProgress?.('sample');
    const probes = await probeInputs(planned, {
      tms: stager.tiles.tms,
      z: settings.z,
      simplifyTolerance: settings.simplifyTolerance,
      selection: planOptions.selection,
      seed,
    });
    await breathe(signal);
    const ownMemory = Math.max(0, residentMemory() - memoryBefore);
    const { passes, strata } = await takeSample(planned, {
      ...planOptions,
      ...{ folder: scratch.path, settings: unjudged, seed, cores: machine.cores, signal },
    });
    const sample = evaluate(passes, { looksCached: probes.cached, ownMemory });
    const { slices } = passes;
    const seconds = (performance.now() - started) / 1000;
    onProgress?.('model');
    for (const [index, error] of sample.failed) {
      failed.push({ input: planned[index]!.name, error });
    }
    const readable = planned.map((_, index) => index).filter((i) => !sample.failed.has(i));
    requireFeatures(
      readable.map((i) => planned[i]!),
      failed,
    );
    const isPart = settings.selection !== undefined;
    const sizes = planned.map((input, index) => ({
      format: formatOf(input),
      bytes: input.bytes,
      features: isPart ? selectedFeatures(input, index, sample.staged) : input.featureCount,
      slices: input.slices.length,
    }));
    const engine = ENGINES[values.executor];
    const rows = buildRows({
      ...{ facts: factsOf(sizes, sample.staged), indexes: readable, probes: probes.seen },
      ...{ sample, machine, engine, planned },
      slices: slicesToStage(plan, settings),
      ...{ sliceBytes: values.sliceBytes, memory: planOptions.memory },
      pack: values.pack,
      planPerFile: planSeconds / Math.max(1, found.inputs.length),
      processStart: options.processStart ?? 0,
      workers: options.workers,
      files: options.files ?? [100, 1_000],
    });
    const { pages, info, disk, fileSystem } = machine;
    return {
      executor: values.executor,
      rows,
      machine: info,
      disk: {
        ...disk,
        fileSystem: { ...fileSystem, path: resolve(values.dirStaged) },
        inputsCached: sample.cached,
      },
      memoryForFiles: {
        hot: pages?.hot ?? 0,
        fresh: pages?.fresh ?? 0,
        hotBytes: pages === null || pages.hotBytes === Infinity ? null : pages.hotBytes,
      },
      sample: {
        filesProbed: probes.seen.size,
        filesStaged: new Set(slices.map(({ index }) => index)).size,
        slices: slices.length,
        features: passes.alone[0]!.stage.reduce((sum, { features }) => sum + features, 0),
        featuresStaged: sample.featuresStaged,
        bytes: slices.reduce((sum, slice) => sum + slice.bytes, 0),
        seconds,
        strata: strata.map(({ format, members, bytes }, stratum) => ({
          ...{ format, bytes, files: members.length },
          sampledFiles: new Set(
            slices.filter((s) => s.stratum === stratum).map(({ index }) => index),
          ).size,
        })),
        busy: sample.busy,
      },
      assumptions: assumptionsOf(values.executor, sample.cached, machine, deduplication),
      warnings: warningsOf(rows, machine, sample, engine, roomIn(scratch.path).files),
      failed,
      unread: found.unread,
    };
  } catch (error) {
    checkStopped(signal);
    throw error;
  } finally {
    removeScratch(scratch);
  }
}

function requireFeatures(planned: readonly PlannedInput[], failed: Estimate['failed']): void {
  if (planned.length === 0 && failed.length > 0) throw TilewrightError.fromJSON(failed[0]!.error);
  if (planned.some((input) => input.featureCount > 0)) return;
  throw new TilewrightError('input-empty', 'There are no features in the inputs: nothing to stage');
}

/** How many features are selected, as of what was staged of the input or, without that, of all. */
function selectedFeatures(
  { bytes }: PlannedInput,
  index: number,
  staged: ReadonlyMap<number, StagedSums>,
): number {
  const own = staged.get(index);
  const some = own === undefined ? [...staged.values()] : [own];
  const sum = (key: 'features' | 'bytes'): number => some.reduce((n, each) => n + each[key], 0);
  return Math.round((bytes * sum('features')) / Math.max(1, sum('bytes')));
}

/** Lets signals in between steps that keep the thread busy. */
async function breathe(signal: AbortSignal | undefined): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  checkStopped(signal);
}

function checkStopped(signal: AbortSignal | undefined): void {
  if (signal?.aborted) {
    throw new TilewrightError(
      'interrupted',
      'The estimate was stopped. It has left nothing behind',
    );
  }
}

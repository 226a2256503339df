/** Checks inputs: reads all of them as staging does, and writes nothing. */

import { TilewrightError } from '../../core/errors.ts';
import { resolveCrs } from '../../crs/resolve.ts';
import type { Executor } from '../../parallel/executor.ts';
import { runAll } from '../../parallel/run-all.ts';
import type { Task } from '../../parallel/task.ts';
import type { ConfigInput, ConfigInputSnakeCase } from '../configuration/config-input.ts';
import { withExecutor } from '../executors/executors.ts';
import type { FolderSettings } from '../folder/journal/journal.ts';
import { findInputs } from '../inputs/inputs.ts';
import { noteHints } from '../pipeline/result.ts';
import { type Plan, type PlannedInput, planRun } from '../planning/plan.ts';
import { planOptionsOf } from '../planning/plan-options.ts';
import { tilesPerFeatureNote } from '../planning/tiles-per-feature.ts';
import type { SliceStatistics } from '../rows/slice-statistics.ts';
import type { SliceToStage } from '../slices/group-slices.ts';
import { stageArgs } from '../slices/group-slices.ts';
import { sizeOf, slicesToStage } from '../slices/stage-inputs.ts';
import { isFatal } from '../tasks/fatal-errors.ts';
import { withFormats } from '../tasks/format-modules.ts';
import { RunTeller } from '../telling/run-teller.ts';
import { type Job, type StageOptions, settingsOf, TileStager } from '../tile-stager.ts';
import type { CheckResult } from './check-result.ts';
import { type Checked, summariseCheck } from './check-summary.ts';
import { countOverlaps } from './count-overlaps.ts';

/** What goes along with a check. */
export interface CheckOptions
  extends Pick<StageOptions, 'onProgress' | 'signal' | 'drainSignal' | 'executor'> {
  /** Files, folders and globs; default: the configuration's dirInput. */
  inputs?: readonly string[];
  /**
   * Count features of different inputs that overlap. They are staged for that, into a temporary folder of the
   * system that is removed again, so all inputs are read twice.
   */
  duplicates?: boolean;
}

/**
 * What staging would make of inputs: which can't be read and why, which features would be dropped, what is
 * invalid, how CRSs are led to that of the tiles, which columns clash. Everything is read and processed as
 * `TileStager.stageAll` does it, on the executor of the configuration; nothing is written.
 * @param job - a stager, a configuration or values for one; the staged folder plays no part
 * @returns a report; what fails alone is told in it
 * @throws TilewrightError `usage` without inputs, `tms-unknown`, `config-invalid`, `interrupted`
 */
export function check(job: ConfigInputSnakeCase, options?: CheckOptions): Promise<CheckResult>;
export function check(job: Job | ConfigInput, options?: CheckOptions): Promise<CheckResult>;
export async function check(
  job: Job | ConfigInputSnakeCase,
  options: CheckOptions = {},
): Promise<CheckResult> {
  const { config, tiles } = TileStager.of(job);
  const { tms } = tiles;
  const { dirInput } = config.values;
  const given = options.inputs ?? (dirInput === null ? [] : [dirInput]);
  if (given.length === 0) {
    throw new TilewrightError('usage', 'There is nothing to check: give inputs or set dirInput');
  }
  const settings = settingsOf(config, tms);
  const found = findInputs(given, { extensions: config.extensions, baseFolder: dirInput });
  const teller = new RunTeller();
  if (options.onProgress !== undefined) teller.listen(options.onProgress);
  return withExecutor(config.values, options, async (executor) => {
    const { label, slots } = executor;
    const phases = ['plan', 'check'];
    teller.tell({ type: 'run-started', folder: '', runId: '', executor: label, slots, phases });
    const planning = teller.begin('plan', { total: found.inputs.length, tasks: 0, bytes: 0 });
    for (const { argument: input, error } of found.missing) {
      teller.tell({ type: 'input-failed', input, error: error.toJSON() });
    }
    const plan = await planRun(found.inputs, [], [], planOptionsOf(config, tms));
    for (const { name: input, error } of plan.failed) {
      teller.tell({ type: 'input-failed', input, error: error.toJSON() });
    }
    planning.end();
    const outcomes = await readInputs(plan, settings, executor, teller);
    const crs = resolveCrs(tms.crs);
    const extent = tms.matrix(settings.z).extent();
    noteHints({ inputs: outcomes }, { tms: tms.id, crs, extent });
    const result = summariseCheck(plan, outcomes);
    const many = tilesPerFeatureNote(result.rows, result.featuresStaged, tms, settings.z);
    const { missing, unread } = found;
    const whole: CheckResult = {
      ...{ tms: tms.id, z: settings.z },
      ...result,
      fine: missing.length === 0 && result.fine,
      ...{ missing, unread, seconds: teller.now },
      warnings: [...config.notes, ...result.warnings, ...(many === null ? [] : [many])],
    };
    teller.tell({ type: 'run-ended', state: 'finished', error: null });
    if (options.duplicates !== true) return whole;
    const { onProgress, signal, drainSignal } = options;
    const overlaps = await countOverlaps(config, {
      ...{ inputs: given, executor },
      ...(signal && { signal }),
      ...(drainSignal && { drainSignal }),
      // What it says of inputs has been told.
      ...(onProgress && {
        onProgress: (event) => {
          if (event.type !== 'input-failed' && event.type !== 'warning') onProgress(event);
        },
      }),
    });
    return { ...whole, overlaps, seconds: teller.now };
  });
}

type CheckTask = Task & { slice: SliceToStage };

/** Reads all slices; an input any of whose slices fails is moved to `failed`. */
async function readInputs(
  plan: Plan,
  settings: FolderSettings,
  executor: Executor,
  teller: RunTeller,
): Promise<Checked> {
  const slices = slicesToStage(plan, settings);
  const tms: unknown = JSON.parse(settings.tmsDefinition);
  const checking = teller.begin('check', sizeOf(slices, settings.selection ?? null));
  const failed = new Set<PlannedInput>();
  const done = new Map<SliceToStage, SliceStatistics>();
  const tasks = (function* (): Generator<CheckTask> {
    for (const slice of slices) {
      if (failed.has(slice.input)) continue;
      const args = [stageArgs(slice, settings, tms)];
      yield { slice, name: withFormats('staging.check'), args, weight: slice.weight };
    }
  })();
  await runAll(
    executor,
    tasks,
    ({ slice }, result, error) => {
      if (error === undefined) {
        done.set(slice, result as SliceStatistics);
        return;
      }
      if (!(error instanceof TilewrightError) || isFatal(error)) throw error;
      const { input } = slice;
      if (failed.has(input)) return;
      failed.add(input);
      plan.failed.push({ name: input.name, path: input.path, error });
      teller.tell({ type: 'input-failed', input: input.name, error: error.toJSON() });
    },
    {
      onProgress: (rows) => checking.advance(rows),
      observe: ({ slice: { input, part, weight: bytes } }) =>
        checking.observe({
          ...{ subject: input.name, part, parts: input.slices.length, bytes, counts: 1 },
        }),
    },
  );
  checking.end();
  const outcomes: Checked = new Map();
  for (const input of plan.planned) if (!failed.has(input)) outcomes.set(input, []);
  // In the order of their positions, as positions of features that are named go by it.
  for (const slice of slices.toSorted((a, b) => a.slice.start - b.slice.start)) {
    outcomes.get(slice.input)?.push({ statistics: done.get(slice)! });
  }
  return outcomes;
}

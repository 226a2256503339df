/**
 * What is looked at before a run writes anything: a run that can't begin, or has nothing to read,
 * leaves the disk and what is known of the last run as they are.
 */

import { statSync } from 'node:fs';
import { TilewrightError } from '../../core/errors.ts';
import { type Place, refuseForeign } from '../folder/foreign-tiles.ts';
import type { FoundInput } from '../folder/found-input.ts';
import { Journal, type StagedInput } from '../folder/journal/journal.ts';
import { holdsOthers, settingsDiffer } from '../folder/settings.ts';
import { journalPath } from '../folder/staged-folder.ts';
import { givenCrs } from '../inputs/input-crs.ts';
import { arePacked } from '../packs/pack-plan.ts';
import { isJudged } from '../phases/judge-folder.ts';
import type { RunResult } from '../phases/run-result.ts';
import { requireKnownColumns, unknownColumns } from '../planning/known-columns.ts';
import { type Plan, type PlanOptions, planRun } from '../planning/plan.ts';
import { areCurrent, type ProductPlace } from '../products/product-plan.ts';
import { summarise } from './result.ts';

interface RefusalOptions extends PlanOptions, Place, ProductPlace {
  inputs: readonly FoundInput[];
  roots: readonly string[];
  isPart?: boolean;
}

/**
 * @returns the report of a run that has nothing to do: no input was found, or all fail, and nothing
 *   that was staged is gone or waits; null for a run that can begin
 * @throws TilewrightError config-invalid, config-differs, tiles-foreign, staged-folder
 */
export async function withoutRun(options: RefusalOptions): Promise<RunResult | null> {
  const { folder, inputs, roots, selection } = options;
  givenCrs(options);
  // A run that found the disk full may have left an empty one.
  const isStaged = (statSync(journalPath(folder), { throwIfNoEntry: false })?.size ?? 0) > 0;
  if (!isStaged) refuseForeign(options, null);
  const staged = isStaged ? checkFolder(options) : [];
  if (staged === null && (inputs.length > 0 || roots.length > 0)) return null;
  const seen = await planRun([], [], [], options);
  const { failed, planned } = seen;
  for (const input of inputs) {
    // Mostly the first can be read, and that is enough to know here.
    const plan = await planRun([input], [], staged ?? [], options);
    planned.push(...plan.planned);
    failed.push(...plan.failed);
    if (plan.unchanged.length > 0) return null;
    const isEnough = options.isPart === true || unknownColumns(selection, seen).length === 0;
    if (planned.length > 0 && isEnough) return null;
  }
  requireKnownColumns(selection, seen);
  if (planned.length > 0) return null;
  // Of a folder that is empty now, what was staged may be gone.
  const folders = [...roots, ...inputs.map(({ root }) => root)];
  const { gone } = await planRun([], folders, staged ?? [], options);
  if (gone.length > 0) return null;
  return reportOf(seen, isStaged ? folder : null);
}

/**
 * What would end the run at once, told while nothing has changed.
 * @returns what is staged; null if more than that is to be done first, or can't be told
 */
function checkFolder(options: RefusalOptions): StagedInput[] | null {
  const { folder, settings, force } = options;
  let journal: Journal | undefined;
  try {
    journal = new Journal(journalPath(folder), { readOnly: true });
    const isSettled = journal.pending() === null && journal.plannedReset() === null;
    const differs = isSettled && holdsOthers(journal, settings);
    const staged = journal.inputs();
    if (differs && !force && staged.length > 0) throw settingsDiffer(journal, folder, settings);
    refuseForeign(options, journal);
    if (!isSettled || differs || journal.again().length > 0) return null;
    const isDone = areCurrent(journal, options) && isJudged(journal) && arePacked(journal, folder);
    return isDone ? staged : null;
  } catch (error) {
    // A journal that was left in the middle of a transaction can't be read without mending it.
    if (!(error instanceof TilewrightError) || error.code !== 'output-unwritable') throw error;
    return null;
  } finally {
    journal?.close();
  }
}

/** @param folder - whose tiles are counted; null for none */
function reportOf(plan: Plan, folder: string | null): RunResult {
  const path = folder === null ? ':memory:' : journalPath(folder);
  const journal = new Journal(path, { readOnly: folder !== null });
  try {
    const nothing = { finished: { tiles: [], rows: 0, damaged: [] }, removed: [], resumed: [] };
    return {
      ...summarise(plan, { records: [], inputs: new Map() }, nothing, journal, 0),
      record: null,
    };
  } finally {
    journal.close();
  }
}

/**
 * Before a run: finishes what a dead run left, and sees to it that all rows of a staged folder are
 * made in the same way.
 */

import { type ErrorCode, TilewrightError } from '../../core/errors.ts';
import type { Executor } from '../../parallel/executor.ts';
import { lockFolder } from '../folder/folder-wait.ts';
import type { FoundInput } from '../folder/found-input.ts';
import type { FolderSettings, Journal } from '../folder/journal/journal.ts';
import { requireSettings, sameSettings } from '../folder/settings.ts';
import { isInputThere } from '../inputs/remote-inputs.ts';
import { finishDeadRun, type Resumed } from '../phases/finish-dead-run.ts';
import type { PlanOptions } from '../planning/plan.ts';
import type { RunTeller } from '../telling/run-teller.ts';
import { finishReset } from './empty-folder.ts';

export interface PrepareOptions extends PlanOptions {
  folder: string;
  summary: string;
  adopt: boolean;
  settings: FolderSettings;
  executor: Executor;
  teller: RunTeller;
}

/** How a run finds the folder. */
export interface Prepared {
  /** Was staged before and has to be staged anew. */
  again: FoundInput[];
  /** Was staged before, and is not there any more. */
  lost: string[];
  /** A dead run that was finished; null if there was none, or its tiles are gone again. */
  resumed: Resumed | null;
}

/**
 * @returns inputs to stage besides those that were given: with `force` and other settings, all
 *   that were staged before
 * @throws TilewrightError config-differs, with the differences
 */
export async function prepareFolder(journal: Journal, options: PrepareOptions): Promise<Prepared> {
  const { folder, settings, force, executor, teller } = options;
  const takeLock = () => lockFolder(folder, journal, teller, () => executor.closed);
  let resumed: Resumed | null = null;
  if (journal.pending() !== null || journal.plannedReset() !== null) {
    const lock = await takeLock();
    try {
      finishReset(journal, folder);
      // The run may have ended while we waited.
      if (journal.pending() !== null) resumed = await finishDeadRun(journal, options);
    } catch (error) {
      // With --force all is staged anew, also what can't be finished.
      if (!force || !isBeyondRepair(error)) throw error;
      return forget(journal, folder, settings);
    } finally {
      lock.release();
    }
  }
  if (sameSettings(journal, settings)) return { again: journal.again(), lost: [], resumed };
  if (!force) requireSettings(journal, folder, settings);
  const lock = await takeLock();
  try {
    // Another run may have committed inputs while we waited.
    if (sameSettings(journal, settings)) return { again: journal.again(), lost: [], resumed };
    if (!force) requireSettings(journal, folder, settings);
    return forget(journal, folder, settings);
  } finally {
    lock.release();
  }
}

const NOT_ITS_FAULT: readonly ErrorCode[] = [
  'interrupted',
  'disk-full',
  'disk-fault',
  'system-limit',
  'output-unwritable',
  'worker-died',
  'tiles-foreign',
];

/** Whether the error may be due to the staged folder itself, so that only starting anew helps. */
function isBeyondRepair(error: unknown): boolean {
  if (!(error instanceof TilewrightError)) return false;
  return !NOT_ITS_FAULT.includes(error.code);
}

/** Removes all tiles and what the journal says; the inputs that are still there are staged anew. */
function forget(journal: Journal, folder: string, settings: FolderSettings): Prepared {
  const staged = [...journal.inputs(), ...(journal.pending()?.inputs ?? [])];
  const known = [
    ...staged.map(({ path, file, root }) => ({ path, name: file, root })),
    ...journal.again(),
  ];
  const again = known.filter((input) => isInputThere(input.path));
  const lost = staged.filter((input) => !isInputThere(input.path)).map((input) => input.name);
  const once = [...new Map(again.map((input) => [input.name, input])).values()];
  journal.planReset({ settings, again: once });
  finishReset(journal, folder);
  return { again: once, lost, resumed: null };
}

/** Judges what is staged already by other rules, or by none, without its inputs. */

import { isDeepStrictEqual } from 'node:util';
import { TilewrightError } from '../../core/errors.ts';
import { tileMatrixSet } from '../../tms/parse.ts';
import { type Deduplication, distanceNotes } from '../configuration/deduplication.ts';
import { lockFolder } from '../folder/folder-wait.ts';
import type { FolderSettings, Journal } from '../folder/journal/journal.ts';
import { isLabelledFolder } from '../folder/settings.ts';
import { removeSpentRuns } from '../folder/staged-folder.ts';
import { finishDeadRun, type MendOptions } from '../phases/finish-dead-run.ts';
import { judgeFolder } from '../phases/judge-folder.ts';
import { packFolder } from '../phases/pack-folder.ts';
import type { DeduplicationResult } from '../phases/run-result.ts';
import type { RunEvent } from '../telling/events.ts';
import { RunTeller } from '../telling/run-teller.ts';
import { asRun } from './as-run.ts';

export interface DeduplicateOptions extends Omit<MendOptions, 'settings' | 'teller'> {
  /** Null: nothing is judged from now on. */
  rules: Deduplication | null;
  /** Name of the label, where the folder has none yet. */
  duplicated: string;
  record: boolean;
  onProgress?: (event: RunEvent) => void;
}

/** @throws TilewrightError staged-folder, tile-damaged, and what writing meets */
export async function deduplicateStaged(given: DeduplicateOptions): Promise<DeduplicationResult> {
  const teller = new RunTeller({ measured: given.record });
  const warnings: string[] = [];
  teller.listen((event) => {
    if (event.type === 'warning') warnings.push(event.message);
  });
  if (given.onProgress !== undefined) teller.listen(given.onProgress);
  const { result, record } = await asRun(
    { ...given, teller, phases: ['relate', 'judge', 'label'], input: null },
    async (journal, runId) => {
      const settings = await changeRules(journal, { ...given, teller });
      const { crs } = tileMatrixSet(JSON.parse(settings.tmsDefinition));
      for (const message of distanceNotes(given.rules, crs))
        teller.tell({ type: 'warning', message });
      const { judged } = await judgeFolder(journal, runId, { ...given, teller, settings });
      await packFolder(journal, runId, { ...given, teller, settings });
      return judged;
    },
    (judged) => ({
      made: null,
      ...(judged?.duplicates && { judged: { pairs: judged.pairs, duplicates: judged.duplicates } }),
    }),
  );
  return {
    deduplication: given.rules,
    duplicates: result?.duplicates ?? null,
    pairs: result?.pairs ?? 0,
    tilesWritten: result?.tiles ?? 0,
    ...{ warnings, seconds: teller.now, record },
  };
}

/** @returns the settings that hold from then on */
async function changeRules(
  journal: Journal,
  options: DeduplicateOptions & { teller: RunTeller },
): Promise<FolderSettings> {
  const { folder, executor, teller, rules } = options;
  const lock = await lockFolder(folder, journal, teller, () => executor.closed);
  try {
    const held = journal.settings();
    if (held === null || journal.plannedReset() !== null) {
      throw new TilewrightError('staged-folder', `${folder} has no tiles: stage into it first`);
    }
    if (journal.pending() !== null) await finishDeadRun(journal, { ...options, settings: held });
    removeSpentRuns(folder);
    const { deduplication, ...others } = held;
    if (isDeepStrictEqual(deduplication ?? null, rules)) return held;
    const properties = { duplicated: options.duplicated, ...held.properties };
    const settings: FolderSettings = {
      ...others,
      properties,
      ...(rules && { deduplication: rules }),
    };
    // Who dies between the two leaves tiles of which nobody takes anything for known.
    if (isLabelledFolder(held) !== isLabelledFolder(settings)) {
      journal.judging.begin(journal.tiles(), journal.judging.regions().keys());
    }
    journal.changeSettings(settings);
    return settings;
  } finally {
    lock.release();
  }
}

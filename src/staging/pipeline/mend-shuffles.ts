/**
 * Finishes a pending run whose process died. Its shuffle files have lain there meanwhile: what is
 * damaged or gone of them is made anew from the inputs, for merging without it would lose its rows.
 */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { TilewrightError } from '../../core/errors.ts';
import { makeFolderBelow } from '../../core/files/make-folder.ts';
import { runAll } from '../../parallel/run-all.ts';
import type { Journal, PendingRun } from '../folder/journal.ts';
import { PRIVATE, removeRun, retiredName, runFolder } from '../folder/staged-folder.ts';
import { type PlanOptions, planRun } from '../planning/plan.ts';
import { checkShuffleFile } from '../rows/shuffle-format.ts';
import { type Finished, finishPending } from './finish.ts';
import { type StageInputsOptions, stageTask } from './stage-inputs.ts';

export type MendOptions = PlanOptions & StageInputsOptions & { summary: string; adopt: boolean };

/** A run that was interrupted while it wrote tiles, and what became of these. */
export interface Resumed {
  run: PendingRun;
  finished: Finished;
}

/** The caller holds the folder's lock. @throws TilewrightError staged-folder */
export async function finishDeadRun(journal: Journal, options: MendOptions): Promise<Resumed> {
  const run = journal.pending()!;
  const lost = await unusableShuffles(run, options.folder);
  if (lost.size > 0) await makeAnew(run, lost, { ...options, settings: journal.settings()! });
  const finished = await finishPending(journal, options);
  removeRun(options.folder, retiredName(run.runId));
  return { run, finished };
}

/** Names of the run's shuffle files that are gone or damaged, with the input that each is of. */
async function unusableShuffles(
  { runId, inputs }: PendingRun,
  folder: string,
): Promise<Map<string, PendingRun['inputs'][number]>> {
  const lost = new Map<string, PendingRun['inputs'][number]>();
  for (const input of inputs) {
    for (const name of input.shuffles) {
      const path = join(runFolder(folder, runId), name);
      try {
        await checkShuffleFile(path);
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code !== 'ENOENT' && code !== 'staged-folder') throw error;
        lost.set(name, input);
      }
    }
  }
  return lost;
}

/** A shuffle file's name is a hash of all that it is made of: one of that name is the same one. */
async function makeAnew(
  run: PendingRun,
  lost: ReadonlyMap<string, PendingRun['inputs'][number]>,
  options: MendOptions,
): Promise<void> {
  const { folder, settings, executor } = options;
  makeFolderBelow(folder, `${PRIVATE}/runs/${run.runId}`);
  const found = [...lost.values()]
    .filter(({ path }) => existsSync(path))
    .map(({ path, file, root }) => ({ path, name: file, root }));
  const once = [...new Map(found.map((input) => [input.name, input])).values()];
  const { planned } = await planRun(once, [], [], options);
  const tms: unknown = JSON.parse(settings.tmsDefinition);
  const tasks = planned
    .flatMap((input) =>
      input.slices.map((slice) => stageTask(input, slice, run.runId, tms, options)),
    )
    .filter(({ shuffle }) => lost.has(shuffle));
  const left = new Map(lost);
  for (const { shuffle } of tasks) left.delete(shuffle);
  for (const [shuffle, { name, path }] of left) {
    throw new TilewrightError(
      'staged-folder',
      `${join(runFolder(folder, run.runId), shuffle)}, which an interrupted run has left to finish ` +
        `${name} from, is damaged or gone, and it can't be made anew: ${path} has changed, or is read ` +
        'with other options now. Run with the same options as then, or with --force to stage ' +
        'everything anew',
      { input: name },
    );
  }
  await runAll(executor, tasks, (_task, _result, error) => {
    if (error !== undefined) throw error;
  });
}

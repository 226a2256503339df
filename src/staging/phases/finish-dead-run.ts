/**
 * Finishes a pending run whose process died. Its files have lain there meanwhile: what is damaged or
 * gone of them is made anew from the inputs, for merging without it would lose rows.
 */

import { TilewrightError } from '../../core/errors.ts';
import { makeFolderBelow } from '../../core/files/make-folder.ts';
import type { Journal, PendingRun } from '../folder/journal/journal.ts';
import { RoomWatch, roomIn } from '../folder/room.ts';
import { PRIVATE, removeRun, retiredName, runFolder } from '../folder/staged-folder.ts';
import { isInputThere } from '../inputs/remote-inputs.ts';
import { type PlanOptions, planRun } from '../planning/plan.ts';
import { type FoundSlice, lookAt, slicesOf, soundness } from '../slices/find-slices.ts';
import { runGroups } from '../slices/run-groups.ts';
import { type StageInputsOptions, sizeOf, slicesToStage } from '../slices/stage-inputs.ts';
import { type Finished, finishPending } from './finish.ts';

export type MendOptions = PlanOptions &
  StageInputsOptions & {
    summary: string;
    adopt: boolean;
    /** Rows that a region has at most, if it is more than one tile. */
    regionRows?: number;
  };

/** A run that was interrupted while it wrote tiles, and what became of these. */
export interface Resumed {
  run: PendingRun;
  finished: Finished;
}

/** The caller holds the folder's lock. @throws TilewrightError staged-folder */
export async function finishDeadRun(journal: Journal, given: MendOptions): Promise<Resumed> {
  const settings = journal.settings()!;
  const options = { ...given, settings, selection: settings.selection ?? null };
  const { folder } = options;
  const run = journal.pending()!;
  const { runId } = run;
  const found = await lookAt(
    runFolder(folder, runId),
    run.records,
    soundness(folder, runId, settings),
  );
  const lost = run.inputs.filter(({ slices, statistics }) => {
    const rows = slices.map(([record, slice]) =>
      found[record]!.complete.has(slice)
        ? found[record]!.record.slices[slice]!.statistics.rows
        : -1,
    );
    return rows.includes(-1) || rows.reduce((sum, n) => sum + n, 0) !== statistics.rows;
  });
  if (lost.length > 0) journal.setPending(await makeAnew(run, lost, options));
  const finished = await finishPending(journal, options);
  removeRun(folder, retiredName(runId));
  return { run, finished };
}

type PendingInput = PendingRun['inputs'][number];

/** The run with other slices of these inputs: a slice's key is a hash of all that its rows depend on. */
async function makeAnew(
  run: PendingRun,
  lost: readonly PendingInput[],
  options: MendOptions,
): Promise<PendingRun> {
  const { folder, settings, teller } = options;
  const { runId } = run;
  makeFolderBelow(folder, `${PRIVATE}/runs/${runId}`);
  const found = lost
    .filter(({ path }) => isInputThere(path))
    .map(({ path, file, root }) => ({ path, name: file, root }));
  const once = [...new Map(found.map((input) => [input.name, input])).values()];
  const plan = await planRun(once, [], [], options);
  const names = new Set(lost.map(({ name }) => name));
  const planned = plan.planned.filter(({ name }) => names.has(name));
  const slices = slicesToStage({ ...plan, planned }, settings);
  const bytes = slices.reduce((sum, { weight }) => sum + weight, 0);
  const staging = teller.begin('stage', sizeOf(slices, settings.selection ?? null));
  const records = await runGroups(slices, {
    ...options,
    ...{ runId, staging, tms: JSON.parse(settings.tmsDefinition) },
    room: new RoomWatch(
      bytes,
      () => roomIn(folder),
      () => undefined,
    ),
    mayBuild: null,
    isFailed: () => false,
    fail: (_, error) => {
      throw error;
    },
    lost: (error) => {
      throw error;
    },
  });
  staging.end();
  const made = slicesOf(await lookAt(runFolder(folder, runId), records, null));
  const inputs = run.inputs.map((input): PendingInput => {
    if (!lost.includes(input)) return input;
    const its = slices.filter(({ input: { name, fingerprint, crsOrigin } }) => {
      return (
        name === input.name && fingerprint === input.fingerprint && crsOrigin === input.crsOrigin
      );
    });
    its.sort((a, b) => a.slice.start - b.slice.start);
    const anew = its.flatMap(({ key }) => made.get(key) ?? []);
    const rows = anew.reduce((sum, { statistics }) => sum + statistics.rows, 0);
    if (rows !== input.statistics.rows) throw cantBeMadeAnew(input, runFolder(folder, runId));
    return { ...input, slices: anew.map((slice) => placeOf(slice, run.records.length)) };
  });
  return { ...run, records: [...run.records, ...records], inputs };
}

function placeOf({ record, slice }: FoundSlice, first: number): [record: number, slice: number] {
  return [first + record, slice];
}

function cantBeMadeAnew({ name, path }: PendingInput, place: string): TilewrightError {
  return new TilewrightError(
    'staged-folder',
    `What an interrupted run has left in ${place} to finish ${name} from is damaged or gone, and it ` +
      `can't be made anew: ${path} has changed, or is read with other options now. Run with the same ` +
      'options as then, or with --force to stage everything anew',
    { input: name },
  );
}

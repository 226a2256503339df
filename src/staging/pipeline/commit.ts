/**
 * Commits what a run has staged, under the folder's lock: the phases `wait`, `merge` and `finalize`.
 * What was planned is checked against what other runs have committed since.
 */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { toTilewrightError } from '../../core/errors.ts';
import { crsText } from '../../crs/crs-text.ts';
import { tileKey } from '../../tms/tile-path.ts';
import type { Journal, PendingRun } from '../folder/journal/journal.ts';
import { removeLeftOvers, removeRun, runFolder, visitDeadRuns } from '../folder/staged-folder.ts';
import { readRecord } from '../groups/read-record.ts';
import { recordedTiles } from '../groups/recorded-tiles.ts';
import { type Finished, finishPending, updateSummary } from '../phases/finish.ts';
import { holdFolder } from '../phases/hold-folder.ts';
import { inputsWithoutRoom } from '../planning/column-room.ts';
import { checkName, type Plan, type PlanOptions } from '../planning/plan.ts';
import { stagedColumn } from '../rows/schema-union.ts';
import {
  failInput,
  type Outcomes,
  oddClassesOf,
  type StageInputsOptions,
} from '../slices/stage-inputs.ts';
import type { RunTeller } from '../telling/run-teller.ts';
import { type Committed, totals } from './result.ts';

export interface CommitOptions extends PlanOptions, StageInputsOptions {
  /** Path of the summary. */
  summary: string;
  prune: boolean;
  adopt: boolean;
}

/** Says what will be merged, merges, commits, writes the summary. */
export async function commitRun(
  journal: Journal,
  runId: string,
  plan: Plan,
  outcomes: Outcomes,
  options: CommitOptions,
): Promise<Committed> {
  const { folder, teller } = options;
  const summaryIsThere = journal.summaryIsCurrent() && existsSync(options.summary);
  if (
    outcomes.inputs.size === 0 &&
    leavingOf(plan, outcomes, options).length === 0 &&
    summaryIsThere
  ) {
    removeDeadRuns(folder, journal);
    return { finished: nothing(), removed: [], resumed: [] };
  }
  const { lock, resumed } = await holdFolder(journal, options);
  try {
    leaveOutTaken(journal, plan, outcomes, teller);
    const staged = new Set(journal.inputs().map((input) => input.name));
    const removedNow = (): string[] =>
      leavingOf(plan, outcomes, options).filter((name) => staged.has(name));
    leaveOutWide(journal, pendingRun(runId, outcomes, removedNow()), plan, outcomes, options);
    const removed = removedNow();
    // Before tiles change: a late task of such a run must not find its folder any more.
    removeDeadRuns(folder, journal);
    if (outcomes.inputs.size === 0 && removed.length === 0) {
      updateSummary(journal, options.summary, runFolder(folder, runId));
      return { finished: nothing(), removed, resumed };
    }
    const run = pendingRun(runId, outcomes, removed);
    journal.setPending(run);
    const finished = await finishPending(journal, options);
    // Once for each input, whatever the number of its tiles.
    const failed = new Map(
      finished.damaged.flatMap(({ inputs, error }) => inputs.map((input) => [input, error])),
    );
    for (const [input, error] of failed) teller.tell({ type: 'input-failed', input, error });
    return { finished, removed, resumed };
  } finally {
    lock.release();
  }
}

/** Committed inputs whose rows are to leave the tiles. */
function leavingOf(plan: Plan, outcomes: Outcomes, { prune }: CommitOptions): string[] {
  const ready = new Set([...outcomes.inputs.keys()].map((input) => input.file));
  return [
    ...plan.outdated.filter(({ file }) => ready.has(file)).map(({ name }) => name),
    ...(prune ? plan.gone : []),
  ];
}

/** Fails inputs whose columns have no room in one of their tiles. */
function leaveOutWide(
  journal: Journal,
  run: PendingRun,
  plan: Plan,
  outcomes: Outcomes,
  { folder, teller }: CommitOptions,
): void {
  const tilesOf = lazily(() => tilesByInput(run, runFolder(folder, run.runId)));
  const failures = inputsWithoutRoom(journal, run, (name) => tilesOf().get(name) ?? new Set());
  for (const input of [...outcomes.inputs.keys()]) {
    const error = failures.get(input.name);
    if (error !== undefined) failInput(input, error, plan, outcomes, teller);
  }
}

function lazily<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

/** Keys (`x/y`) of the tiles that inputs of the run have rows in. */
function tilesByInput({ records, inputs }: PendingRun, place: string): Map<string, Set<string>> {
  const names = new Map(
    inputs.flatMap(({ name, slices }) => slices.map((slice) => [slice.join(), name] as const)),
  );
  const tiles = new Map(inputs.map(({ name }) => [name, new Set<string>()]));
  const used = new Set(inputs.flatMap(({ slices }) => slices.map(([record]) => record)));
  for (const [i, name] of records.entries()) {
    if (!used.has(i)) continue;
    for (const { slice, x, y } of recordedTiles(place, readRecord(join(place, name)))) {
      tiles.get(names.get(`${i},${slice}`) ?? '')?.add(tileKey(x, y));
    }
  }
  return tiles;
}

function nothing(): Finished {
  return { tiles: [], rows: 0, damaged: [] };
}

/** Fails inputs whose name or path another run has committed in another sense meanwhile. */
function leaveOutTaken(journal: Journal, plan: Plan, outcomes: Outcomes, teller: RunTeller): void {
  const staged = journal.inputs();
  const byFile = Map.groupBy(staged, (input) => input.file);
  const byPath = Map.groupBy(staged, (input) => input.path);
  for (const input of [...outcomes.inputs.keys()]) {
    try {
      checkName(input.file, input.path, byFile.get(input.file) ?? [], byPath.get(input.path) ?? []);
    } catch (error) {
      failInput(input, toTilewrightError(error), plan, outcomes, teller);
    }
  }
}
function removeDeadRuns(folder: string, journal: Journal): void {
  removeLeftOvers(folder);
  visitDeadRuns(folder, (dead) => {
    if (journal.pending()?.runId !== dead) removeRun(folder, dead);
  });
}

function pendingRun(runId: string, outcomes: Outcomes, removed: string[]): PendingRun {
  const stagedAt = new Date().toISOString();
  return {
    runId,
    removed,
    records: outcomes.records,
    inputs: [...outcomes.inputs].map(([input, slices]): PendingRun['inputs'][number] => {
      const odd = oddClassesOf(input.columns.length, slices);
      const { name, file, path, root, selection, layers, fingerprint, crsOrigin, placing } = input;
      return {
        name,
        file,
        path,
        root,
        selection,
        layers,
        fingerprint,
        crsOrigin,
        crs: placing === null ? undefined : (crsText(placing.crs) ?? undefined),
        recordColumns: input.columns,
        columns: input.columns.map((c, i) => stagedColumn(c, odd[i]!)),
        statistics: totals(slices, input),
        stagedAt,
        slices: slices.map(({ record, slice }) => [record, slice]),
      };
    }),
  };
}

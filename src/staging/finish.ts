/**
 * Finishes the pending run: merges its partitions, commits it, writes the summary. Also for a run
 * whose process died: its shuffle files are complete, and merging a tile twice gives the same tile.
 * The caller holds the folder's lock.
 */

import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Executor, runAll } from '../parallel/executor.ts';
import type { Journal } from './journal.ts';
import { partitionsOfRun } from './merge-task.ts';
import type { MergedTile } from './merge-tile.ts';
import type { RunProgress } from './result.ts';
import { removeRun, runFolder } from './staged-folder.ts';
import { writeSummary } from './summary.ts';

export interface Finished {
  tiles: Pick<MergedTile, 'x' | 'y' | 'status'>[];
  /** Rows in the tiles that were written, kept ones included. */
  rows: number;
}

export async function finishPending(
  journal: Journal,
  options: {
    folder: string;
    summary: string;
    executor: Executor;
    onProgress?: (progress: RunProgress) => void;
  },
): Promise<Finished> {
  const { folder, onProgress } = options;
  const run = journal.pending()!;
  const partitions = partitionsOfRun(folder, journal);
  const tasks = [...partitions]
    .sort(([, a], [, b]) => b - a)
    .map(([partition]) => ({ name: 'merge', args: { folder, partition } }));
  const total = run.inputs.reduce((sum, input) => sum + input.statistics.rows, 0);
  const progress: RunProgress = { phase: 'merge', done: 0, total };
  onProgress?.({ ...progress });
  const merged: MergedTile[] = [];
  await runAll(
    options.executor,
    tasks,
    (_task, result, error) => {
      if (error !== undefined) throw error;
      merged.push(...(result as MergedTile[]));
    },
    (rows) => {
      progress.done += rows;
      onProgress?.({ ...progress });
    },
  );
  journal.commit(run, rowsOf(merged));
  writeSummary(journal, journal.settings()!, options.summary, runFolder(folder, run.runId));
  journal.markSummaryCurrent();
  // Side by side, and not in this thread: freeing gigabytes takes the file system a second or more.
  const shuffles = run.inputs.flatMap((input) => input.shuffles);
  await Promise.all(
    shuffles.map((name) => rm(join(runFolder(folder, run.runId), name), { force: true })),
  );
  removeRun(folder, run.runId);
  return {
    tiles: merged.map(({ x, y, status }) => ({ x, y, status })),
    rows: merged.reduce((sum, tile) => sum + tile.rows, 0),
  };
}

function* rowsOf(merged: MergedTile[]) {
  for (const { x, y, inputs } of merged) {
    for (const input of inputs) yield { x, y, ...input };
  }
}

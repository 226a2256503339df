/**
 * Finishes the pending run: merges its partitions, commits it, writes the summary. Also for a run
 * whose process died: all its rows are in files, and merging a tile twice gives the same tile.
 * The caller holds the folder's lock.
 */

import { readdirSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { makeFolderBelow } from '../../core/files/make-folder.ts';
import type { Executor } from '../../parallel/executor.ts';
import { runAll } from '../../parallel/run-all.ts';
import type { Journal } from '../folder/journal/journal.ts';
import { isOfRun, retireRun, runFolder } from '../folder/staged-folder.ts';
import { writeSummary } from '../folder/summary.ts';
import { withFormats } from '../tasks/format-modules.ts';
import { writeMergePlan } from '../tasks/merge-plan.ts';
import type { MergeArgs } from '../tasks/merge-task.ts';
import type { DamagedTile, MergedPartition, MergedTile } from '../tasks/merge-tile.ts';
import type { RunTeller } from '../telling/run-teller.ts';

export interface Finished {
  tiles: Pick<MergedTile, 'x' | 'y' | 'status'>[];
  /** Rows in the tiles that were written, kept ones included. */
  rows: number;
  /** Tiles that were left as they are, since they can't be read. */
  damaged: DamagedTile[];
}

export async function finishPending(
  journal: Journal,
  options: {
    folder: string;
    summary: string;
    executor: Executor;
    teller: RunTeller;
    adopt: boolean;
  },
): Promise<Finished> {
  const { folder, teller, adopt } = options;
  const run = journal.pending()!;
  const temporaries = runFolder(folder, run.runId);
  // A run that only takes rows out has staged nothing, so its folder may be gone.
  makeFolderBelow(folder, relative(folder, temporaries).replaceAll(sep, '/'));
  const { common, partitions, rows } = await writeMergePlan(folder, journal);
  const { runId } = run;
  const tasks = partitions
    .sort((a, b) => b.bytes - a.bytes)
    .map(({ partition, range, bytes }) => {
      const args: MergeArgs = { folder, runId, partition, common, part: range, adopt };
      return { name: withFormats('staging.merge'), args: [args], partition, weight: bytes };
    });
  const bytes = partitions.reduce((sum, partition) => sum + partition.bytes, 0);
  const merging = teller.begin('merge', { total: rows, tasks: tasks.length, bytes });
  const merged: MergedTile[] = [];
  const damaged: DamagedTile[] = [];
  try {
    await runAll(
      options.executor,
      tasks,
      (_task, result, error) => {
        if (error !== undefined) throw error;
        const partition = result as MergedPartition;
        merged.push(...partition.tiles);
        damaged.push(...partition.damaged);
      },
      {
        onProgress: (rows) => merging.advance(rows),
        observe: ({ partition, weight: bytes }) => {
          const subject = `partition ${partition}`;
          return merging.observe({ subject, part: 1, parts: 1, bytes, counts: 1 });
        },
      },
    );
  } catch (error) {
    // When the disk is full, every bit of room counts.
    removeTemporaries(temporaries);
    throw error;
  }
  merging.end();
  const finalizing = teller.begin('finalize', { total: 0, tasks: 0, bytes: 0 });
  journal.commit(run, rowsOf(merged), merged, new Set(damaged.flatMap(({ inputs }) => inputs)));
  updateSummary(journal, options.summary, temporaries);
  const retired = retireRun(folder, run.runId);
  // Side by side, and not in this thread: freeing gigabytes takes the file system a second or more.
  const left = readdirSync(retired).filter(isOfRun);
  await Promise.all(left.map((name) => rm(join(retired, name), { force: true })));
  finalizing.end();
  return {
    tiles: merged.map(({ x, y, status }) => ({ x, y, status })),
    rows: merged.reduce((sum, tile) => sum + tile.rows, 0),
    damaged,
  };
}

/**
 * Writes the summary of what is committed. The caller holds the folder's lock.
 * @param temporaries - a folder for the file while it is written
 */
export function updateSummary(journal: Journal, summary: string, temporaries: string): void {
  writeSummary(journal, journal.settings()!, summary, temporaries);
  journal.markSummaryCurrent();
}

function removeTemporaries(folder: string): void {
  for (const name of readdirSync(folder)) {
    if (name.endsWith('.tmp')) rmSync(join(folder, name), { force: true });
  }
}

function* rowsOf(merged: MergedTile[]) {
  for (const { x, y, inputs } of merged) {
    for (const input of inputs) yield { x, y, ...input };
  }
}

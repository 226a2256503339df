/**
 * The task `merge`: all tiles of one partition that the pending run touches. The run holds the
 * folder's lock, so nobody else changes these tiles; but the task itself may run twice at once, on
 * two machines. So it writes under a name of its own, and takes all its steps through the run's
 * folder: when that is gone the run is over, and a late twin can't change a tile any more.
 */

import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { TilewrightError } from '../../core/errors.ts';
import type { TaskContext } from '../../parallel/inside/call.ts';
import { tileKey } from '../../tms/tile-path.ts';
import { runFolder } from '../folder/staged-folder.ts';
import { type MergeCommon, type PlanRange, readPartition, readPlanLine } from './merge-plan.ts';
import { type MergedPartition, mergeTile, namesOf } from './merge-tile.ts';

export interface MergeArgs {
  /** The staged folder, which holds the pending run. */
  folder: string;
  runId: string;
  partition: number;
  /** Where the run's plan has what all tasks share, and what is for this one. */
  common: PlanRange;
  part: PlanRange;
  /** Whether files of another origin are replaced. */
  adopt: boolean;
}

/** What the tasks of one run have in common; a worker reads it once. */
let current: { key: string; common: MergeCommon } | undefined;

/** A tile that is damaged is left out, and does not stop the others. */
export function mergePartition(args: MergeArgs, task: TaskContext): MergedPartition {
  const { folder, runId, partition, adopt } = args;
  const key = JSON.stringify([folder, runId, args.common]);
  if (current?.key !== key) {
    current = { key, common: readPlanLine(folder, runId, args.common) as MergeCommon };
  }
  const { common } = current;
  const { tiles, kept } = readPartition(folder, runId, args.part, common);
  const own = randomBytes(6).toString('hex');
  const temporary = join(runFolder(folder, runId), `tile-${partition}-${own}.tmp`);
  const merged: MergedPartition = { tiles: [], damaged: [] };
  for (const tile of tiles) {
    const keptRows = kept.get(tileKey(tile.x, tile.y)) ?? [];
    const options = { folder, common, tile, kept: keptRows, temporary, adopt };
    try {
      const made = mergeTile(options);
      merged.tiles.push(made);
      task.note('rows', made.rows);
      if (made.written) {
        task.note('tiles', 1);
        task.note('tileBytes', made.bytes);
      } else if (made.status !== 'removed') task.note('renamed', 1);
      task.progress(made.inputs.reduce((sum, input) => sum + input.rows, 0));
    } catch (error) {
      if (!(error instanceof TilewrightError) || error.code !== 'tile-damaged') throw error;
      merged.damaged.push({ error: error.toJSON(), inputs: namesOf(options) });
    }
  }
  return merged;
}

/** Writes rows that can't wait in memory any longer into a shuffle file of the run's folder. */

import { randomBytes } from 'node:crypto';
import { closeSync, openSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { toTilewrightError } from '../../core/errors.ts';
import type { TaskContext } from '../../parallel/inside/call.ts';
import { runFolder } from '../folder/staged-folder.ts';
import type { SpillStep } from '../groups/steps.ts';
import type { Segment } from '../rows/shuffle-format.ts';
import { type SliceRows, writeShuffle } from '../rows/shuffle-writer.ts';
import { SPILL_REASONS, spillNote } from '../telling/spilled-rows.ts';

export interface SpillArgs {
  folder: string;
  runId: string;
  rows: SliceRows[];
  /** Bytes of the rows by why they are spilled. */
  why: SpillStep['why'];
}

export interface Spilled {
  /** Name of the file. */
  shuffle: string;
  segments: Segment[];
}

export function spillRows({ folder, runId, rows, why }: SpillArgs, context: TaskContext): Spilled {
  const started = performance.now();
  const shuffle = `${randomBytes(16).toString('hex')}.shuffle`;
  const path = join(runFolder(folder, runId), shuffle);
  const temporary = `${path}.tmp`;
  let segments: Segment[];
  try {
    const fd = openSync(temporary, 'wx');
    try {
      segments = writeShuffle(fd, rows);
    } finally {
      closeSync(fd);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw toTilewrightError(error, {}, 'output-unwritable');
  }
  const bytes = segments.reduce((sum, { length }) => sum + length, 0);
  context.note('shuffleBytes', bytes);
  for (const reason of SPILL_REASONS) context.note(spillNote(reason), why[reason] ?? 0);
  context.note('spillMs', performance.now() - started);
  return { shuffle, segments };
}

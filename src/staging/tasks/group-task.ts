/**
 * Stages the slices of a group one after the other, in one thread: for workers that share no memory
 * with others.
 */

import { randomBytes } from 'node:crypto';
import { renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type ErrorJson, toTilewrightError } from '../../core/errors.ts';
import type { Slice } from '../../formats/source.ts';
import type { TaskContext } from '../../parallel/inside/call.ts';
import { tileMatrixSet } from '../../tms/parse.ts';
import { type TileKey, tileKeys } from '../../tms/tile-keys.ts';
import type { FolderSettings } from '../folder/journal/journal.ts';
import { runFolder } from '../folder/staged-folder.ts';
import { FeatureCount } from '../groups/feature-count.ts';
import { Group } from '../groups/group.ts';
import { RecordWriter } from '../groups/record.ts';
import { chunksOf } from '../groups/steps.ts';
import { releaseChunks } from '../rows/row-chunks.ts';
import { buildTiles } from './build-task.ts';
import { isFatal } from './fatal-errors.ts';
import { spillRows } from './spill-task.ts';
import { featuresOf, type StagedSlice, type StageInput, stageSlice } from './stage-task.ts';

export interface GroupArgs {
  folder: string;
  runId: string;
  settings: FolderSettings;
  /** JSON of the TileMatrixSet. */
  tms: unknown;
  inputs: StageInput[];
  /** In the order in which they are staged; see GroupSlice. */
  slices: {
    key: string;
    input: number;
    slice: Slice | null;
    features: number;
    tiles: number[] | null;
  }[];
  /** Keys of tiles that are not to be built here; null if none is. */
  elsewhere: number[] | null;
  /** Tiles of the group that keep older rows. */
  kept: number[];
  /** Bytes that rows may take, and bytes of a slice. */
  memory: number;
  sliceBytes: number;
}

export interface StagedGroup {
  /** Name of the group's record. */
  record: string;
  /** Inputs that can't be staged: index in the group, error. */
  failed: [input: number, error: ErrorJson][];
  /** Of all rows, and tiles that they are in; those of several slices count as often. */
  bytes: number;
  tiles: number;
}

export async function stageGroup(args: GroupArgs, context: TaskContext): Promise<StagedGroup> {
  const { folder, runId, settings, inputs, slices } = args;
  const { z, simplifyTolerance, invalid = 'keep', selection = null, format } = settings;
  // A twin of this task, on another machine, may meet other errors: its record is another one.
  const name = `${randomBytes(16).toString('hex')}.record`;
  const path = join(runFolder(folder, runId), name);
  const temporary = `${path}.tmp`;
  const made: StagedGroup = { record: name, failed: [], bytes: 0, tiles: 0 };
  const record = new RecordWriter(temporary);
  try {
    const elsewhere = args.elsewhere && new Set<TileKey>(args.elsewhere);
    const kept = new Set<TileKey>(args.kept);
    const group = new Group({
      inputs: inputs.map(({ name, columns }) => ({ name, columns })),
      slices: slices.map(({ key, input, slice, tiles }) => {
        const known = tiles === null ? null : Float64Array.from(tiles);
        return { key, input, start: slice?.start ?? 0, tiles: known };
      }),
      keyOf: tileKeys(tileMatrixSet(args.tms).matrix(z)),
      ...{ format, record, memory: args.memory, sliceBytes: args.sliceBytes },
      mayBuild: (key) => elsewhere !== null && !elsewhere.has(key),
      whyNot: (key) => (kept.has(key) ? 'kept' : 'shared'),
    });
    const count = new FeatureCount((features) => context.progress(features));
    const reading: TaskContext = {
      progress: (features) => count.read(features),
      note: (name, amount) => context.note(name, amount),
      signal: context.signal,
    };
    for (let step = group.next(); step; step = group.next()) {
      if ('build' in step) {
        const { build, inputs: its } = step;
        group.built(
          step,
          buildTiles({ folder, runId, settings, inputs: its, tiles: build }, context),
        );
        count.written(step);
        releaseChunks(chunksOf(step));
      } else if ('spill' in step) {
        const { spill: rows, why } = step;
        const { shuffle, segments } = spillRows({ folder, runId, rows, why }, context);
        group.spilled(step, shuffle, segments);
        count.written(step);
        releaseChunks(chunksOf(step));
      } else {
        const { input, slice, features } = slices[step.stage]!;
        const common = { tms: args.tms, z, simplifyTolerance, invalid, selection };
        let staged: StagedSlice;
        try {
          staged = await stageSlice({ ...common, input: inputs[input]!, slice, features }, reading);
        } catch (caught) {
          const error = toTilewrightError(caught);
          if (isFatal(error)) throw error;
          made.failed.push([input, error.toJSON()]);
          group.fail(input);
          group.ended(step.stage);
          continue;
        }
        made.bytes += staged.bytes;
        made.tiles += staged.tiles.length;
        group.staged(step.stage, staged.statistics, staged.tiles);
        count.staged(featuresOf(staged.statistics, features, selection), staged.statistics.rows);
      }
    }
    record.close();
    renameSync(temporary, path);
    return made;
  } catch (error) {
    record.close();
    rmSync(temporary, { force: true });
    throw error;
  }
}

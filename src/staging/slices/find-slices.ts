/** What records have of slices: those of this run, and of runs that were interrupted. */

import { existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { TilewrightError } from '../../core/errors.ts';
import type { FolderSettings, Journal } from '../folder/journal/journal.ts';
import { recordsOf, runFolder, visitDeadRuns } from '../folder/staged-folder.ts';
import { layerName, tileFormat, tilePath } from '../folder/tile-place.ts';
import { type FoundRows, findRows } from '../groups/complete.ts';
import { readRecord } from '../groups/read-record.ts';
import { type BuiltTile, emptyRecord, PART_FIELDS, type StageRecord } from '../groups/record.ts';
import type { SliceStatistics } from '../rows/slice-statistics.ts';
import { isBuiltFile } from '../tasks/built-file.ts';

export interface FoundRecord extends FoundRows {
  name: string;
  record: StageRecord;
}

/** A complete slice, as record and number in it. */
export interface FoundSlice {
  record: number;
  slice: number;
  statistics: SliceStatistics;
}

/** @param check - see findRows; of a record that can't be read nothing is found */
export async function lookAt(
  place: string,
  names: readonly string[],
  check: { isSound(tile: BuiltTile): boolean } | null,
): Promise<FoundRecord[]> {
  const found: FoundRecord[] = [];
  for (const name of names) {
    const record = readable(join(place, name));
    found.push({ name, record, ...(await findRows(place, record, check)) });
  }
  return found;
}

function readable(path: string): StageRecord {
  try {
    return readRecord(path);
  } catch (error) {
    const { code } = error as { code?: string };
    if (code !== 'staged-folder' && code !== 'ENOENT') throw error;
    return emptyRecord();
  }
}

/** The complete slices by their keys, each as the first record has it that may be used for its input. */
export function slicesOf(
  records: readonly FoundRecord[],
  isUsable: (input: string, record: number) => boolean = () => true,
): Map<string, FoundSlice> {
  const slices = new Map<string, FoundSlice>();
  for (const [record, { record: its, complete }] of records.entries()) {
    for (const slice of complete) {
      const { key, input, statistics } = its.slices[slice]!;
      if (!slices.has(key) && isUsable(input, record))
        slices.set(key, { record, slice, statistics });
    }
  }
  return slices;
}

/** Checks built tiles that have lain there while nobody was at work. */
export function soundness(
  folder: string,
  runId: string,
  settings: FolderSettings,
): { isSound(tile: BuiltTile): boolean } {
  return {
    isSound: (tile) => {
      const path = join(runFolder(folder, runId), tile.file);
      const placed = join(folder, tilePath(settings, tile.x, tile.y));
      const there = existsSync(path) ? path : placed;
      return isBuiltFile(there, tile) && rowsIn(there, tile, settings) === rowsOf(tile);
    },
  };
}

function rowsOf({ parts }: BuiltTile): number {
  let sum = 0;
  for (let p = 1; p < parts.length; p += PART_FIELDS) sum += parts[p]!;
  return sum;
}

/** −1 for a file that is no tile. */
function rowsIn(path: string, { x, y }: BuiltTile, settings: FolderSettings): number {
  try {
    const file = tileFormat(settings).open(path, layerName(settings, x, y));
    try {
      return file.rowCount;
    } finally {
      file.close();
    }
  } catch (error) {
    if (error instanceof TilewrightError) return -1;
    throw error;
  }
}

/** Takes over what interrupted runs have made of these slices; returns names of their records. */
export function adoptRecords(
  folder: string,
  runId: string,
  wanted: (key: string) => boolean,
  journal: Journal,
): string[] {
  const adopted: string[] = [];
  visitDeadRuns(folder, (dead) => {
    // Records of the pending run are needed to finish it. As its process is gone, no run can become
    // the pending one after this.
    if (journal.pending()?.runId === dead) return;
    for (const name of recordsOf(folder, dead)) {
      const { slices, shuffles, built } = readable(join(runFolder(folder, dead), name));
      if (!slices.some(({ key }) => wanted(key))) continue;
      // The record last: without it, nobody knows what the others are.
      const files = [...shuffles, ...built.map(({ file }) => file), name];
      for (const file of files) {
        try {
          renameSync(join(runFolder(folder, dead), file), join(runFolder(folder, runId), file));
        } catch (error) {
          // It was never finished, or another process has committed that run just now.
          if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
        }
      }
      if (existsSync(join(runFolder(folder, runId), name))) adopted.push(name);
    }
  });
  return adopted;
}

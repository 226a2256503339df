/** Which slices of a record are complete: every row of theirs is in a file that is there. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { checkShuffleFile, readDirectory, type Segment } from '../rows/shuffle-format.ts';
import { type BuiltTile, PART_FIELDS, type StageRecord, segmentsInTiles } from './record.ts';

/** A record's rows as they are found in the run's folder. */
export interface FoundRows {
  /** Numbers of the slices that are complete. */
  complete: Set<number>;
  /** Tiles that have rows of the record, some of them more than once. */
  tiles: { x: number; y: number }[];
}

const FILES_AT_ONCE = 64;

/**
 * @param place - the run's folder
 * @param check - whether what files hold is checked, and not only that they are there; a built tile is
 *   sound by `isSound`
 */
export async function findRows(
  place: string,
  { slices, built, shuffles }: StageRecord,
  check: { isSound(tile: BuiltTile): boolean } | null,
): Promise<FoundRows> {
  const rows = new Float64Array(slices.length);
  const tiles: FoundRows['tiles'] = [];
  const isInTile = segmentsInTiles({ built });
  for (const tile of built) {
    if (check !== null) {
      // Each is read whole: timers and signals have their turn between two.
      await setImmediate();
      if (!check.isSound(tile)) continue;
    }
    tiles.push(tile);
    for (let p = 0; p < tile.parts.length; p += PART_FIELDS)
      rows[tile.parts[p]!]! += tile.parts[p + 1]!;
  }
  const read = check === null ? readDirectory : checkShuffleFile;
  const files = shuffles.map((name) => join(place, name));
  for (let start = 0; start < files.length; start += FILES_AT_ONCE) {
    const some = files.slice(start, start + FILES_AT_ONCE);
    for (const segments of await Promise.all(some.map((path) => segmentsOf(path, read)))) {
      for (const segment of segments) {
        if (isInTile(segment)) continue;
        const { slice, x, y } = segment;
        rows[slice]! += segment.rows;
        tiles.push({ x, y });
      }
    }
  }
  const complete = new Set<number>();
  for (const [i, { statistics }] of slices.entries()) {
    if (rows[i] === statistics.rows) complete.add(i);
  }
  return { complete, tiles };
}

/** None of a file that is damaged, gone or a link. */
export async function segmentsOf(
  path: string,
  read: (path: string) => Promise<Segment[]> = readDirectory,
): Promise<Segment[]> {
  if (!existsSync(path)) return [];
  try {
    return await read(path);
  } catch (error) {
    const { code } = error as { code?: string };
    if (!['staged-folder', 'ENOENT', 'ELOOP'].includes(code ?? '')) throw error;
    return [];
  }
}

/** Which tiles a group's slices have rows in. */

import { join } from 'node:path';
import { readShuffleFile } from '../rows/shuffle-format.ts';
import { PART_FIELDS, type StageRecord } from './record.ts';

/**
 * Goes through what the record names, a tile for each of its slices; files that are gone or damaged are
 * passed over.
 * @param place - the run's folder
 * @param most - bytes that the directory of a shuffle file may have
 */
export function* recordedTiles(
  place: string,
  { built, shuffles }: Pick<StageRecord, 'built' | 'shuffles'>,
  most?: number,
): Generator<{ x: number; y: number; slice: number }> {
  for (const { x, y, parts } of built) {
    for (let p = 0; p < parts.length; p += PART_FIELDS) yield { x, y, slice: parts[p]! };
  }
  for (const name of shuffles) {
    try {
      yield* readShuffleFile(join(place, name), most);
    } catch {
      // Who needs what is in it says so.
    }
  }
}

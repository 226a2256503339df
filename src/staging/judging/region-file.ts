/** The files of regions, and of what is judged over all. */

import { join } from 'node:path';
import { TilewrightError } from '../../core/errors.ts';
import {
  damagedArrays,
  type ReadArrays,
  readArrays,
  writeArrays,
} from '../../core/files/array-file.ts';
import {
  type Border,
  type RegionPairs,
  readBorder,
  readRegionPairs,
  requireBelow,
} from '../../overlap/region-pairs.ts';
import { GONE_REASONS, type GoneReason } from '../folder/journal/journal-rows.ts';
import { PRIVATE } from '../folder/staged-folder.ts';

/** Below the staged folder, with '/'. */
export const OVERLAPS_FOLDER = `${PRIVATE}/overlaps`;

/** What a region's file says of itself. */
export interface RegionHead {
  /** Of the tiles and rules that it was made of. */
  state: string;
  /** Names of inputs, which its features have the indices of. */
  inputs: string[];
  tiles: [x: number, y: number][];
  /** How many pairs, and rows that go by themselves. */
  pairs: number;
  alone: number;
  /** Features that go and that nobody else knows of, by input and reason. */
  gone: [input: number, reason: GoneReason, features: number][];
}

export function regionPath(folder: string, name: string): string {
  return join(folder, OVERLAPS_FOLDER, name);
}

/** Features that go by the judge over all, as far as a region may have them. */
export interface GoneFeatures {
  /** Names of inputs, which `input` has the indices of. */
  inputs: string[];
  input: Uint32Array;
  position: Float64Array;
  /** minX, minY, maxX, maxY of each. */
  bounds: Float64Array;
}

export function writeGone(path: string, { inputs, ...arrays }: GoneFeatures): void {
  writeArrays(path, inputs, arrays);
}

export function readGone(path: string): GoneFeatures | null {
  const read: ReadArrays | null = readArrays(path);
  if (read === null) return null;
  return { inputs: read.head as string[], ...read.arrays } as unknown as GoneFeatures;
}

/** Null if there is none, or it is of no use. */
export function regionHead(folder: string, name: string): RegionHead | null {
  const path = regionPath(folder, name);
  try {
    const read = readArrays(path, []);
    return read === null ? null : checkedHead(path, read.head);
  } catch (error) {
    if (error instanceof TilewrightError && error.code === 'staged-folder') return null;
    throw error;
  }
}

/** @throws TilewrightError staged-folder if it is gone or damaged */
export function readRegion(folder: string, name: string): { head: RegionHead; pairs: RegionPairs } {
  const path = regionPath(folder, name);
  const read = readRegionPairs(path);
  if (read === null) throw damagedArrays(path);
  const { pairs } = read;
  const head = checkedHead(path, read.head);
  requireBelow(path, head.inputs.length, [pairs.input]);
  requireBelow(path, head.tiles.length, [pairs.tile, pairs.aloneTile]);
  return { head, pairs };
}

/** The same of what the region could not say by itself. */
export function readRegionBorder(folder: string, name: string): Border {
  const path = regionPath(folder, name);
  const read = readBorder(path);
  if (read === null) throw damagedArrays(path);
  requireBelow(path, checkedHead(path, read.head).inputs.length, [read.border.input]);
  return read.border;
}

/** A folder may come from somebody else, with a checksum that is right. */
function checkedHead(path: string, value: unknown): RegionHead {
  const { state, inputs, tiles, pairs, alone, gone } = (value ?? {}) as Partial<RegionHead>;
  const isCount = (number: unknown): boolean => Number.isSafeInteger(number) && Number(number) >= 0;
  const isOurs =
    typeof state === 'string' &&
    Array.isArray(inputs) &&
    inputs.every((name) => typeof name === 'string') &&
    Array.isArray(tiles) &&
    tiles.every((tile) => Array.isArray(tile) && tile.length === 2 && tile.every(isCount)) &&
    isCount(pairs) &&
    isCount(alone) &&
    Array.isArray(gone) &&
    gone.every(
      (entry) =>
        Array.isArray(entry) &&
        inputs[entry[0]] !== undefined &&
        GONE_REASONS.includes(entry[1]) &&
        isCount(entry[2]),
    );
  if (!isOurs) throw damagedArrays(path);
  return value as RegionHead;
}

/**
 * Checks of what a record says, before anything is done by it: it may lie in a folder from somebody
 * else. Each throws a TypeError.
 */

import { isBuiltName, isShuffleName } from '../folder/staged-folder.ts';
import { INFINITE, type Line, PART_FIELDS, type StageRecord } from './record.ts';

/** @param before - what the lines before it say */
export function checkLine(line: Line, before: StageRecord): Line {
  if (typeof line !== 'object' || line === null) throw new TypeError('a line is no object');
  if ('slice' in line) checkSlice(line.slice);
  else if ('built' in line) checkBuilt(line.built, before);
  else if ('columns' in line) {
    require(typeof line.columns.input === 'string' &&
      areCounts(line.columns.oddClasses), 'columns have no classes');
  } else require(isShuffleName(line.shuffle), `a shuffle file is named ${line.shuffle}`);
  return line;
}

function checkSlice({ key, input, statistics }: StageRecord['slices'][number]): void {
  require(typeof key === 'string' && typeof input === 'string', 'a slice has no name');
  const { rowsRead, featuresStaged, rows, droppedM, drops, validity, oddClasses } = statistics;
  const counts = [rowsRead, featuresStaged, rows, droppedM];
  require(areCounts(counts) && areCounts(oddClasses), `${input} has no counts`);
  const { kinds, features } = validity ?? { kinds: {}, features: {} };
  for (const counts of [drops, kinds, features]) {
    require(typeof counts === 'object' &&
      counts !== null &&
      Object.values(counts).every(
        (entry) => isCount(entry?.count) && Array.isArray(entry.positions),
      ), `drops of ${input} have no counts`);
  }
}

function checkBuilt(
  { x, y, file, bytes, sum, parts, areas }: StageRecord['built'][number],
  { slices }: StageRecord,
): void {
  require(isBuiltName(file), `a tile is named ${file}`);
  require(areCounts([x, y, bytes, sum]), `${file} has no place or size`);
  require(areCounts(parts) &&
    parts.length > 0 &&
    parts.length % PART_FIELDS === 0, `${file} has no parts`);
  const its = parts.filter((_, k) => k % PART_FIELDS === 0);
  for (const slice of its) {
    require(slices[slice] !== undefined, `${file} has rows of slice ${slice}`);
  }
  // Rows of an input lie side by side.
  const inputs = its.map((slice) => slices[slice]!.input);
  const runs = inputs.filter((input, k) => input !== inputs[k - 1]).length;
  require(new Set(its).size === its.length &&
    new Set(inputs).size === runs, `${file} has rows of a slice in two places`);
  require(areas.length === runs &&
    areas.every((area) => area === INFINITE || Number.isFinite(area)), `${file} has no areas`);
}

function areCounts(values: unknown): boolean {
  return Array.isArray(values) && values.every(isCount);
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function require(holds: boolean, otherwise: string): void {
  if (!holds) throw new TypeError(otherwise);
}

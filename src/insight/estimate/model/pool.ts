/** Which rows of a job wait in memory, and which go to files of the run meanwhile. Pure. */

import { EASED, FULL } from '../../../staging/groups/group.ts';
import { LEAST_MEMORY, sharedMemory } from '../../../staging/groups/row-memory.ts';
import {
  cutIntoGroups,
  type SliceToStage,
  sharedTiles,
} from '../../../staging/slices/group-slices.ts';

/** Parts of a job's rows, but for `groups`. */
export interface Pool {
  /** Most that wait at a time: of all workers together, or of one where they share no memory. */
  held: number;
  /** What goes to shuffle files. */
  spilled: number;
  /** What is in tiles that are written at the end, and which part of the tiles these are. */
  apart: number;
  tilesApart: number;
  /** What tasks that slices are put into are of the whole job each; none where each slice is one. */
  groups: { part: number; count: number }[];
}

/** @param alike - of how many such jobs, far from each other; default 1 */
export type PoolFor = (workers: number, alike?: number) => Pool;

export interface PoolOptions {
  sharesMemory: boolean;
  sliceBytes: number;
  /** Bytes for rows of each worker; null for the default. */
  memory: number | null;
  /** Of all rows. */
  rowBytes: number;
}

/** Pieces of memory that rows are put into are not full. */
export const MEMORY_PER_BYTE = 1.2;

/** @param slices - in the order in which they are staged */
export function poolFor(slices: readonly SliceToStage[], options: PoolOptions): PoolFor {
  const { sharesMemory, sliceBytes, memory, rowBytes } = options;
  const known = new Map<number, Pool>();
  const partOf = (bytes: number): number => bytes / Math.max(1, MEMORY_PER_BYTE * rowBytes);
  return (workers, alike = 1) => {
    // With numbers of workers that are alike the groups are, too.
    const key = sharesMemory ? workers : Math.round(2 * Math.log2(workers / alike));
    const pool =
      known.get(key) ??
      (sharesMemory
        ? togetherPool(slices, partOf(sharedMemory(memory, workers)))
        : apartPool(slices, 2 ** (key / 2), sliceBytes, partOf(memory ?? LEAST_MEMORY)));
    known.set(key, pool);
    const groups = pool.groups.map(({ part }) => ({ part: part / alike, count: alike }));
    return { ...pool, held: pool.held / alike, groups };
  };
}

/**
 * Of slices that one group stages: each has its rows in all tiles that it may touch alike.
 * @param room - rows that fit into memory, as a part of all
 */
export function togetherPool(slices: readonly SliceToStage[], room: number): Pool {
  const all = weightOf(slices);
  const outstanding = new Map<number, number>();
  for (const { tiles } of slices) {
    for (const key of tiles ?? []) outstanding.set(key, (outstanding.get(key) ?? 0) + 1);
  }
  const isKnown = slices.every(({ tiles }) => tiles !== null);
  const waiting = new Map<number, number>();
  let [now, held, spilled] = [0, 0, 0];
  for (const { tiles, weight } of slices) {
    const rows = weight / all;
    now += rows;
    held = Math.max(held, now);
    for (const key of tiles ?? []) {
      const left = outstanding.get(key)! - 1;
      outstanding.set(key, left);
      const its = (waiting.get(key) ?? 0) + rows / tiles!.length;
      if (left > 0 || !isKnown) waiting.set(key, its);
      else {
        waiting.delete(key);
        now -= its;
      }
    }
    if (now <= FULL * room) continue;
    const stays = (EASED * room) / now;
    spilled += now * (1 - stays);
    now *= stays;
    for (const [key, its] of waiting) waiting.set(key, its * stays);
  }
  return { held: Math.min(held, room), spilled, apart: 0, tilesApart: 0, groups: [] };
}

/**
 * Of slices that workers stage apart from each other, in groups.
 * @param room - rows that fit into the memory of one, as a part of all
 */
export function apartPool(
  slices: readonly SliceToStage[],
  workers: number,
  sliceBytes: number,
  room: number,
): Pool {
  const groups = cutIntoGroups(slices, workers, sliceBytes);
  const all = weightOf(slices);
  const largest = groups.reduce((a, b) => (weightOf(b) > weightOf(a) ? b : a));
  const part = weightOf(largest) / all;
  const own = togetherPool(largest, room / part);
  const shared = sharedTiles(groups);
  let apart = 0;
  const keys = new Set<number>();
  for (const { tiles, weight } of slices) {
    for (const key of tiles ?? []) keys.add(key);
    // Of which nothing is known, that is not built in its group at all.
    const its = tiles?.filter((key) => shared.has(key)).length ?? 1;
    apart += (weight / all) * (its / Math.max(1, tiles?.length ?? 1));
  }
  return {
    held: own.held * part,
    spilled: Math.min(1, apart + own.spilled),
    apart,
    tilesApart: keys.size === 0 ? apart : shared.size / keys.size,
    groups: groups.map((group) => ({ part: weightOf(group) / all, count: 1 })),
  };
}

function weightOf(slices: readonly SliceToStage[]): number {
  return slices.reduce((sum, { weight }) => sum + weight, 0);
}

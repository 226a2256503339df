/**
 * Tiles that a run touches: those in the records of its groups, and which of them it has written: those
 * that are built, though they wait for the others, and those that a merge task has come to. The journal
 * has them only when the run commits.
 */

import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Journal } from '../../staging/folder/journal/journal.ts';
import { journalPath, recordsOf, runFolder } from '../../staging/folder/staged-folder.ts';
import { readRecord } from '../../staging/groups/read-record.ts';
import { recordedTiles } from '../../staging/groups/recorded-tiles.ts';
import { PARTITIONS, partitionOf } from '../../staging/rows/shuffle-format.ts';
import { parseTileMatrixSet } from '../../tms/parse.ts';
import type { Bounds, TileMatrix } from '../../tms/tile-matrix.ts';
import type { RunTilesNow } from '../shared/run-messages.ts';
import { BLOCK_FIELDS } from '../shared/run-tiles-format.ts';

const MAX_TILES = 1_000_000;
const MAX_BLOCKS = 20_000;
/** Of a shuffle file; a million tiles have a quarter of it. */
const DIRECTORY_BYTES = 1 << 28;
/** Of one look; what is left comes with the next. */
const LOOK_MS = 300;

export class RunTiles {
  readonly #folder: string;
  readonly #runId: string;
  /** How much of each record. */
  readonly #seen = new Map<string, { size: number; built: number; shuffles: number }>();
  /** Columns of tiles by their row, with whether they are built. */
  readonly #rows = new Map<number, Map<number, boolean>>();
  readonly #perPartition = new Float64Array(PARTITIONS);
  readonly #builtPerPartition = new Float64Array(PARTITIONS);
  readonly #written = new Uint8Array(PARTITIONS);
  #matrix: TileMatrix | null = null;
  #bounds: Bounds | null = null;
  #count = 0;
  #version = 0;

  constructor(folder: string, runId: string) {
    this.#folder = folder;
    this.#runId = runId;
  }

  /** Reads what has come since the last look. */
  look(): RunTilesNow | null {
    this.#matrix ??= matrixOf(this.#folder);
    if (this.#matrix === null) return null;
    const started = performance.now();
    const place = runFolder(this.#folder, this.#runId);
    // First those that no look has come to so far.
    const seenLast = (name: string): number => (this.#seen.has(name) ? 1 : 0);
    const names = recordsOf(this.#folder, this.#runId);
    for (const name of names.sort((a, b) => seenLast(a) - seenLast(b))) {
      if (performance.now() - started > LOOK_MS) break;
      try {
        const path = join(place, name);
        const { size } = statSync(path);
        const seen = this.#seen.get(name) ?? { size: 0, built: 0, shuffles: 0 };
        if (size === seen.size) continue;
        this.#seen.set(name, { ...seen, size });
        const { built, shuffles } = readRecord(path);
        this.#seen.set(name, { size, built: built.length, shuffles: shuffles.length });
        for (const { x, y } of built.slice(seen.built)) this.#add(x, y, true, this.#matrix);
        const spilled = { built: [], shuffles: shuffles.slice(seen.shuffles) };
        for (const { x, y } of recordedTiles(place, spilled, DIRECTORY_BYTES)) {
          this.#add(x, y, false, this.#matrix);
        }
      } catch {
        // It is gone, as the run has ended, or damaged, which the run itself will tell.
      }
    }
    let written = 0;
    for (let p = 0; p < PARTITIONS; p++) {
      written += (this.#written[p] === 1 ? this.#perPartition : this.#builtPerPartition)[p]!;
    }
    return { version: this.#version, count: this.#count, written, bounds: this.#bounds };
  }

  #add(x: number, y: number, isBuilt: boolean, matrix: TileMatrix): void {
    if (!(x >= 0 && x < matrix.matrixWidth && y >= 0 && y < matrix.matrixHeight)) return;
    const columns = this.#rows.get(y) ?? new Map();
    const known = columns.get(x);
    if (known === true || known === isBuilt) return;
    if (known === undefined && this.#count >= MAX_TILES) return;
    this.#rows.set(y, columns.set(x, isBuilt));
    if (isBuilt) this.#builtPerPartition[partitionOf(x, y)]!++;
    if (known !== undefined) {
      this.#version++;
      return;
    }
    this.#perPartition[partitionOf(x, y)]!++;
    this.#count++;
    this.#version++;
    this.#bounds = union(this.#bounds, matrix.bounds(x, y));
  }

  /** A merge task of the run has ended. @param subject - `partition 17` */
  wrote(subject: string): void {
    const partition = Number(/^partition (\d{1,3})$/.exec(subject)?.[1] ?? PARTITIONS);
    if (partition >= PARTITIONS || this.#written[partition] === 1) return;
    this.#written[partition] = 1;
    this.#version++;
  }

  /** As shared/run-tiles-format.ts has it: tiles, or blocks of them where there are too many. */
  blocks(): Float64Array {
    const matrix = this.#matrix;
    for (let factor = 1; matrix !== null; factor *= 2) {
      const blocks = this.#blocksOf(factor, matrix);
      if (blocks !== null) return Float64Array.from(blocks.flat());
    }
    return new Float64Array(0);
  }

  /** null if there are too many. */
  #blocksOf(factor: number, matrix: TileMatrix): number[][] | null {
    const blocks = new Map<string, number[]>();
    for (const [y, columns] of this.#rows) {
      for (const [x, isBuilt] of columns) {
        const key = `${Math.floor(x / factor)} ${Math.floor(y / factor)}`;
        const bounds = matrix.bounds(x, y);
        const written = isBuilt ? 1 : this.#written[partitionOf(x, y)]!;
        const block = blocks.get(key);
        if (block === undefined) {
          if (blocks.size === MAX_BLOCKS) return null;
          blocks.set(key, [...bounds, 1, written]);
          continue;
        }
        const [minX, minY, maxX, maxY] = union(block.slice(0, 4) as Bounds, bounds);
        block.splice(0, BLOCK_FIELDS, minX, minY, maxX, maxY, block[4]! + 1, block[5]! + written);
      }
    }
    return [...blocks.values()];
  }
}

function union(a: Bounds | null, b: Bounds): Bounds {
  if (a === null) return [...b];
  return [Math.min(a[0], b[0]), Math.min(a[1], b[1]), Math.max(a[2], b[2]), Math.max(a[3], b[3])];
}

/** null before the folder has its settings. */
function matrixOf(folder: string): TileMatrix | null {
  if (!existsSync(journalPath(folder))) return null;
  const journal = new Journal(journalPath(folder), { readOnly: true });
  try {
    const settings = journal.settings();
    if (settings === null) return null;
    return parseTileMatrixSet(JSON.parse(settings.tmsDefinition)).matrix(settings.z);
  } finally {
    journal.close();
  }
}

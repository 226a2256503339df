/**
 * Slices that are staged together, and the pool of their rows in memory. A tile is built as soon as all
 * slices that may touch it are staged; what the pool has no room for, and rows of tiles that can't be
 * built here, go to shuffle files. Says what to do next, and is told what came of it.
 */

import { createHash } from 'node:crypto';
import type { TileKey } from '../../tms/tile-keys.ts';
import type { TileRows } from '../rows/row-chunks.ts';
import { mostAttributes, stagedColumn, uniteColumns } from '../rows/schema-union.ts';
import type { Segment } from '../rows/shuffle-format.ts';
import type { SliceRows } from '../rows/shuffle-writer.ts';
import type { SliceStatistics } from '../rows/slice-statistics.ts';
import type { SpillReason } from '../telling/spilled-rows.ts';
import { type BuiltTile, PART_FIELDS, type RecordWriter } from './record.ts';
import type {
  BuildInput,
  BuildPart,
  BuildStep,
  GroupInput,
  GroupSlice,
  SpillStep,
  Step,
  TileToBuild,
} from './steps.ts';

/** Of the tiles that one step builds, unless one is larger. */
export const BUILD_BYTES = 8 << 20;
const BUILD_TILES = 64;
/** Rows of a slice take so much more memory than it has bytes, roughly. */
const ROWS_PER_BYTE = 1.5;
/** Shares of the memory: above the first, rows are spilled until the second is reached. */
export const FULL = 0.75;
export const EASED = 0.5;
/** Of the rows that one step spills, so that several workers do it and memory comes back bit by bit. */
const SPILL_BYTES = 64 << 20;

export interface GroupOptions {
  inputs: readonly GroupInput[];
  /** In the order in which they are to be staged. */
  slices: readonly GroupSlice[];
  /** See tile-keys.ts. */
  keyOf: (x: number, y: number) => TileKey;
  /** Name of the staged format. */
  format: string;
  /** Whether a tile may be built in this group: no other one may touch it, and it keeps no rows. */
  mayBuild: (key: TileKey) => boolean;
  /** Why it may not. */
  whyNot: (key: TileKey) => SpillReason;
  /** Bytes that rows may take in memory, and bytes of a slice, roughly. */
  memory: number;
  sliceBytes: number;
  record: RecordWriter;
}

/** A tile that has rows. */
interface PooledTile {
  key: TileKey;
  x: number;
  y: number;
  parts: BuildPart[];
  memory: number;
  /** Parts that are being spilled. */
  leaving: number;
}

export class Group {
  readonly #options: GroupOptions;
  readonly #tiles = new Map<TileKey, PooledTile>();
  /** How many slices that may touch a tile are not staged yet. */
  readonly #outstanding = new Map<TileKey, number>();
  /** How many of those of which nothing is known are not. */
  #unknown = 0;
  /** Tiles that are complete as far as is known, and can be built. */
  readonly #ready: PooledTile[] = [];
  readonly #built = new Set<TileKey>();
  /** Places of slices in the order of rows. */
  readonly #ranks: Int32Array;
  /** Classes of odd values that each input has had so far, and as the record has them. */
  readonly #odd: number[][];
  readonly #told: string[] = [];
  readonly #failed = new Set<number>();
  readonly #fitsAll: boolean;
  #nextSlice = 0;
  /** Steps under way: that stage, and others. */
  #staging = 0;
  #working = 0;
  /** Bytes of memory: in the pool, and with steps. */
  #held = 0;
  #leaving = 0;
  /** Whether memory was full, and has not been eased yet. */
  #isEasing = false;
  /** Tiles in the order in which they are spilled meanwhile. */
  #toSpill: PooledTile[] = [];
  /** Numbers of the slices in the record, as far as they were staged, and the way back. */
  readonly #recorded: number[] = [];
  readonly #sliceOf: number[] = [];

  constructor(options: GroupOptions) {
    const { inputs, slices, format } = options;
    this.#options = options;
    this.#odd = inputs.map(({ columns }) => new Array<number>(columns.length).fill(0));
    this.#fitsAll =
      uniteColumns(inputs.map(({ columns }) => columns)).length <= mostAttributes(format);
    this.#ranks = ranksOf(inputs, slices);
    for (const { tiles } of slices) {
      if (tiles === null) this.#unknown++;
      for (const key of tiles ?? []) {
        this.#outstanding.set(key, (this.#outstanding.get(key) ?? 0) + 1);
      }
    }
  }

  /** What to do now; undefined while that depends on steps under way, null when all is done. */
  next(): Step | null | undefined {
    const step = this.#build() ?? this.#spill() ?? this.#stage();
    if (step !== undefined) return step;
    if (this.#staging > 0 || this.#nextSlice < this.#options.slices.length) return undefined;
    // All are staged. What is left waited for a slice that did not touch it after all, or can't be built.
    for (const tile of this.#tiles.values()) this.#offer(tile);
    return (
      this.#build() ??
      this.#spillOf(this.#tiles.values(), 0) ??
      (this.#working > 0 ? undefined : null)
    );
  }

  #stage(): Step | undefined {
    const { slices, memory, sliceBytes } = this.#options;
    while (this.#nextSlice < slices.length) {
      const slice = this.#nextSlice;
      const coming = (this.#staging + 1) * sliceBytes * ROWS_PER_BYTE;
      const isBusy = this.#staging + this.#working > 0;
      const isFailed = this.#failed.has(slices[slice]!.input);
      if (!isFailed && isBusy && this.#held + this.#leaving + coming > memory) return undefined;
      this.#nextSlice++;
      this.#staging++;
      if (!isFailed) return { stage: slice };
      this.ended(slice);
    }
    return undefined;
  }

  /** Takes what a slice was staged into. */
  staged(slice: number, statistics: SliceStatistics, tiles: readonly TileRows[]): void {
    const { slices, inputs, record } = this.#options;
    const { key, input } = slices[slice]!;
    if (!this.#failed.has(input)) {
      const odd = this.#odd[input]!;
      for (const [c, classes] of statistics.oddClasses.entries()) odd[c]! |= classes;
      record.add({ slice: { key, input: inputs[input]!.name, statistics } });
      const number = record.slices - 1;
      this.#recorded[slice] = number;
      this.#sliceOf[number] = slice;
      for (const rows of tiles) this.#add({ input, slice, rows });
    }
    this.ended(slice);
  }

  #add(part: BuildPart & { rows: TileRows }): void {
    const { x, y, memory } = part.rows;
    const tile = this.#tileAt(x, y);
    tile.parts.push(part);
    tile.memory += memory;
    this.#held += memory;
  }

  #tileAt(x: number, y: number): PooledTile {
    const key = this.#options.keyOf(x, y);
    let tile = this.#tiles.get(key);
    if (tile === undefined) {
      tile = { key, x, y, parts: [], memory: 0, leaving: 0 };
      this.#tiles.set(key, tile);
    }
    return tile;
  }

  /** Says that no rows come from the slice, or no more. */
  ended(slice: number): void {
    this.#staging--;
    const { tiles } = this.#options.slices[slice]!;
    for (const key of tiles ?? []) {
      this.#outstanding.set(key, this.#outstanding.get(key)! - 1);
      const tile = this.#tiles.get(key);
      if (tile !== undefined && this.#isComplete(tile)) this.#offer(tile);
    }
    if (tiles !== null || --this.#unknown > 0) return;
    for (const tile of this.#tiles.values()) if (this.#isComplete(tile)) this.#offer(tile);
  }

  #isComplete({ key }: PooledTile): boolean {
    return this.#unknown === 0 && this.#outstanding.get(key) === 0;
  }

  /** Has the tile built, if that can be done now. */
  #offer(tile: PooledTile): void {
    if (tile.leaving === 0 && this.#isBuildable(tile)) this.#ready.push(tile);
  }

  #isBuildable(tile: PooledTile): boolean {
    return !this.#isForFiles(tile) && this.#fits(tile);
  }

  /** Whether the tile can have all columns of its rows. */
  #fits({ parts }: PooledTile): boolean {
    if (this.#fitsAll) return true;
    const { inputs, format } = this.#options;
    const its = [...new Set(parts.map(({ input }) => input))];
    return uniteColumns(its.map((i) => inputs[i]!.columns)).length <= mostAttributes(format);
  }

  /** Takes an input out: its rows in memory go, and those in files do not count. */
  fail(input: number): void {
    this.#failed.add(input);
    for (const tile of this.#tiles.values()) {
      const gone = tile.parts.filter((part) => part.input === input);
      if (gone.length === 0) continue;
      tile.parts = tile.parts.filter((part) => part.input !== input);
      const memory = memoryOf(gone);
      tile.memory -= memory;
      this.#held -= memory;
      if (tile.parts.length + tile.leaving === 0) this.#tiles.delete(tile.key);
    }
  }

  #build(): BuildStep | undefined {
    const build: TileToBuild[] = [];
    const inputs: Record<number, BuildInput> = {};
    let memory = 0;
    while (this.#ready.length > 0 && memory < BUILD_BYTES && build.length < BUILD_TILES) {
      const tile = this.#ready.pop()!;
      // It may have been offered twice, or have lost its rows with an input that failed.
      if (this.#tiles.get(tile.key) !== tile) continue;
      this.#tiles.delete(tile.key);
      this.#built.add(tile.key);
      memory += tile.memory;
      build.push(this.#toBuild(tile, inputs));
    }
    if (build.length === 0) return undefined;
    this.#leave(memory);
    return { build, inputs, memory };
  }

  #toBuild({ x, y, parts }: PooledTile, inputs: Record<number, BuildInput>): TileToBuild {
    parts.sort((a, b) => this.#ranks[a.slice]! - this.#ranks[b.slice]!);
    const hash = createHash('sha256').update(`${x} ${y}`);
    for (const { input, slice } of parts) {
      inputs[input] ??= this.#columnsOf(input);
      hash.update(`${this.#options.slices[slice]!.key} ${this.#told[input]} `);
    }
    return { x, y, file: `${hash.digest('hex').slice(0, 32)}.tile`, parts };
  }

  /** The input's columns by the values that it has had so far, which the record tells. */
  #columnsOf(input: number): BuildInput {
    const { name, columns } = this.#options.inputs[input]!;
    const oddClasses = this.#odd[input]!;
    const told = oddClasses.join();
    if (this.#told[input] !== told) {
      this.#told[input] = told;
      this.#options.record.add({ columns: { input: name, oddClasses: [...oddClasses] } });
    }
    const own = columns.map((column, c) => stagedColumn(column, oddClasses[c]!));
    return { name, recordColumns: columns, columns: own };
  }

  /** Takes the tiles that a step has built, in its order. */
  built(step: BuildStep, tiles: readonly BuiltTile[]): void {
    this.#return(step);
    for (const { parts, ...tile } of tiles) {
      const numbered = parts.map((field, k) =>
        k % PART_FIELDS === 0 ? this.#recorded[field]! : field,
      );
      this.#options.record.add({ built: { ...tile, parts: numbered } });
    }
  }

  #spill(): SpillStep | undefined {
    const { memory } = this.#options;
    const wasEasing = this.#isEasing;
    this.#isEasing = this.#held > (wasEasing ? EASED : FULL) * memory;
    if (!this.#isEasing) {
      this.#toSpill = [];
      return undefined;
    }
    const most = EASED * memory;
    // Put in order once until memory is eased, unless those that were there then are not enough.
    const step = wasEasing ? this.#spillOf(this.#toSpill, most) : undefined;
    if (step !== undefined) return step;
    this.#toSpill = this.#byWait();
    return this.#spillOf(this.#toSpill, most);
  }

  /** First the tiles that can't be built here anyway, then those that would wait longest. */
  #byWait(): PooledTile[] {
    const wait = ({ key }: PooledTile): number =>
      this.#built.has(key) || !this.#options.mayBuild(key)
        ? Number.POSITIVE_INFINITY
        : (this.#outstanding.get(key) ?? 0) + this.#unknown;
    const tiles = [...this.#tiles.values()].map((tile) => ({ tile, wait: wait(tile) }));
    tiles.sort((a, b) =>
      a.wait === b.wait ? b.tile.memory - a.tile.memory : b.wait > a.wait ? 1 : -1,
    );
    return tiles.map(({ tile }) => tile);
  }

  /** Spills rows of these tiles, one after the other, until so much memory is held: one step of it. */
  #spillOf(tiles: Iterable<PooledTile>, most: number): SpillStep | undefined {
    const spill: SliceRows[] = [];
    const why: SpillStep['why'] = {};
    let memory = 0;
    const isEnough = (): boolean => memory >= SPILL_BYTES || this.#held - memory <= most;
    for (const tile of tiles) {
      if (isEnough()) break;
      // Of what was put in order before, some may be spilled by now, or built.
      if (tile.memory === 0 || this.#tiles.get(tile.key) !== tile) continue;
      const stay: BuildPart[] = [];
      const reason = this.#whySpilled(tile);
      for (const part of tile.parts) {
        if (!('rows' in part) || isEnough()) {
          stay.push(part);
          continue;
        }
        why[reason] = (why[reason] ?? 0) + part.rows.ends.reduce((sum, end) => sum + end, 0);
        spill.push({ ...part.rows, slice: this.#recorded[part.slice]! });
        memory += part.rows.memory;
        tile.memory -= part.rows.memory;
        tile.leaving++;
      }
      tile.parts = stay;
      if (this.#isForFiles(tile) && tile.memory === 0) this.#tiles.delete(tile.key);
    }
    if (spill.length === 0) return undefined;
    this.#leave(memory);
    return { spill, why, memory };
  }

  #whySpilled(tile: PooledTile): SpillReason {
    const { mayBuild, whyNot } = this.#options;
    if (this.#built.has(tile.key)) return 'late';
    if (!mayBuild(tile.key)) return whyNot(tile.key);
    return this.#fits(tile) ? 'full' : 'wide';
  }

  /** Whether nothing is to be done any more with rows of the tile that are in files. */
  #isForFiles({ key }: PooledTile): boolean {
    return this.#built.has(key) || !this.#options.mayBuild(key);
  }

  /** Takes what a step has written: one file. */
  spilled(step: SpillStep, shuffle: string, segments: readonly Segment[]): void {
    this.#return(step);
    this.#options.record.add({ shuffle });
    for (const segment of segments) {
      const slice = this.#sliceOf[segment.slice]!;
      const { input } = this.#options.slices[slice]!;
      const tile = this.#tiles.get(this.#options.keyOf(segment.x, segment.y));
      if (tile === undefined || tile.leaving === 0) continue;
      tile.leaving--;
      if (!this.#failed.has(input)) tile.parts.push({ input, slice, shuffle, segment });
      if (tile.parts.length + tile.leaving === 0) this.#tiles.delete(tile.key);
      else if (this.#isComplete(tile)) this.#offer(tile);
    }
  }

  /** A step's rows are lost with the worker that had them; their slices can't be used. */
  lost(step: BuildStep | SpillStep): void {
    this.#return(step);
  }

  #leave(memory: number): void {
    this.#held -= memory;
    this.#leaving += memory;
    this.#working++;
  }

  #return({ memory }: BuildStep | SpillStep): void {
    this.#leaving -= memory;
    this.#working--;
  }
}

function memoryOf(parts: readonly BuildPart[]): number {
  return parts.reduce((sum, part) => sum + ('rows' in part ? part.rows.memory : 0), 0);
}

/** The places of slices in the order of rows. */
function ranksOf(inputs: readonly GroupInput[], slices: readonly GroupSlice[]): Int32Array {
  const nameOf = (slice: number): string => inputs[slices[slice]!.input]!.name;
  const order = slices
    .map((_, i) => i)
    .sort((a, b) => {
      const [one, other] = [nameOf(a), nameOf(b)];
      return one < other ? -1 : one > other ? 1 : slices[a]!.start - slices[b]!.start;
    });
  const ranks = new Int32Array(slices.length);
  for (const [rank, slice] of order.entries()) ranks[slice] = rank;
  return ranks;
}

/** Gathers processed features as rows of shuffle-row.ts and writes them out grouped by tile. */

import { writeSync } from 'node:fs';
import { SummedMemory } from '../../core/summed-memory.ts';
import { copyBytes, type FeatureBatch, grow } from '../../geometry/batch.ts';
import { kindOf } from '../../geometry/kind.ts';
import { encodeWkb, wkbLength } from '../../geometry/wkb.ts';
import type { TileList } from '../../tms/tile-list.ts';
import type { TileMatrix } from '../../tms/tile-matrix.ts';
import type { FeatureSink } from './process.ts';
import {
  DIRECTORY_FIELDS,
  endCrc,
  HEADER_BYTES,
  partitionOf,
  SHUFFLE_HEADER,
  type SliceStatistics,
} from './shuffle-format.ts';
import { ROW_HEADER, rowLength, writeRowHeader } from './shuffle-row.ts';

/** Rows are held in memory up to this many bytes, then written as a run. */
export const ARENA_BYTES = 72 << 20;
const OUTPUT_BYTES = 4 << 20;

/** A tile that rows of the current run are in. */
interface OpenTile {
  x: number;
  y: number;
  partition: number;
  rows: number;
  bytes: number;
  geometry: number;
}

/**
 * Memory for the rows of a task. It starts small, so that small inputs do not cost what big ones do,
 * and stays as large as it has become.
 */
export class RowArena {
  bytes = new Uint8Array(4 << 20);
  view = new DataView(this.bytes.buffer);

  /** @param used - bytes that stay */
  grow(used: number, size: number): void {
    const grown = new Uint8Array(size);
    grown.set(this.bytes.subarray(0, used));
    this.bytes = grown;
    this.view = new DataView(grown.buffer);
  }
}

/** Of the call that writes a run, within which no other task has its turn. */
let output: SummedMemory | undefined;

export class ShuffleWriter implements FeatureSink {
  featuresStaged = 0;
  rows = 0;
  /** Milliseconds that writing runs has taken before `finish`, and bytes of all rows. */
  spillMs = 0;
  bytes = 0;
  readonly #fd: number;
  readonly #matrix: TileMatrix;
  readonly #arena: RowArena;
  readonly #tiles: OpenTile[] = [];
  readonly #tileIndex = new Map<number, number>();
  readonly #lengths = { types: 0, body: 0, geometry: 0 };
  readonly #home = { column: -1, row: -1 };
  #used = 0;
  #runRows = 0;
  #rowTile = new Int32Array(1 << 14);
  #rowOffset = new Int32Array(1 << 14);
  readonly #directory: number[] = [];
  #written = HEADER_BYTES;

  /**
   * @param fd - an empty file, open for writing
   * @param arena - nobody else's while this one writes
   */
  constructor(fd: number, matrix: TileMatrix, arena: RowArena) {
    this.#fd = fd;
    this.#arena = arena;
    writeFully(fd, SHUFFLE_HEADER);
    this.#matrix = matrix;
  }

  add(
    batch: FeatureBatch,
    i: number,
    bounds: Float64Array,
    measures: Float64Array,
    tiles: TileList,
  ): void {
    this.featuresStaged++;
    const column = this.#matrix.column(measures[1]!);
    const row = this.#matrix.row(measures[2]!);
    const { matrixWidth, matrixHeight } = this.#matrix;
    // A feature that sticks out of the TileMatrixSet may have its centroid outside.
    const inside = column >= 0 && column < matrixWidth && row >= 0 && row < matrixHeight;
    this.#home.column = inside ? this.#matrix.tileColumn(column, row) : -1;
    this.#home.row = inside ? row : -1;
    for (let k = 0; k < tiles.length; k++) {
      this.#addRow(batch, i, bounds, measures, tiles.columns[k]!, tiles.rows[k]!);
    }
  }

  #addRow(
    batch: FeatureBatch,
    i: number,
    bounds: Float64Array,
    measures: Float64Array,
    x: number,
    y: number,
  ): void {
    const typesStart = batch.typeOffsets[i]!;
    const bodyStart = batch.bodyOffsets[i]!;
    const typesLength = batch.typeOffsets[i + 1]! - typesStart;
    const bodyLength = batch.bodyOffsets[i + 1]! - bodyStart;
    const geometryLength = wkbLength(batch, i);
    const length = ROW_HEADER + typesLength + bodyLength + geometryLength;
    this.#reserve(length);
    // After `reserve`, which may write a run and begin a new one.
    const index = this.#openTile(x, y);
    const open = this.#tiles[index]!;
    const start = this.#used;
    const kind = kindOf(batch.flags[i]!);
    const lengths = this.#lengths;
    lengths.types = typesLength;
    lengths.body = bodyLength;
    lengths.geometry = geometryLength;
    const position = batch.positions[i]!;
    const { bytes, view } = this.#arena;
    writeRowHeader(view, start, lengths, kind, position, this.#home, bounds, measures);
    let at = start + ROW_HEADER;
    copyBytes(batch.types, typesStart, typesStart + typesLength, bytes, at);
    at += typesLength;
    copyBytes(batch.body, bodyStart, bodyStart + bodyLength, bytes, at);
    encodeWkb(batch, i, bytes, view, at + bodyLength);

    this.#used = start + length;
    open.rows++;
    open.bytes += length;
    open.geometry |= kind;
    if (this.#runRows === this.#rowTile.length) {
      this.#rowTile = grow(this.#rowTile, this.#runRows + 1);
      this.#rowOffset = grow(this.#rowOffset, this.#runRows + 1);
    }
    this.#rowTile[this.#runRows] = index;
    this.#rowOffset[this.#runRows++] = start;
    this.rows++;
  }

  #key(x: number, y: number): number {
    return y * this.#matrix.matrixWidth + x;
  }

  #openTile(x: number, y: number): number {
    const key = this.#key(x, y);
    let index = this.#tileIndex.get(key);
    if (index === undefined) {
      index = this.#tiles.length;
      this.#tiles.push({ x, y, partition: partitionOf(x, y), rows: 0, bytes: 0, geometry: 0 });
      this.#tileIndex.set(key, index);
    }
    return index;
  }

  /** Room for `bytes` more; writes a run first when the arena would grow too large. */
  #reserve(bytes: number): void {
    const arena = this.#arena;
    if (this.#used + bytes <= arena.bytes.length) return;
    if (this.#used > 0 && this.#used + bytes > ARENA_BYTES) {
      const started = performance.now();
      this.#writeRun();
      this.spillMs += performance.now() - started;
    }
    const { length } = arena.bytes;
    if (this.#used + bytes <= length) return;
    arena.grow(this.#used, Math.max(Math.min(2 * length, ARENA_BYTES), this.#used + bytes));
  }

  #writeRun(): void {
    const order = this.#tiles
      .map((tile, index) => ({ tile, index }))
      .filter(({ tile }) => tile.rows > 0)
      .sort(
        (a, b) => a.tile.partition - b.tile.partition || a.tile.y - b.tile.y || a.tile.x - b.tile.x,
      );
    // Counting sort of the rows by tile; rows of a tile stay in their order.
    const next = new Int32Array(this.#tiles.length);
    let at = 0;
    for (const { tile, index } of order) {
      next[index] = at;
      at += tile.rows;
    }
    const sorted = new Int32Array(this.#runRows);
    for (let r = 0; r < this.#runRows; r++)
      sorted[next[this.#rowTile[r]!]!++] = this.#rowOffset[r]!;
    const out = new BlockWriter(this.#fd);
    const { bytes, view } = this.#arena;
    let row = 0;
    for (const { tile } of order) {
      for (const end = row + tile.rows; row < end; row++) {
        const offset = sorted[row]!;
        out.write(bytes, offset, offset + rowLength(view, offset));
      }
      this.#directory.push(tile.partition, tile.x, tile.y, tile.geometry, tile.rows);
      this.#directory.push(this.#written, tile.bytes, out.takeSum());
      this.#written += tile.bytes;
    }
    out.flush();
    this.#tiles.length = 0;
    this.#tileIndex.clear();
    this.#used = 0;
    this.#runRows = 0;
  }

  /** Tiles of all runs. */
  get tiles(): number {
    return this.#directory.length / DIRECTORY_FIELDS;
  }

  /** Writes what is left, the directory and the statistics. */
  finish(statistics: SliceStatistics): void {
    if (this.#runRows > 0) this.#writeRun();
    this.bytes = this.#written - HEADER_BYTES;
    const directory = Float64Array.from(this.#directory);
    const json = new TextEncoder().encode(JSON.stringify(statistics));
    const end = Buffer.concat([new Uint8Array(directory.buffer), json]);
    const entries = directory.length / DIRECTORY_FIELDS;
    const trailer = Float64Array.of(this.#written, entries, json.length, 0);
    trailer[3] = endCrc(end, trailer);
    writeFully(this.#fd, end);
    writeFully(this.#fd, new Uint8Array(trailer.buffer));
  }
}

/** Gathers small pieces into large writes at the end of the file. */
class BlockWriter {
  readonly #fd: number;
  readonly #memory: SummedMemory;
  #filled = 0;
  /** Up to where the block is in the sum. */
  #summed = 0;

  constructor(fd: number) {
    this.#fd = fd;
    this.#memory = output ??= new SummedMemory(OUTPUT_BYTES);
    this.#memory.begin();
  }

  write(bytes: Uint8Array, start: number, end: number): void {
    let from = start;
    for (let room = this.#room; end - from > room; room = this.#room) {
      this.#append(bytes.subarray(from, from + room));
      from += room;
      this.flush();
    }
    this.#append(bytes.subarray(from, end));
  }

  get #room(): number {
    return OUTPUT_BYTES - this.#filled;
  }

  #append(bytes: Uint8Array): void {
    this.#memory.bytes.set(bytes, this.#filled);
    this.#filled += bytes.length;
  }

  /** The checksum of what was written since it was taken before. */
  takeSum(): number {
    const sum = this.#memory.sum(this.#summed, this.#filled);
    this.#memory.begin();
    this.#summed = this.#filled;
    return sum;
  }

  /** Writes what is in the sum: all of it after `takeSum`, else a few bytes less. */
  flush(): void {
    const { bytes } = this.#memory;
    const end = this.#memory.add(this.#summed, this.#filled);
    writeFully(this.#fd, bytes.subarray(0, end));
    bytes.copyWithin(0, end, this.#filled);
    this.#filled -= end;
    this.#summed = 0;
  }
}

function writeFully(fd: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
}

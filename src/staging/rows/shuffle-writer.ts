/** Gathers processed features as finished records and writes them out grouped by tile. */

import { writeSync } from 'node:fs';
import { SummedMemory } from '../../core/summed-memory.ts';
import { blobLength, encodeBlob } from '../../formats/geopackage/geometry-blob.ts';
import { recordHeaderLength } from '../../formats/sqlite/database-writer.ts';
import { varintLength, writeVarint } from '../../formats/sqlite/record.ts';
import { copyBytes, type FeatureBatch, grow, HAS_Z, MULTI } from '../../geometry/batch.ts';
import type { TileList } from '../../tms/tile-list.ts';
import type { TileMatrix } from '../../tms/tile-matrix.ts';
import { tileLabel } from '../../tms/tile-path.ts';
import { IDENTIFIER_LENGTH, IdentifierWriter } from './identifier.ts';
import type { FeatureSink } from './process.ts';
import {
  DIRECTORY_FIELDS,
  endCrc,
  GEOMETRY_MULTI,
  GEOMETRY_POLYGON,
  GEOMETRY_XY,
  GEOMETRY_XYZ,
  HEADER_BYTES,
  partitionOf,
  ROW_HEADER,
  SHUFFLE_HEADER,
  type SliceStatistics,
} from './shuffle-format.ts';

/** Rows are held in memory up to this many bytes, then written as a run. */
const ARENA_BYTES = 72 << 20;
const OUTPUT_BYTES = 4 << 20;
const REAL = 7;

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
 * A worker stages one slice after the other: their memory is kept. The arena starts small, so that
 * small inputs do not cost what big ones do.
 */
let arena = new Uint8Array(4 << 20);
let arenaView = new DataView(arena.buffer);
let output: SummedMemory | undefined;

export class ShuffleWriter implements FeatureSink {
  featuresStaged = 0;
  rows = 0;
  /** Milliseconds that writing runs has taken before `finish`, and bytes of all rows. */
  spillMs = 0;
  bytes = 0;
  readonly #fd: number;
  readonly #matrix: TileMatrix;
  readonly #srsId: number;
  readonly #filename: Uint8Array;
  readonly #identifiers: IdentifierWriter;
  /** The serial types of the added properties: 8 varints; the texts' lengths vary. */
  readonly #types = new Uint8Array(64);
  readonly #tiles: OpenTile[] = [];
  readonly #tileIndex = new Map<number, number>();
  readonly #labels = new Map<number, Uint8Array>();
  /** The label that was asked for last: neighbours in a file are mostly in one tile. */
  #lastKey = -1;
  #lastLabel: Uint8Array = new Uint8Array(0);
  #used = 0;
  #runRows = 0;
  #rowTile = new Int32Array(1 << 14);
  #rowOffset = new Int32Array(1 << 14);
  readonly #directory: number[] = [];
  #written = HEADER_BYTES;

  /**
   * @param fd - an empty file, open for writing
   * @param srsId - srs_id of the geometries
   * @param input - name of the input, as in `staging_filename`
   */
  constructor(fd: number, matrix: TileMatrix, srsId: number, input: string) {
    this.#fd = fd;
    writeFully(fd, SHUFFLE_HEADER);
    this.#matrix = matrix;
    this.#srsId = srsId;
    this.#filename = new TextEncoder().encode(input);
    this.#identifiers = new IdentifierWriter(input);
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
    const homeColumn = inside ? this.#matrix.tileColumn(column, row) : -1;
    const home = inside ? this.#label(homeColumn, row) : null;
    for (let k = 0; k < tiles.length; k++) {
      const x = tiles.columns[k]!;
      const y = tiles.rows[k]!;
      const within = x === homeColumn && y === row;
      this.#addRow(batch, i, bounds, measures, x, y, home, within);
    }
  }

  #addRow(
    batch: FeatureBatch,
    i: number,
    bounds: Float64Array,
    measures: Float64Array,
    x: number,
    y: number,
    home: Uint8Array | null,
    within: boolean,
  ): void {
    const label = this.#label(x, y);
    const typesStart = batch.typeOffsets[i]!;
    const typesEnd = batch.typeOffsets[i + 1]!;
    const bodyStart = batch.bodyOffsets[i]!;
    const bodyEnd = batch.bodyOffsets[i + 1]!;
    const blob = blobLength(batch, i);
    const blobType = 12 + 2 * blob;
    const homeLength = home === null ? 0 : home.length;
    const added = this.#writeTypes(home, label, within);
    const header = recordHeaderLength(1 + varintLength(blobType) + typesEnd - typesStart + added);
    const texts = this.#filename.length + IDENTIFIER_LENGTH + homeLength + label.length;
    const length = header + blob + (bodyEnd - bodyStart) + 24 + texts;
    this.#reserve(ROW_HEADER + length);
    // After `reserve`, which may write a run and begin a new one.
    const index = this.#openTile(x, y);
    const open = this.#tiles[index]!;
    const start = this.#used;
    const bytes = arena;
    const view = arenaView;
    view.setUint32(start, length, true);
    view.setFloat64(start + 4, measures[0]!, true);
    let at = writeVarint(bytes, start + ROW_HEADER, header);
    bytes[at++] = 0;
    at = writeVarint(bytes, at, blobType);
    copyBytes(batch.types, typesStart, typesEnd, bytes, at);
    at += typesEnd - typesStart;
    copyBytes(this.#types, 0, added, bytes, at);
    at = encodeBlob(batch, i, this.#srsId, bounds, bytes, view, start + ROW_HEADER + header);
    copyBytes(batch.body, bodyStart, bodyEnd, bytes, at);
    at += bodyEnd - bodyStart;
    view.setFloat64(at, measures[0]!);
    view.setFloat64(at + 8, measures[1]!);
    view.setFloat64(at + 16, measures[2]!);
    at += 24;
    copyBytes(this.#filename, 0, this.#filename.length, bytes, at);
    at += this.#filename.length;
    this.#identifiers.write(batch.positions[i]!, bytes, at);
    at += IDENTIFIER_LENGTH;
    if (home !== null) copyBytes(home, 0, homeLength, bytes, at);
    at += homeLength;
    copyBytes(label, 0, label.length, bytes, at);

    this.#used = start + ROW_HEADER + length;
    open.rows++;
    open.bytes += ROW_HEADER + length;
    const flags = batch.flags[i]!;
    open.geometry |= flags & MULTI ? GEOMETRY_MULTI : GEOMETRY_POLYGON;
    open.geometry |= flags & HAS_Z ? GEOMETRY_XYZ : GEOMETRY_XY;
    if (this.#runRows === this.#rowTile.length) {
      this.#rowTile = grow(this.#rowTile, this.#runRows + 1);
      this.#rowOffset = grow(this.#rowOffset, this.#runRows + 1);
    }
    this.#rowTile[this.#runRows] = index;
    this.#rowOffset[this.#runRows++] = start;
    this.rows++;
  }

  /** Serial types of the eight properties; returns their length in bytes. */
  #writeTypes(home: Uint8Array | null, label: Uint8Array, within: boolean): number {
    const types = this.#types;
    types[0] = types[1] = types[2] = REAL;
    let at = writeVarint(types, 3, 13 + 2 * this.#filename.length);
    at = writeVarint(types, at, 13 + 2 * IDENTIFIER_LENGTH);
    at = writeVarint(types, at, home === null ? 0 : 13 + 2 * home.length);
    at = writeVarint(types, at, 13 + 2 * label.length);
    types[at] = within ? 9 : 8;
    return at + 1;
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

  #label(x: number, y: number): Uint8Array {
    const key = this.#key(x, y);
    if (key === this.#lastKey) return this.#lastLabel;
    let label = this.#labels.get(key);
    if (label === undefined) {
      label = new TextEncoder().encode(tileLabel(x, y, this.#matrix.z));
      this.#labels.set(key, label);
    }
    this.#lastKey = key;
    this.#lastLabel = label;
    return label;
  }

  /** Room for `bytes` more; writes a run first when the arena would grow too large. */
  #reserve(bytes: number): void {
    if (this.#used + bytes <= arena.length) return;
    if (this.#used > 0 && this.#used + bytes > ARENA_BYTES) {
      const started = performance.now();
      this.#writeRun();
      this.spillMs += performance.now() - started;
    }
    if (this.#used + bytes <= arena.length) return;
    const size = Math.max(Math.min(2 * arena.length, ARENA_BYTES), this.#used + bytes);
    const grown = new Uint8Array(size);
    grown.set(arena.subarray(0, this.#used));
    arena = grown;
    arenaView = new DataView(grown.buffer);
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
    let row = 0;
    for (const { tile } of order) {
      for (const end = row + tile.rows; row < end; row++) {
        const offset = sorted[row]!;
        out.write(arena, offset, offset + ROW_HEADER + arenaView.getUint32(offset, true));
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

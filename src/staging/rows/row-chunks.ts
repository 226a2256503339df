/**
 * Rows in memory, by tile, as chunks: pieces of memory that go from thread to thread without being
 * copied. A row (see shuffle-row.ts) lies in one chunk.
 *
 * The memory is shared, though one thread at a time has it: memory that is moved counts as new in each
 * thread that it comes to, which makes these collect garbage for nothing.
 */

import { copyBytes, type FeatureBatch } from '../../geometry/batch.ts';
import { kindOf } from '../../geometry/kind.ts';
import { encodeWkb, wkbLength } from '../../geometry/wkb.ts';
import { type TileKey, tileKeys } from '../../tms/tile-keys.ts';
import type { TileList } from '../../tms/tile-list.ts';
import type { TileMatrix } from '../../tms/tile-matrix.ts';
import type { FeatureSink } from './process.ts';
import { ROW_HEADER, rowLength, ShuffleRow, writeRowHeader } from './shuffle-row.ts';

/** Of a chunk that others follow, unless its only row is longer. */
const CHUNK_BYTES = 64 << 10;
/** Of a tile's first chunk, as most tiles of a small input get a few rows; and growth of the next ones. */
const FIRST_BYTES = 2 << 10;
const GROWTH = 4;
const LENGTHS = [FIRST_BYTES, 8 << 10, 32 << 10, CHUNK_BYTES];
/** Bytes of unused chunks that a thread keeps. */
const MOST_IDLE = 64 << 20;

export type ChunkMemory = SharedArrayBuffer;

interface Chunk {
  bytes: Uint8Array<SharedArrayBuffer>;
  view: DataView;
}

/** Rows of one tile from one slice, in their order. */
export interface TileRows {
  x: number;
  y: number;
  rows: number;
  /** GEOMETRY_… bits that occur. */
  geometry: number;
  chunks: ChunkMemory[];
  /** Bytes of each chunk that are rows. */
  ends: number[];
  /** Bytes of all chunks. */
  memory: number;
}

/** Of the thread: chunks that nobody needs at the moment, of the usual lengths. */
const idle: ReadonlyMap<number, ChunkMemory[]> = new Map(
  LENGTHS.map((length): [number, ChunkMemory[]] => [length, []]),
);
let idleBytes = 0;

function newChunk(length: number): Chunk {
  let buffer = idle.get(length)?.pop();
  if (buffer === undefined) buffer = new SharedArrayBuffer(length);
  else idleBytes -= length;
  return { bytes: new Uint8Array(buffer), view: new DataView(buffer) };
}

/** Takes chunks back whose rows are not needed any more. */
export function releaseChunks(chunks: Iterable<ChunkMemory>): void {
  for (const chunk of chunks) {
    const same = idle.get(chunk.byteLength);
    if (same === undefined || idleBytes >= MOST_IDLE) continue;
    same.push(chunk);
    idleBytes += chunk.byteLength;
  }
}

/** Takes all unused chunks from this thread. */
export function takeUnused(): ChunkMemory[] {
  const all = [...idle.values()].flatMap((same) => same.splice(0));
  idleBytes = 0;
  return all;
}

/** A tile while rows come. */
interface OpenTile extends TileRows {
  chunk: Chunk;
  /** Bytes of the current chunk that are rows. */
  at: number;
}

/** Gathers processed features. */
export class ChunkWriter implements FeatureSink {
  featuresStaged = 0;
  rows = 0;
  /** Of all rows. */
  bytes = 0;
  readonly #matrix: TileMatrix;
  readonly #tiles = new Map<TileKey, OpenTile>();
  readonly #keyOf: (x: number, y: number) => TileKey;
  readonly #lengths = { types: 0, body: 0, geometry: 0 };
  readonly #home = { column: -1, row: -1 };
  /** The tile of the row before, which is mostly that of the next one. */
  #last: OpenTile | undefined;

  constructor(matrix: TileMatrix) {
    this.#matrix = matrix;
    this.#keyOf = tileKeys(matrix);
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
    const open = this.#openTile(x, y, length);
    const kind = kindOf(batch.flags[i]!);
    const lengths = this.#lengths;
    lengths.types = typesLength;
    lengths.body = bodyLength;
    lengths.geometry = geometryLength;
    const start = open.at;
    const { bytes, view } = open.chunk;
    writeRowHeader(view, start, lengths, kind, batch.positions[i]!, this.#home, bounds, measures);
    let at = start + ROW_HEADER;
    copyBytes(batch.types, typesStart, typesStart + typesLength, bytes, at);
    at += typesLength;
    copyBytes(batch.body, bodyStart, bodyStart + bodyLength, bytes, at);
    encodeWkb(batch, i, bytes, view, at + bodyLength);
    open.at = start + length;
    open.rows++;
    open.geometry |= kind;
    this.rows++;
    this.bytes += length;
  }

  /** The tile, with room for a row of this length. */
  #openTile(x: number, y: number, length: number): OpenTile {
    let open = this.#last;
    if (open === undefined || x !== open.x || y !== open.y) {
      const key = this.#keyOf(x, y);
      open = this.#tiles.get(key) ?? this.#newTile(key, x, y, length);
      this.#last = open;
    }
    const size = open.chunk.bytes.length;
    if (open.at + length > size) {
      open.ends.push(open.at);
      open.chunk = newChunk(Math.max(length, Math.min(CHUNK_BYTES, GROWTH * size)));
      open.chunks.push(open.chunk.bytes.buffer);
      open.memory += open.chunk.bytes.length;
      open.at = 0;
    }
    return open;
  }

  #newTile(key: TileKey, x: number, y: number, length: number): OpenTile {
    const chunk = newChunk(Math.max(length, FIRST_BYTES));
    const chunks = [chunk.bytes.buffer];
    const memory = chunk.bytes.length;
    const tile = { x, y, rows: 0, geometry: 0, chunks, ends: [], memory, chunk, at: 0 };
    this.#tiles.set(key, tile);
    return tile;
  }

  /** All rows; the writer can't be used afterwards. */
  take(): TileRows[] {
    const all: TileRows[] = [];
    for (const { x, y, rows, geometry, chunks, ends, memory, at } of this.#tiles.values()) {
      ends.push(at);
      all.push({ x, y, rows, geometry, chunks, ends, memory });
    }
    return all;
  }
}

/**
 * Calls `take` with every row, in order: one object, valid during the call.
 * @throws RangeError if there are others than were written
 */
export function readChunks(
  { x, y, rows, chunks, ends }: TileRows,
  take: (row: ShuffleRow) => void,
): void {
  const row = new ShuffleRow();
  // Out of shared memory the system copies byte by byte, but for what lies at multiples of eight.
  const bytes = new Uint8Array(ends.reduce((most, end) => Math.max(most, end), 0));
  const view = new DataView(bytes.buffer);
  let read = 0;
  let isWhole = true;
  for (const [k, chunk] of chunks.entries()) {
    const end = ends[k]!;
    bytes.set(new Uint8Array(chunk, 0, end));
    let at = 0;
    for (; at < end; at += rowLength(view, at)) {
      row.read(bytes, view, at);
      take(row);
      read++;
    }
    isWhole &&= at === end;
  }
  if (!isWhole || read !== rows)
    throw new RangeError(`Of ${rows} rows of ${x}/${y}, ${read} are in memory`);
}

/**
 * The footprints of a run's inputs, in a file from which tasks read those of the inputs that they meet:
 *
 *   header    `TWfootpr`, uint32 version, uint32 0
 *   shapes    int32 offsets of polygons and rings, padded to 8 bytes, then x, y as doubles
 *   index     JSON, see FootprintIndex
 *   trailer   3 doubles: offset, length and CRC-32 of the index
 *
 * Shapes are in the CRS of the tiles, easting or longitude first.
 */

import { hash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync, renameSync, rmSync, writeSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { TilewrightError } from '../../core/errors.ts';
import { openOwn } from '../../core/files/regular-file.ts';
import { FeatureBatch } from '../../geometry/batch.ts';
import type { Predicate } from '../predicates/predicate.ts';

const MAGIC = 'TWfootpr';
const VERSION = 1;
const HEADER_BYTES = 16;
const TRAILER_BYTES = 24;

/** Where a shape lies in the file, and how much there is of it. */
export interface ShapeEntry {
  offset: number;
  polygons: number;
  rings: number;
  vertices: number;
  /** Of its bytes, in hex. */
  sha256: string;
  /** minX, minY, maxX, maxY. */
  box: readonly [number, number, number, number];
}

export interface FootprintIndex {
  /** What a feature has to be to its own footprint, or it goes; null: that isn't looked at. */
  clip: Predicate | null;
  /** Whether what lies in the overlap with a better footprint goes. */
  overlaps: boolean;
  shapes: ShapeEntry[];
  /** The shape of each footprint, from the most preferred to the least; without `overlaps` none. */
  footprints: { shape: number }[];
  /**
   * Each input's footprint, and the shape that its features are clipped to: nearly the same, with
   * edges that are straight in the input's CRS. Null for an input without.
   */
  inputs: [name: string, of: { footprint: number; clip: number } | null][];
}

/** Writes the file: shapes first, then what is known when all are written. */
export class FootprintWriter {
  readonly #path: string;
  readonly #fd: number;
  #offset = HEADER_BYTES;
  readonly shapes: ShapeEntry[] = [];

  /** @param path - what lies there is replaced when the file is whole */
  constructor(path: string) {
    this.#path = path;
    this.#fd = openSync(`${path}.tmp`, 'w');
    const header = Buffer.alloc(HEADER_BYTES);
    header.write(MAGIC, 'latin1');
    header.writeUInt32LE(VERSION, 8);
    writeSync(this.#fd, header, 0, HEADER_BYTES, 0);
  }

  /** Adds all features of the batch as one shape; returns its number. */
  add(batch: FeatureBatch): number {
    const { polygonCount: polygons, ringCount: rings, vertexCount: vertices } = batch;
    const ints = new Int32Array(2 * Math.ceil((polygons + rings + 2) / 2));
    ints.set(batch.polygonOffsets.subarray(0, polygons + 1));
    ints.set(batch.ringOffsets.subarray(0, rings + 1), polygons + 1);
    const xy = batch.xy.subarray(0, 2 * vertices);
    const bytes = Buffer.concat([bytesOf(ints), bytesOf(xy)]);
    const entry = { offset: this.#offset, polygons, rings, vertices };
    this.shapes.push({ ...entry, sha256: hash('sha256', bytes), box: boxOf(xy) });
    this.#write(bytes);
    return this.shapes.length - 1;
  }

  finish(index: Omit<FootprintIndex, 'shapes'>): void {
    const bytes = Buffer.from(JSON.stringify({ ...index, shapes: this.shapes }));
    const trailer = Float64Array.of(this.#offset, bytes.length, crc32(bytes));
    this.#write(bytes);
    this.#write(bytesOf(trailer));
    closeSync(this.#fd);
    renameSync(`${this.#path}.tmp`, this.#path);
  }

  /** Leaves nothing behind. */
  abandon(): void {
    closeSync(this.#fd);
    rmSync(`${this.#path}.tmp`, { force: true });
  }

  #write(bytes: Uint8Array): void {
    let done = 0;
    while (done < bytes.length) {
      done += writeSync(this.#fd, bytes, done, bytes.length - done, this.#offset + done);
    }
    this.#offset += bytes.length;
  }
}

function bytesOf(array: Int32Array | Float64Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

/** minX, minY, maxX, maxY of interleaved x, y. */
export function boxOf(xy: Float64Array): [number, number, number, number] {
  const box: [number, number, number, number] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let k = 0; k < xy.length; k += 2) {
    box[0] = Math.min(box[0], xy[k]!);
    box[1] = Math.min(box[1], xy[k + 1]!);
    box[2] = Math.max(box[2], xy[k]!);
    box[3] = Math.max(box[3], xy[k + 1]!);
  }
  return box;
}

/** Reads the file. Every method throws TilewrightError staged-folder for a file that is damaged. */
export class FootprintFile {
  readonly #path: string;
  readonly index: FootprintIndex;

  constructor(path: string) {
    this.#path = path;
    this.index = this.#open((fd) => {
      const size = fstatSync(fd).size;
      if (size < HEADER_BYTES + TRAILER_BYTES) throw this.#damaged();
      const header = this.#read(fd, 0, HEADER_BYTES);
      if (header.toString('latin1', 0, 8) !== MAGIC || header.readUInt32LE(8) !== VERSION) {
        throw this.#damaged();
      }
      const trailer = this.#read(fd, size - TRAILER_BYTES, TRAILER_BYTES);
      const [offset, length] = [trailer.readDoubleLE(0), trailer.readDoubleLE(8)];
      if (offset + length + TRAILER_BYTES !== size) throw this.#damaged();
      const bytes = this.#read(fd, offset, length);
      if (crc32(bytes) !== trailer.readDoubleLE(16)) throw this.#damaged();
      return JSON.parse(bytes.toString()) as FootprintIndex;
    });
  }

  /** A shape as the one feature of a batch. */
  shape(number: number): FeatureBatch {
    const { offset, polygons, rings, vertices, sha256 } = this.index.shapes[number]!;
    const intBytes = 8 * Math.ceil((polygons + rings + 2) / 2);
    const bytes = this.#open((fd) => this.#read(fd, offset, intBytes + 16 * vertices));
    if (hash('sha256', bytes) !== sha256) throw this.#damaged();
    const batch = new FeatureBatch();
    batch.beginFeature(1);
    batch.polygonOffsets = new Int32Array(bytes.buffer, bytes.byteOffset, polygons + 1);
    batch.ringOffsets = new Int32Array(
      bytes.buffer,
      bytes.byteOffset + 4 * (polygons + 1),
      rings + 1,
    );
    batch.xy = new Float64Array(bytes.buffer, bytes.byteOffset + intBytes, 2 * vertices);
    batch.polygonCount = polygons;
    batch.ringCount = rings;
    batch.vertexCount = vertices;
    batch.endFeature();
    return batch;
  }

  #open<T>(use: (fd: number) => T): T {
    const fd = openOwn(this.#path);
    try {
      return use(fd);
    } finally {
      closeSync(fd);
    }
  }

  #read(fd: number, offset: number, length: number): Buffer<ArrayBuffer> {
    const bytes = Buffer.from(new ArrayBuffer(length));
    for (let done = 0; done < length; ) {
      const read = readSync(fd, bytes, done, length - done, offset + done);
      if (read === 0) throw this.#damaged();
      done += read;
    }
    return bytes;
  }

  #damaged(): TilewrightError {
    return new TilewrightError(
      'staged-folder',
      `${this.#path} is damaged, or of another version of Tilewright. Run the same command again`,
    );
  }
}

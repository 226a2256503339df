/**
 * The part of TIFF 6.0 (and BigTIFF) that grids of shifts are stored in: directories, and blocks
 * (strips or tiles) of numbers. What is not understood is refused by name.
 */

import { inflateSync, zstdDecompressSync } from 'node:zlib';
import type { GridFile } from './grid-file.ts';

/** Bytes of a value of each field type; those that hold no plain numbers or text are left out. */
const TYPE_BYTES: Readonly<Record<number, number>> = {
  1: 1,
  2: 1,
  3: 2,
  4: 4,
  8: 2,
  9: 4,
  11: 4,
  12: 8,
  13: 4,
  16: 8,
  18: 8,
};
/** Field types of samples, by sample format (1 unsigned, 2 signed, 3 floating) and bits. */
const SAMPLE_TYPES: Readonly<Record<string, number>> = {
  '1 8': 1,
  '1 16': 3,
  '1 32': 4,
  '2 16': 8,
  '2 32': 9,
  '3 32': 11,
  '3 64': 12,
};
const MAX_DIRECTORIES = 10_000;
/** Decoded bytes of a block: files that are made to be read in parts have tiles of 0.5 MB. */
const MAX_BLOCK = 2 ** 26;
/** Decoded blocks that are kept of a file, in bytes. */
const KEPT_BYTES = 2 ** 24;

/** Field types by number: SHORT, LONG and so on. */
interface Field {
  type: number;
  count: number;
  offset: number;
}

export class Directory {
  readonly #file: GridFile;
  readonly #fields: ReadonlyMap<number, Field>;
  readonly isLittle: boolean;

  constructor(file: GridFile, fields: ReadonlyMap<number, Field>, isLittle: boolean) {
    this.#file = file;
    this.#fields = fields;
    this.isLittle = isLittle;
  }

  /** The numbers of a field; none where it is left out. */
  numbers(tag: number): number[] {
    const field = this.#fields.get(tag);
    if (field === undefined) return [];
    const { type, count, offset } = field;
    const size = TYPE_BYTES[type] ?? 0;
    if (size === 0 || type === 2) throw this.#file.refusal(`TIFF tag ${tag} is of type ${type}`);
    const bytes = this.#file.read(offset, count * size);
    return Array.from({ length: count }, (_, i) => numberAt(bytes, i * size, type, this.isLittle));
  }

  number(tag: number, otherwise: number): number {
    return this.numbers(tag)[0] ?? otherwise;
  }

  text(tag: number): string {
    const field = this.#fields.get(tag);
    if (field === undefined) return '';
    return this.#file.read(field.offset, field.count).toString('utf8').replace(/\0.*$/s, '');
  }
}

function numberAt(bytes: Buffer, at: number, type: number, isLittle: boolean): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (type === 3) return view.getUint16(at, isLittle);
  if (type === 8) return view.getInt16(at, isLittle);
  if (type === 4 || type === 13) return view.getUint32(at, isLittle);
  if (type === 9) return view.getInt32(at, isLittle);
  if (type === 11) return view.getFloat32(at, isLittle);
  if (type === 12) return view.getFloat64(at, isLittle);
  if (type === 16 || type === 18) return Number(view.getBigUint64(at, isLittle));
  return view.getUint8(at);
}

/** @throws TilewrightError crs-grid */
export function readDirectories(file: GridFile): Directory[] {
  const head = file.read(0, 16);
  const isLittle = head[0] === 0x49;
  const view = new DataView(head.buffer, head.byteOffset, head.length);
  const isBig = view.getUint16(2, isLittle) === 43;
  const directories: Directory[] = [];
  const seen = new Set<number>();
  let at = isBig ? Number(view.getBigUint64(8, isLittle)) : view.getUint32(4, isLittle);
  while (at !== 0) {
    if (seen.has(at)) throw file.refusal('its TIFF directories go round in a circle');
    if (seen.size === MAX_DIRECTORIES) {
      throw file.refusal(`it has more than ${MAX_DIRECTORIES} TIFF directories`);
    }
    seen.add(at);
    const { fields, next } = readFields(file, at, isLittle, isBig);
    directories.push(new Directory(file, fields, isLittle));
    at = next;
  }
  return directories;
}

function readFields(
  file: GridFile,
  at: number,
  isLittle: boolean,
  isBig: boolean,
): { fields: Map<number, Field>; next: number } {
  const [countBytes, wordBytes] = isBig ? [8, 8] : [2, 4];
  const entryBytes = 4 + 2 * wordBytes;
  const count = numberAt(file.read(at, countBytes), 0, isBig ? 16 : 3, isLittle);
  const bytes = file.read(at + countBytes, count * entryBytes + wordBytes);
  const word = isBig ? 16 : 4;
  const fields = new Map<number, Field>();
  for (let i = 0; i < count; i++) {
    const entry = i * entryBytes;
    const type = numberAt(bytes, entry + 2, 3, isLittle);
    const values = numberAt(bytes, entry + 4, word, isLittle);
    const isInside = values * (TYPE_BYTES[type] ?? 0) <= wordBytes;
    const offset = isInside
      ? at + countBytes + entry + 4 + wordBytes
      : numberAt(bytes, entry + 4 + wordBytes, word, isLittle);
    fields.set(numberAt(bytes, entry, 3, isLittle), { type, count: values, offset });
  }
  return { fields, next: numberAt(bytes, count * entryBytes, word, isLittle) };
}

/** The last decoded blocks of a file: the next page of nodes needs some of them again. */
export class BlockCache {
  readonly #blocks = new Map<number, Float64Array>();
  #bytes = 0;
  #reserved = 0;

  /** @returns the first of so many keys that nobody else has */
  reserve(count: number): number {
    this.#reserved += count;
    return this.#reserved - count;
  }

  get(key: number): Float64Array | undefined {
    return this.#blocks.get(key);
  }

  set(key: number, block: Float64Array): void {
    if (this.#bytes + block.byteLength > KEPT_BYTES) {
      this.#blocks.clear();
      this.#bytes = 0;
    }
    this.#blocks.set(key, block);
    this.#bytes += block.byteLength;
  }
}

/** The numbers of an image, block by block. */
export class Image {
  readonly columns: number;
  readonly rows: number;
  readonly samples: number;
  readonly #file: GridFile;
  readonly #isLittle: boolean;
  readonly #blockColumns: number;
  readonly #blockRows: number;
  readonly #isTiled: boolean;
  readonly #isPlanar: boolean;
  readonly #compression: number;
  readonly #predictor: number;
  readonly #type: number;
  readonly #offsets: number[];
  readonly #lengths: number[];
  readonly #cache: BlockCache;
  /** Of its blocks in the cache. */
  readonly #firstKey: number;

  constructor(file: GridFile, directory: Directory, cache: BlockCache) {
    this.#file = file;
    this.#cache = cache;
    this.#isLittle = directory.isLittle;
    this.columns = directory.number(256, 0);
    this.rows = directory.number(257, 0);
    this.samples = directory.number(277, 1);
    this.#isPlanar = directory.number(284, 1) === 2;
    this.#compression = directory.number(259, 1);
    this.#predictor = directory.number(317, 1);
    this.#type = sampleType(directory, file);
    const tileColumns = directory.number(322, 0);
    this.#isTiled = tileColumns > 0;
    this.#blockColumns = this.#isTiled ? tileColumns : this.columns;
    this.#blockRows = this.#isTiled
      ? directory.number(323, 0)
      : Math.min(this.rows, directory.number(278, this.rows));
    this.#offsets = directory.numbers(this.#isTiled ? 324 : 273);
    this.#lengths = directory.numbers(this.#isTiled ? 325 : 279);
    this.#check();
    this.#firstKey = cache.reserve(this.#offsets.length);
  }

  #check(): void {
    const { columns, rows, samples } = this;
    const refuse = (what: string): Error => this.#file.refusal(what);
    if (![1, 8, 32946, 50000].includes(this.#compression)) {
      throw refuse(
        `its TIFF compression ${this.#compression} is not read: gdal_translate -co ` +
          'COMPRESS=DEFLATE writes it anew',
      );
    }
    const isFloat = this.#type === 11 || this.#type === 12;
    const isKnown = this.#predictor === 1 || this.#predictor === (isFloat ? 3 : 2);
    // Predictor 2 of float32 is that of integers of 4 bytes, and rare.
    if (!isKnown) throw refuse(`its TIFF predictor ${this.#predictor} is not read`);
    const blockBytes = this.#blockColumns * this.#blockRows * this.#planes * this.#sampleBytes;
    if (!(columns > 0 && rows > 0 && samples > 0 && blockBytes > 0 && blockBytes <= MAX_BLOCK)) {
      throw refuse(
        `it has ${columns} × ${rows} nodes in blocks of ${blockBytes} bytes, at most ${MAX_BLOCK} ` +
          'are read: gdal_translate -co TILED=YES writes it anew',
      );
    }
    const count = this.#across * Math.ceil(rows / this.#blockRows) * (this.#isPlanar ? samples : 1);
    if (this.#offsets.length !== count || this.#lengths.length !== count) {
      throw refuse(`it has ${this.#offsets.length} blocks where there should be ${count}`);
    }
  }

  /** Samples in a block. */
  get #planes(): number {
    return this.#isPlanar ? 1 : this.samples;
  }

  get #across(): number {
    return Math.ceil(this.columns / this.#blockColumns);
  }

  get #sampleBytes(): number {
    return TYPE_BYTES[this.#type]!;
  }

  /** The number of one sample at a node, counted from the upper left. */
  at(column: number, row: number, sample: number): number {
    const blockRow = Math.floor(row / this.#blockRows);
    const blockColumn = Math.floor(column / this.#blockColumns);
    let index = blockRow * this.#across + blockColumn;
    if (this.#isPlanar) index += sample * this.#across * Math.ceil(this.rows / this.#blockRows);
    const block = this.#cache.get(this.#firstKey + index) ?? this.#decode(index, blockRow);
    const x = column - blockColumn * this.#blockColumns;
    const y = row - blockRow * this.#blockRows;
    const plane = this.#isPlanar ? 0 : sample;
    return block[(y * this.#blockColumns + x) * this.#planes + plane]!;
  }

  #decode(index: number, blockRow: number): Float64Array {
    const length = this.#lengths[index]!;
    if (length === 0) throw this.#file.refusal('a block of its nodes is left out');
    // The last strip ends with the image; tiles are whole.
    const rows = this.#isTiled
      ? this.#blockRows
      : Math.min(this.#blockRows, this.rows - blockRow * this.#blockRows);
    const size = this.#blockColumns * rows * this.#planes * this.#sampleBytes;
    const bytes = this.#decompress(this.#file.read(this.#offsets[index]!, length), size);
    const values = new Float64Array(size / this.#sampleBytes);
    const rowBytes = size / rows;
    for (let r = 0; r < rows; r++) {
      const row = bytes.subarray(r * rowBytes, (r + 1) * rowBytes);
      const isShuffled = this.#predictor === 3;
      const plain = isShuffled ? unshuffle(row, this.#planes, this.#sampleBytes) : row;
      const start = (r * rowBytes) / this.#sampleBytes;
      for (let i = 0; i < rowBytes / this.#sampleBytes; i++) {
        const at = i * this.#sampleBytes;
        let value = numberAt(plain, at, this.#type, isShuffled ? false : this.#isLittle);
        if (this.#predictor === 2 && i >= this.#planes) {
          value = wrap(value + values[start + i - this.#planes]!, this.#type);
        }
        values[start + i] = value;
      }
    }
    this.#cache.set(this.#firstKey + index, values);
    return values;
  }

  #decompress(bytes: Buffer, size: number): Buffer {
    let plain = bytes;
    try {
      // A block that holds more than it should is refused before it is all unpacked.
      const limit = { maxOutputLength: size };
      if (this.#compression === 50000) plain = zstdDecompressSync(bytes, limit);
      else if (this.#compression !== 1) plain = inflateSync(bytes, limit);
    } catch (error) {
      throw this.#file.refusal(`a block of its nodes is damaged (${(error as Error).message})`);
    }
    if (plain.length < size) throw this.#file.refusal('a block of its nodes is cut short');
    return plain;
  }
}

/** Field type of the samples, which are all of one. */
function sampleType(directory: Directory, file: GridFile): number {
  const bits = new Set(directory.numbers(258));
  const formats = new Set(directory.numbers(339));
  const [size = 1, ...sizes] = bits;
  const [format = 1, ...others] = formats;
  const type = SAMPLE_TYPES[`${format} ${size}`];
  if (type !== undefined && sizes.length === 0 && others.length === 0) return type;
  throw file.refusal(`its numbers are of ${[...bits]} bits, sample format ${[...formats]}`);
}

/** Predictor 3 (Adobe Photoshop TIFF Technical Note 3): bytes by significance, as differences. */
function unshuffle(row: Buffer, stride: number, size: number): Buffer {
  for (let i = stride; i < row.length; i++) row[i] = row[i]! + row[i - stride]!;
  const plain = Buffer.allocUnsafe(row.length);
  const count = row.length / size;
  for (let i = 0; i < count; i++) {
    for (let b = 0; b < size; b++) plain[i * size + b] = row[b * count + i]!;
  }
  return plain;
}

function wrap(value: number, type: number): number {
  if (type === 3) return value & 0xffff;
  if (type === 8) return (value << 16) >> 16;
  if (type === 4) return value >>> 0;
  return type === 9 ? value | 0 : value & 0xff;
}

/**
 * An open Parquet file: what its footer says. Columns are read by `ColumnReader`, vector by vector, or by
 * `readColumn`, rows start ≤ r < end at once.
 *
 *     const file = ParquetFile.open(new FileWindow(path, path));
 *     const leaf = file.leaf('bbox.xmin');
 *     const { float64 } = readColumn(file, leaf, 0, file.rows);
 */

import { crc32 } from 'node:zlib';
import { TilewrightError, toTilewrightError } from '../../core/errors.ts';
import type { FileWindow } from '../file-window.ts';
import { named, ParquetFault, unsupported } from './fault.ts';
import { type FileMetadata, parseMetadata } from './metadata.ts';
import { type Leaf, type Schema, schemaOf } from './schema.ts';

const MAGIC = 'PAR1';
const ENCRYPTED_MAGIC = 'PARE';
/** Magic, length of the footer, and magic. */
const LEAST_BYTES = 12;
const MAX_FOOTER_BYTES = 1 << 28;
/** A file of so many bytes has no more rows than so many times that: runs can say anything. */
const ROWS_PER_BYTE = 4096;

const DECRYPT = 'Write it anew without encryption';

/** What a thread has read last of a file that tasks read slice by slice, each of which opens it. */
let last: {
  path: string;
  size: number;
  sum: number;
  footer: Footer;
  metadata: FileMetadata;
} | null = null;

export class ParquetFile {
  readonly window: FileWindow;
  /** Path of the input that errors name. */
  readonly input: string;
  readonly metadata: FileMetadata;
  readonly schema: Schema;
  readonly rows: number;
  /** First row of each row group, from 0, and the number of all rows. */
  readonly rowStarts: Float64Array;
  /** Offset of the footer: no page reaches behind it. */
  readonly footerAt: number;
  readonly #footer: Footer;
  /** Whether we wrote it: its chunks are exactly as long as the metadata say, which not all writers do right. */
  readonly isOwn: boolean;

  private constructor(
    window: FileWindow,
    input: string,
    footer: Footer,
    metadata: FileMetadata,
    isOwn: boolean,
  ) {
    this.isOwn = isOwn;
    this.window = window;
    this.input = input;
    this.footerAt = footer.at;
    this.#footer = footer;
    this.metadata = metadata;
    if (this.metadata.encrypted) throw unsupported('is encrypted', DECRYPT);
    this.schema = schemaOf(this.metadata.schema);
    const { rowGroups, rows } = this.metadata;
    this.rowStarts = new Float64Array(rowGroups.length + 1);
    for (let i = 0; i < rowGroups.length; i++) {
      this.rowStarts[i + 1] = this.rowStarts[i]! + rowGroups.rowsOf(i);
    }
    this.rows = this.rowStarts[rowGroups.length]!;
    if (this.rows !== rows) {
      throw new ParquetFault(`says that it has ${rows} rows, and has ${this.rows}`);
    }
    if (rows > ROWS_PER_BYTE * window.size) {
      throw new ParquetFault(`says that it has ${rows} rows in ${window.size} bytes`);
    }
  }

  /**
   * @param window - closed by whoever opened it
   * @param sum - that of the footer, where the file was looked at before: then the footer is kept for others who know it
   * @throws TilewrightError input-empty, input-format, input-truncated, input-corrupt, and the window's
   */
  static open(window: FileWindow, sum?: number): ParquetFile {
    const { path, size } = window;
    if (sum !== undefined && last?.path === path && last.size === size && last.sum === sum) {
      return new ParquetFile(window, path, last.footer, last.metadata, false);
    }
    const footer = readFooter(window, path);
    const file = ParquetFile.of(window, path, footer);
    if (sum !== undefined && sum === file.footerSum) {
      last = { path, size, sum, footer, metadata: file.metadata };
    }
    return file;
  }

  /** A checksum of the footer. */
  get footerSum(): number {
    return crc32(this.#footer.bytes);
  }

  /**
   * The file as a footer says, which may leave out row groups.
   * @param isOwn - written by us: pages are where the metadata say, and as they say
   * @throws TilewrightError input-format, input-corrupt
   */
  static of(window: FileWindow, input: string, footer: Footer, isOwn = false): ParquetFile {
    try {
      return new ParquetFile(window, input, footer, parseMetadata(footer.bytes), isOwn);
    } catch (error) {
      throw toTilewrightError(named(error, window.path, input), { input }, 'input-corrupt');
    }
  }

  /** The leaf whose names are joined by points. @throws TilewrightError input-columns */
  leaf(name: string): Leaf {
    const leaf = this.schema.leaves.find((one) => one.name === name);
    if (leaf !== undefined) return leaf;
    const { input } = this;
    throw new TilewrightError('input-columns', `${this.window.path} has no column "${name}"`, {
      input,
    });
  }

  /** The row group that holds row 0 ≤ r < rows. */
  groupOf(row: number): number {
    const { rowStarts } = this;
    let [low, high] = [0, rowStarts.length - 1];
    // The last group that begins at or before the row: empty ones before it are passed over.
    while (low + 1 < high) {
      const middle = (low + high) >>> 1;
      if (rowStarts[middle]! <= row) low = middle;
      else high = middle;
    }
    return low;
  }

  /** An error about a column, with the file's name. */
  named(error: unknown, leaf: Leaf, group: number): TilewrightError {
    const { input } = this;
    const subject = `${this.window.path}: column "${leaf.name}" in row group ${group + 1}`;
    return toTilewrightError(named(error, subject, input), { input }, 'input-corrupt');
  }
}

/** The metadata of a file: the bytes, and where they are in it. */
export interface Footer {
  at: number;
  bytes: Uint8Array;
}

/** @throws TilewrightError input-empty, input-format, input-truncated, input-corrupt, and the window's */
export function readFooter(window: FileWindow, input: string): Footer {
  try {
    const { size } = window;
    const head = textAt(window, 0, Math.min(size, 4));
    if (size === 0) throw new ParquetFault('is empty', 'input-empty');
    if (head === ENCRYPTED_MAGIC) throw unsupported('is encrypted', DECRYPT);
    if (head !== MAGIC) throw new ParquetFault('is no Parquet file', 'input-format');
    const tail = size < LEAST_BYTES ? '' : textAt(window, size - 4, 4);
    if (tail === ENCRYPTED_MAGIC) throw unsupported('is encrypted', DECRYPT);
    if (tail !== MAGIC) {
      const why =
        'ends without the footer of a Parquet file: it was not written or copied to its end';
      throw new ParquetFault(`${why}. Copy or download it again`, 'input-truncated');
    }
    const length = window.uint32LE(size - 8);
    if (length > Math.min(size - LEAST_BYTES, MAX_FOOTER_BYTES)) {
      throw new ParquetFault(`has a footer of ${length} bytes`);
    }
    const bytes = new Uint8Array(length);
    const at = size - 8 - length;
    window.copy(at, length, bytes, 0);
    return { at, bytes };
  } catch (error) {
    throw toTilewrightError(named(error, window.path, input), { input }, 'input-corrupt');
  }
}

function textAt(window: FileWindow, offset: number, length: number): string {
  const bytes = new Uint8Array(length);
  window.copy(offset, length, bytes, 0);
  return Buffer.from(bytes).toString('latin1');
}

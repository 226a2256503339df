/** A file that this module has written, open for reading: what its metadata say, checked. */

import { crc32, zstdDecompressSync } from 'node:zlib';
import { type Column, PLAIN_CLASSES } from '../../../core/columns.ts';
import { TilewrightError } from '../../../core/errors.ts';
import { FileWindow } from '../../file-window.ts';
import { ParquetFile, readFooter } from '../../parquet/file.ts';
import { writeSchema } from '../../parquet/write/schema.ts';
import { ThriftWriter } from '../../parquet/write/thrift-writer.ts';
import { ExactValues } from './exact-values.ts';
import { FILE_VERSION, isSealed, type OwnMetadata, ownText } from './file-metadata.ts';
import type { TileRows } from './rows-writer.ts';
import { leavesOf } from './system-columns.ts';

/** Exact values of a row group, unpacked. */
const MOST_EXACT_BYTES = 2 ** 30;

export class OwnFile {
  readonly path: string;
  readonly metadata: OwnMetadata;
  readonly #window: FileWindow;
  readonly #footerAt: number;

  /** @throws TilewrightError input-missing, staged-folder, input-… */
  constructor(path: string) {
    this.path = path;
    this.#window = new FileWindow(path, path);
    try {
      const { at, bytes } = readFooter(this.#window, path);
      const own = isSealed(bytes) ? parsed(ownText(bytes)) : null;
      if (own === null || !isOurs(own)) throw notOurs(path);
      const [groupsAt, groupsBytes] = own.groups;
      if (groupsAt + groupsBytes > bytes.length) throw notOurs(path);
      this.metadata = own;
      this.#footerAt = at;
    } catch (error) {
      this.#window.close();
      throw error;
    }
  }

  get columns(): readonly Column[] {
    return this.metadata.columns;
  }

  /**
   * The file as if it had no other row groups than those of a tile: of the others nothing is read.
   * @param end - of its row groups in the metadata
   * @throws TilewrightError staged-folder, input-corrupt
   */
  fileOf({ rows, groups, groupsAt }: TileRows, end: number): ParquetFile {
    const [at, length] = this.metadata.groups;
    if (!(groupsAt <= end && end <= length)) throw notOurs(this.path);
    const metadata = new Uint8Array(end - groupsAt);
    this.#window.copy(this.#footerAt + at + groupsAt, metadata.length, metadata, 0);
    const footer = new ThriftWriter(metadata.length + 4096);
    footer.begin();
    footer.i32(1, 2);
    writeSchema(footer, 2, leavesOf(this.columns));
    footer.i64(3, rows);
    footer.list(4, 'struct', groups);
    footer.all(metadata);
    footer.end();
    return ParquetFile.of(
      this.#window,
      this.path,
      { at: this.#footerAt, bytes: footer.filled },
      true,
    );
  }

  /**
   * Values of a row group that its columns don't hold; null if there are none.
   * @throws TilewrightError input-corrupt
   */
  readExact(group: number, rows: number): ExactValues | null {
    const region = this.metadata.exact.find(([of]) => of === group);
    if (region === undefined) return null;
    const [, at, length, unpacked, sum] = region;
    try {
      if (length > this.#window.size || unpacked > MOST_EXACT_BYTES)
        throw new RangeError('too long');
      const packed = new Uint8Array(length);
      this.#window.copy(at, length, packed, 0);
      if (crc32(packed) !== sum) throw new RangeError('another sum');
      const bytes = zstdDecompressSync(packed, { maxOutputLength: unpacked });
      if (bytes.length !== unpacked) throw new RangeError('another length');
      return new ExactValues(bytes, rows, this.columns.length);
    } catch (cause) {
      if (cause instanceof TilewrightError) throw cause;
      const message =
        `${this.path} is damaged: values beside row group ${group + 1} can’t be read. ` +
        'Stage again with --force';
      throw new TilewrightError('input-corrupt', message, { input: this.path, cause });
    }
  }

  close(): void {
    this.#window.close();
  }
}

function parsed(text: string | null): OwnMetadata | null {
  try {
    return text === null ? null : JSON.parse(text);
  } catch {
    // No text of ours.
    return null;
  }
}

/** Whether the parsed JSON is what `keyValues` writes. */
function isOurs({
  version,
  layer,
  columns,
  extent,
  rows,
  groups,
  exact,
  tiles,
}: OwnMetadata): boolean {
  return (
    version === FILE_VERSION &&
    typeof layer === 'string' &&
    Array.isArray(columns) &&
    columns.every(
      (one) => typeof one?.name === 'string' && Object.hasOwn(PLAIN_CLASSES, one.type),
    ) &&
    (extent === null || isExtent(extent)) &&
    isListOf([groups], (numbers) => numbers.length === 3 && numbers.every(isCount)) &&
    isCount(rows) &&
    isListOf(exact, (region) => region.length === 5 && region.every(isCount)) &&
    (tiles === undefined || isListOf(tiles, isTile))
  );
}

function isTile(tile: unknown[]): boolean {
  const extent = tile.slice(5, 9);
  const counts = [...tile.slice(0, 5), ...tile.slice(9)];
  const isEmpty = extent.every((side) => side === null);
  return counts.length === 6 && counts.every(isCount) && (isEmpty || isExtent(extent));
}

function isListOf(list: unknown, test: (item: unknown[]) => boolean): boolean {
  return Array.isArray(list) && list.every((item) => Array.isArray(item) && test(item));
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isExtent(value: unknown): boolean {
  return (
    Array.isArray(value) && value.length === 4 && value.every((side) => typeof side === 'number')
  );
}

export function notOurs(path: string): TilewrightError {
  return new TilewrightError(
    'staged-folder',
    `${path} is not as it was staged: another program has written it. Stage again with --force`,
  );
}

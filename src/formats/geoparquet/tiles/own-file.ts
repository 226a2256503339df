/** A file that this module has written, open for reading: what its metadata say, checked. */

import { crc32, zstdDecompressSync } from 'node:zlib';
import { type Column, PLAIN_CLASSES } from '../../../core/columns.ts';
import { TilewrightError } from '../../../core/errors.ts';
import { FileWindow } from '../../file-window.ts';
import { ParquetFile } from '../../parquet/file.ts';
import { PHYSICAL_TYPES } from '../../parquet/metadata.ts';
import type { Leaf } from '../../parquet/schema.ts';
import { attributeLeaf } from './attribute-values.ts';
import { ExactValues } from './exact-values.ts';
import { FILE_VERSION, isSealed, type OwnMetadata } from './file-metadata.ts';
import { BOX_SIDES, systemColumns } from './system-columns.ts';

/** Exact values of a row group, unpacked: as long as a value can be, and not longer than its rows. */
const MOST_EXACT_BYTES = 2 ** 30;

export class OwnFile {
  readonly path: string;
  readonly file: ParquetFile;
  readonly metadata: OwnMetadata;
  readonly columns: readonly Column[];
  readonly geometry: Leaf;
  /** Of the sides of boxes, in their order. */
  readonly box: readonly Leaf[];
  readonly #exact = new Map<number, ExactValues | null>();

  /** @throws TilewrightError input-missing, staged-folder, input-… */
  constructor(path: string) {
    this.path = path;
    const window = new FileWindow(path, path);
    try {
      this.file = ParquetFile.open(window, path, true);
      this.metadata = this.#readMetadata();
      this.columns = this.metadata.columns;
      const { leaves } = this.file.schema;
      const count = this.columns.length;
      this.geometry = leaves[count]!;
      this.box = leaves.slice(count + 1);
    } catch (error) {
      window.close();
      throw error;
    }
  }

  #readMetadata(): OwnMetadata {
    const { window, footerAt, metadata, schema } = this.file;
    const footer = new Uint8Array(window.size - 8 - footerAt);
    window.copy(footerAt, footer.length, footer, 0);
    const own = isSealed(footer) ? parsed(metadata.keyValues.get('tilewright')) : null;
    if (own === null || !isOurs(own, schema.leaves)) throw notOurs(this.path);
    return own;
  }

  /** Values of the row group that its columns don't hold; null if there are none. */
  exactOf(group: number): ExactValues | null {
    const known = this.#exact.get(group);
    if (known !== undefined) return known;
    const values = this.#readExact(group);
    this.#exact.set(group, values);
    return values;
  }

  #readExact(group: number): ExactValues | null {
    const region = this.metadata.exact.find(([of]) => of === group);
    if (region === undefined) return null;
    const [, at, length, unpacked, sum] = region;
    const { window } = this.file;
    const rows = this.file.metadata.rowGroups[group]!.rows;
    try {
      if (!(length <= window.size && unpacked <= MOST_EXACT_BYTES))
        throw new RangeError('too long');
      const packed = new Uint8Array(length);
      window.copy(at, length, packed, 0);
      if (crc32(packed) !== sum) throw new RangeError('another sum');
      const bytes = zstdDecompressSync(packed, { maxOutputLength: unpacked });
      if (bytes.length !== unpacked) throw new RangeError('another length');
      return new ExactValues(bytes, rows, this.columns.length);
    } catch (cause) {
      if (cause instanceof TilewrightError) throw cause;
      const message = `${this.path} is damaged: values of row group ${group + 1} can’t be read. Stage again with --force`;
      throw new TilewrightError('input-corrupt', message, { input: this.path, cause });
    }
  }

  close(): void {
    this.file.window.close();
  }
}

function parsed(text: string | undefined): OwnMetadata | null {
  try {
    return text === undefined ? null : JSON.parse(text);
  } catch {
    // No text of ours.
    return null;
  }
}

/** Whether the parsed JSON is what `keyValues` writes, and fits the file's columns. */
function isOurs(own: OwnMetadata, leaves: readonly Leaf[]): boolean {
  const { version, layer, columns, extent, exact, tiles } = own;
  const areColumns =
    Array.isArray(columns) &&
    columns.every((one) => typeof one?.name === 'string' && Object.hasOwn(PLAIN_CLASSES, one.type));
  if (version !== FILE_VERSION || typeof layer !== 'string' || !areColumns) return false;
  const names = systemColumns(columns);
  const expected = [
    ...columns.map((column) => ({ path: [column.name], type: attributeLeaf(column).type })),
    { path: [names.geometry], type: PHYSICAL_TYPES.indexOf('BYTE_ARRAY') },
    ...BOX_SIDES.map((side) => ({
      path: [names.box, side],
      type: PHYSICAL_TYPES.indexOf('FLOAT'),
    })),
  ];
  const isSame = (leaf: Leaf, i: number): boolean => {
    const { path, type } = expected[i]!;
    const isOptional = i < columns.length;
    return (
      PHYSICAL_TYPES[type] === leaf.type &&
      leaf.maxDefinition === (isOptional ? 1 : 0) &&
      leaf.maxRepetition === 0 &&
      leaf.node.path.length === path.length &&
      leaf.node.path.every((name, k) => name === path[k])
    );
  };
  return (
    leaves.length === expected.length &&
    leaves.every(isSame) &&
    isExtent(extent) &&
    isListOf(exact, (region) => region.length === 5 && region.every(isCount)) &&
    (tiles === undefined ||
      isListOf(tiles, (tile) => {
        const [x, y, firstGroup, groups, rows, box] = tile;
        return [x, y, firstGroup, groups, rows].every(isCount) && isExtent(box);
      }))
  );
}

function isListOf(list: unknown, test: (item: unknown[]) => boolean): boolean {
  return Array.isArray(list) && list.every((item) => Array.isArray(item) && test(item));
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isExtent(value: unknown): boolean {
  if (value === null) return true;
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

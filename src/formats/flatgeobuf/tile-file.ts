/** Reads FlatGeobufs as TileWriter writes them. */

import { existsSync } from 'node:fs';
import type { Column } from '../../core/columns.ts';
import { TilewrightError } from '../../core/errors.ts';
import type { Bounds } from '../../tms/tile-matrix.ts';
import { EncodedRow } from '../encoded-row.ts';
import { FileWindow } from '../file-window.ts';
import type { BoxVisitor, StagedFile, StagedRows } from '../staged-format.ts';
import { FeatureBytes } from './feature-bytes.ts';
import { MalformedTable } from './flat-table.ts';
import { type FlatHeader, readFlatHeader } from './header.ts';
import { PackedTree } from './packed-tree.ts';
import { RowReader } from './row-reader.ts';
import { isSealed, readSeal } from './seal.ts';
import { type Bytes, SealedWindow } from './sealed-window.ts';
import { ODD_METADATA } from './write/odd-values.ts';

/** Rows between two questions whether a search is cancelled. */
const QUESTION = 256;

export class TileFile implements StagedFile {
  readonly path: string;
  readonly columns: readonly Column[];
  readonly rowCount: number;
  readonly extent: Bounds | null;
  /** Whether its vertices have heights, those of some rows perhaps none that counts. */
  readonly hasZ: boolean;
  /** Whether there is a column of odd values. */
  readonly hasOdd: boolean;
  readonly #file: FileWindow;
  readonly #header: FlatHeader;
  readonly #window: Bytes;
  readonly #tree: PackedTree | null;
  readonly #single: TileRows;

  constructor(path: string, layer: string) {
    this.path = path;
    if (!existsSync(path)) {
      throw new TilewrightError('input-missing', `${path} is not there`, { input: path });
    }
    this.#file = new FileWindow(path, path);
    try {
      this.#header = readFlatHeader(this.#file);
      const { name, columns, featuresCount, indexAt, indexNodeSize } = this.#header;
      const seal = readSeal(this.#header.metadata);
      const head = Buffer.alloc(indexAt);
      this.#file.copy(0, indexAt, head, 0);
      const isOurs = name === layer && isSealed(head);
      if (!isOurs || seal === null || seal.bytes !== this.#file.size - indexAt) throw notOurs(path);
      this.#window = new SealedWindow(this.#file, indexAt, seal);
      this.hasOdd = columns.at(-1)?.metadata === ODD_METADATA;
      this.columns = columns
        .slice(0, this.hasOdd ? -1 : columns.length)
        .map(({ given, type }) => ({ name: given, type }));
      this.hasZ = this.#header.hasZ;
      this.rowCount = featuresCount;
      this.extent = this.#header.envelope;
      this.#tree =
        featuresCount === 0
          ? null
          : new PackedTree(() => this.#window, indexAt, featuresCount, indexNodeSize);
      this.#single = this.rows();
    } catch (error) {
      this.#file.close();
      throw error;
    }
  }

  rows(): TileRows {
    return new TileRows(this, this.#window, this.#header, this.#tree);
  }

  row(number: number): EncodedRow | null {
    const isThere = Number.isInteger(number) && number >= 1 && number <= this.rowCount;
    return isThere && this.#single.find(number) ? this.#single.row : null;
  }

  search(
    minX: number,
    minY: number,
    maxX: number,
    maxY: number,
    visit: BoxVisitor,
    isCancelled: () => boolean = () => false,
  ): boolean {
    if (isCancelled()) return false;
    const tree = this.#tree;
    if (tree === null) return true;
    const window: Bounds = [minX, minY, maxX, maxY];
    const box = new Float64Array(4);
    for (let i = tree.next(0, tree.items, window), n = 1; i < tree.items; n++) {
      tree.boxOf(i, box);
      if (visit(i + 1, box[0]!, box[1]!, box[2]!, box[3]!) === false) return false;
      if (n % QUESTION === 0 && isCancelled()) return false;
      i = tree.next(i + 1, tree.items, window);
    }
    return true;
  }

  close(): void {
    this.#file.close();
  }
}

export class TileRows implements StagedRows {
  readonly row = new EncodedRow();
  readonly file: TileFile;
  /** Stands at the row's feature. */
  readonly features: FeatureBytes;
  readonly #featuresAt: number;
  readonly #tree: PackedTree | null;
  readonly #reader: RowReader;
  readonly #box = new Float64Array(4);
  #number = 0;

  constructor(file: TileFile, window: Bytes, header: FlatHeader, tree: PackedTree | null) {
    this.file = file;
    this.features = new FeatureBytes(window);
    this.#featuresAt = header.featuresAt;
    this.features.seek(header.featuresAt);
    this.#tree = tree;
    this.#reader = new RowReader(header.columns, file.hasOdd);
  }

  next(): boolean {
    if (this.#tree === null || this.#number >= this.#tree.items) return false;
    this.#read(++this.#number);
    return true;
  }

  /** Moves to the row of a number that there is. */
  find(number: number): boolean {
    this.features.seek(this.#featuresAt + this.#tree!.offsetOf(number - 1));
    this.#read(number);
    return true;
  }

  #read(number: number): void {
    const { row, features } = this;
    const { path } = this.file;
    if (!features.next(number)) throw notOurs(path);
    try {
      this.#reader.read(features, row);
    } catch (error) {
      if (!(error instanceof MalformedTable)) throw error;
      throw new TilewrightError(
        'input-corrupt',
        `${path} is damaged: row ${number} has ${error.message}. Stage again with --force`,
        { input: path, feature: number },
      );
    }
    const box = this.#box;
    this.#tree!.boxOf(number - 1, box);
    row.minX = box[0]!;
    row.minY = box[1]!;
    row.maxX = box[2]!;
    row.maxY = box[3]!;
  }
}

function notOurs(path: string): TilewrightError {
  return new TilewrightError(
    'staged-folder',
    `${path} is not as it was staged: another program has written it. Stage again with --force`,
  );
}

/** Open files of staged tiles: checked, kept open for the next question, searched by box. */

import { existsSync, realpathSync, statSync } from 'node:fs';
import { sep } from 'node:path';
import type { Column, Value } from '../../core/columns.ts';
import { TilewrightError } from '../../core/errors.ts';
import type { EncodedRow } from '../../formats/encoded-row.ts';
import { ValueWalk } from '../../formats/sqlite/record.ts';
import type { BoxVisitor, StagedFile } from '../../formats/staged-format.ts';
import { stagedFormat } from '../../formats/staged-formats.ts';
import { FeatureBatch } from '../../geometry/batch.ts';
import { decodeWkb, FIRST_DROP } from '../../geometry/wkb.ts';
import { tileInPack } from '../../staging/packs/open-packs.ts';
import { isCancelled } from '../threads/thread-side.ts';
import type { TileRef } from './tile-ref.ts';

/** Tiles that stay open in a thread. */
const MAX_OPEN = 16;
/** Characters of an attribute that are shown. */
const MAX_TEXT = 100_000;
/** Characters by which the values that colour are told apart. */
const MAX_LABEL = 200;

export class TileFile {
  readonly path: string;
  readonly columns: readonly Column[];
  readonly #file: StagedFile;
  readonly #values: ValueWalk;
  readonly #identifier: number;
  readonly #filename: number;
  readonly #area: number;
  readonly #batch = new FeatureBatch();
  #duplicates: Uint8Array | null = null;

  constructor(real: string, isPacked: boolean, { x, y, path, columns, format, pack }: TileRef) {
    this.path = isPacked ? pack!.path : path;
    let file: StagedFile | undefined;
    try {
      file = isPacked ? openPacked(real, pack!, x, y) : stagedFormat(format).open(real);
      const place = (name: string): number => file!.columns.findIndex((c) => c.name === name);
      this.#identifier = place(columns.identifier);
      this.#filename = place(columns.filename);
      this.#area = place(columns.area);
      if (this.#identifier < 0 || this.#filename < 0) {
        throw notStaged(path, 'a column that staging adds is missing');
      }
      this.#file = file;
      this.columns = file.columns;
      this.#values = new ValueWalk(file.columns.length);
    } catch (error) {
      file?.close();
      throw readError(error, path);
    }
  }

  close(): void {
    this.#file.close();
  }

  /** Visits rows whose boxes touch the box, until the answer is not wanted any more. */
  search(minX: number, minY: number, maxX: number, maxY: number, visit: BoxVisitor): boolean {
    return this.#file.search(minX, minY, maxX, maxY, visit, isCancelled);
  }

  /**
   * A row's geometry, the only feature of a batch that the next call overwrites, and its identifier;
   * null for a row that is not there or that holds no polygon.
   */
  geometry(key: number): { batch: FeatureBatch; identifier: string } | null {
    const row = this.#row(key);
    if (row === null) return null;
    const batch = this.#batch;
    batch.clear();
    batch.beginFeature(key);
    const { geometry, geometryStart, geometryEnd } = row;
    if (decodeWkb(batch, geometry, geometryStart, geometryEnd) >= FIRST_DROP) return null;
    batch.endFeature();
    return { batch, identifier: String(this.#value(row, this.#identifier, MAX_TEXT)) };
  }

  identity(key: number): { identifier: string; input: string; area: number | null } | null {
    const row = this.#row(key);
    if (row === null) return null;
    const area = this.#area < 0 ? null : this.#value(row, this.#area, 0);
    return {
      identifier: String(this.#value(row, this.#identifier, MAX_TEXT)),
      input: String(this.#value(row, this.#filename, MAX_TEXT)),
      area: typeof area === 'number' ? area : null,
    };
  }

  /** All columns of a row but its geometry; integers past ±2^53 are bigint, blobs their lengths. */
  attributes(key: number): [name: string, value: Value][] {
    const row = this.#row(key);
    return this.columns.map(({ name }, i) => {
      if (row === null) return [name, null];
      const bytes = this.#values.blobLength(i);
      return [name, bytes === null ? this.#value(row, i, MAX_TEXT) : `${bytes} bytes`];
    });
  }

  /** Reads one column, by key: what is large is cut or null, and numbers are doubles. */
  values(column: string): (key: number) => string | number | null {
    const place = this.columns.findIndex(({ name }) => name === column);
    return (key) => {
      const row = this.#row(key);
      if (row === null || this.#values.blobLength(place) !== null) return null;
      const value = this.#value(row, place, MAX_LABEL) as Exclude<Value, Uint8Array>;
      return typeof value === 'bigint' ? Number(value) : value;
    };
  }

  /** Key of the row with this identifier; null if there is none. Reads the whole table. */
  keyOf(identifier: string): number | null {
    const rows = this.#file.rows();
    for (let key = 1; rows.next() && !isCancelled(); key++) {
      const { types, typesStart, typesEnd, bodyStart } = rows.row;
      this.#values.walk(types, typesStart, typesEnd, bodyStart);
      if (this.#value(rows.row, this.#identifier, MAX_LABEL) === identifier) return key;
    }
    return null;
  }

  /**
   * The keys that are to be seen, if rows are numbered as staging does it: the index reckons from
   * how many each input has.
   * @throws TilewrightError staged-folder for a tile that another program has written anew
   */
  keyRanges({ ranges, rows, columns, hidden }: TileRef): number[] | null {
    if (ranges !== null && this.#file.rowCount !== rows) {
      throw notStaged(this.path, `its rows can't be told by ${columns.filename}`);
    }
    if (hidden === null || !this.columns.some(({ name }) => name === hidden)) return ranges;
    this.#duplicates ??= this.#readLabels(hidden);
    return withoutKeys(ranges ?? [1, this.#file.rowCount], this.#duplicates);
  }

  /** By key, 1 for a duplicate. Reads the whole table. */
  #readLabels(column: string): Uint8Array {
    const place = this.columns.findIndex(({ name }) => name === column);
    const labels = new Uint8Array(this.#file.rowCount + 1);
    const rows = this.#file.rows();
    for (let key = 1; rows.next(); key++) {
      const { types, typesStart, typesEnd, bodyStart } = rows.row;
      this.#values.walk(types, typesStart, typesEnd, bodyStart);
      if (this.#value(rows.row, place, 0) === 1) labels[key] = 1;
    }
    return labels;
  }

  /** The row, its values found; null if it is not there, or not as staging writes it. */
  #row(key: number): EncodedRow | null {
    try {
      const row = this.#file.row(key);
      const values = this.#values;
      return row !== null && values.walk(row.types, row.typesStart, row.typesEnd, row.bodyStart)
        ? row
        : null;
    } catch (error) {
      if (error instanceof TilewrightError && error.code === 'staged-folder') return null;
      throw error;
    }
  }

  /** @param most - characters of a text; the rest is left out */
  #value({ body }: EncodedRow, place: number, most: number): Value {
    return this.#values.value(body, place, most);
  }
}

/** Opens tiles of one folder, and no others. */
export class TileFiles {
  /** The folder's real path. */
  readonly #root: string;
  readonly #open = new Map<string, { mark: string; file: TileFile }>();

  constructor(root: string) {
    this.#root = root;
  }

  /** The same; null for a tile that is gone. */
  openIfThere(ref: TileRef): TileFile | null {
    try {
      return this.open(ref);
    } catch (error) {
      if (error instanceof TilewrightError && error.code === 'input-missing') return null;
      throw error;
    }
  }

  /**
   * @throws TilewrightError input-missing for a tile that is gone, staged-folder for one that leads
   *   out of the folder or is not as it was staged
   */
  open(ref: TileRef): TileFile {
    const { path, pack } = ref;
    const isPacked = pack !== null && !existsSync(path);
    let real: string;
    try {
      real = realpathSync(isPacked ? pack.path : path);
    } catch (error) {
      throw readError(error, path);
    }
    if (!real.startsWith(this.#root + sep)) {
      throw new TilewrightError(
        'staged-folder',
        `${path} leads out of the staged folder, and is not read`,
      );
    }
    const { ino, size, mtimeNs } = statSync(real, { bigint: true });
    const mark = `${ino} ${size} ${mtimeNs}`;
    const known = this.#open.get(path);
    if (known !== undefined) {
      this.#open.delete(path);
      if (known.mark === mark) {
        this.#open.set(path, known);
        return known.file;
      }
      known.file.close();
    }
    const file = new TileFile(real, isPacked, ref);
    this.#open.set(path, { mark, file });
    if (this.#open.size > MAX_OPEN) {
      const [oldest, { file: unused }] = this.#open.entries().next().value!;
      this.#open.delete(oldest);
      unused.close();
    }
    return file;
  }
}

function openPacked(
  real: string,
  { path, format }: { path: string; format: string },
  x: number,
  y: number,
): StagedFile {
  const file = tileInPack(real, format, x, y);
  if (file !== null) return file;
  throw new TilewrightError('input-missing', `${path} has no tile ${x}/${y}`);
}

/** Ranges of keys, as in TileRef, without those that are marked. */
function withoutKeys(ranges: readonly number[], marked: Uint8Array): number[] {
  const left: number[] = [];
  for (let r = 0; r < ranges.length; r += 2) {
    const end = ranges[r + 1]!;
    for (let key = ranges[r]!; key <= end; key++) {
      if (marked[key] === 1) continue;
      const first = key;
      while (key < end && marked[key + 1] !== 1) key++;
      left.push(first, key);
    }
  }
  return left;
}

function notStaged(path: string, why: string): TilewrightError {
  return new TilewrightError(
    'staged-folder',
    `${path} is not as it was staged: ${why}. Stage again with --force`,
  );
}

function readError(error: unknown, path: string): TilewrightError {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new TilewrightError(
      'input-missing',
      `${path} is not there: a run is removing it, or another program has. If it stays away when ` +
        'no run is under way, stage again with --force',
      { cause: error },
    );
  }
  if (error instanceof TilewrightError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new TilewrightError('input-corrupt', `${path} can't be read: ${message}`, {
    cause: error,
  });
}

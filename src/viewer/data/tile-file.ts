/** Open files of staged tiles: checked, kept open for the next question, searched by box. */

import { realpathSync, statSync } from 'node:fs';
import { sep } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import type { Value } from '../../core/columns.ts';
import { TilewrightError } from '../../core/errors.ts';
import { isComputed } from '../../formats/geopackage/computed.ts';
import { decodeBlob, FIRST_DROP } from '../../formats/geopackage/geometry-blob.ts';
import { readSchema } from '../../formats/geopackage/registration.ts';
import { GeoPackageCatalog, type GeoPackageLayer } from '../../formats/geopackage/schema.ts';
import { quote } from '../../formats/geopackage/sql.ts';
import { RTreeReader } from '../../formats/sqlite/rtree-reader.ts';
import { FeatureBatch } from '../../geometry/batch.ts';
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
  readonly layer: GeoPackageLayer;
  readonly rtree: RTreeReader;
  readonly #db: DatabaseSync;
  readonly #geometry: StatementSync;
  readonly #identity: StatementSync;
  readonly #batch = new FeatureBatch();
  /** The highest key. */
  #last: number | undefined;

  constructor(path: string, real: string, { columns }: TileRef) {
    this.path = path;
    let db: DatabaseSync | undefined;
    try {
      const url = pathToFileURL(real);
      // Tiles are replaced as a whole and never written to: nothing to lock, nothing to roll back.
      url.searchParams.set('immutable', '1');
      db = new DatabaseSync(url, { readOnly: true, enableForeignKeyConstraints: false });
      if (bringsSql(db)) throw notStaged(path, 'it holds SQL that staging does not write');
      const catalog = new GeoPackageCatalog(db, path, statSync(real).size);
      const [name] = catalog.names;
      const layer = name === undefined ? null : catalog.layer(name);
      if (layer?.position == null || layer.rootPage === null) {
        throw notStaged(path, 'it has no table of features');
      }
      const names = new Set(layer.columns.map(({ name }) => name));
      if (!names.has(columns.identifier) || !names.has(columns.filename)) {
        throw notStaged(path, 'a column that staging adds is missing');
      }
      this.layer = layer;
      const rtree = `rtree_${layer.name}_${layer.geometryColumn}`;
      this.rtree = new RTreeReader(db, path, rtree, isCancelled);
      const select = (what: string): StatementSync => {
        const where = `from ${quote(layer.name)} not indexed where ${layer.position} = ?`;
        const statement = db!.prepare(`select ${what} ${where}`);
        statement.setReturnArrays(true);
        return statement;
      };
      const { identifier, filename, area } = columns;
      const areaOr0 = names.has(area) ? quote(area) : 'null';
      this.#geometry = select(`${quote(layer.geometryColumn)}, ${quote(identifier)}`);
      this.#identity = select(`${quote(identifier)}, ${quote(filename)}, ${areaOr0}`);
      this.#db = db;
    } catch (error) {
      db?.close();
      throw readError(error, path);
    }
  }

  close(): void {
    this.#db.close();
  }

  /**
   * A row's geometry, the only feature of a batch that the next call overwrites, and its identifier;
   * null for a row that is not there or that holds no polygon.
   */
  geometry(key: number): { batch: FeatureBatch; identifier: string } | null {
    const row = this.#geometry.get(key) as unknown as [Value, Value] | undefined;
    if (row === undefined || !(row[0] instanceof Uint8Array)) return null;
    const batch = this.#batch;
    batch.clear();
    batch.beginFeature(key);
    if (decodeBlob(batch, row[0], 0, row[0].length) >= FIRST_DROP) return null;
    batch.endFeature();
    return { batch, identifier: String(row[1]) };
  }

  identity(key: number): { identifier: string; input: string; area: number | null } | null {
    const row = this.#identity.get(key) as unknown as [Value, Value, Value] | undefined;
    if (row === undefined) return null;
    const [identifier, input, area] = row;
    return {
      identifier: String(identifier),
      input: String(input),
      area: typeof area === 'number' ? area : null,
    };
  }

  /** All columns of a row but its geometry; integers past ±2^53 are bigint, blobs their lengths. */
  attributes(key: number): [name: string, value: Value][] {
    const { name, position, columns } = this.layer;
    const shown = (column: string): string =>
      `case typeof(${column}) when 'text' then substr(${column}, 1, ${MAX_TEXT}) ` +
      `when 'blob' then length(${column}) || ' bytes' else ${column} end`;
    const list = columns.map((column) => shown(quote(column.name))).join(', ');
    const statement = this.#db.prepare(
      `select ${list} from ${quote(name)} not indexed where ${position} = ?`,
    );
    statement.setReturnArrays(true);
    statement.setReadBigInts(true);
    const row = statement.get(key) as unknown as Value[] | undefined;
    return columns.map((column, i) => {
      const value = row?.[i] ?? null;
      const safe = typeof value === 'bigint' && Number.isSafeInteger(Number(value));
      return [column.name, safe ? Number(value) : value];
    });
  }

  /** Reads one column, by key: what is large is cut or null, and numbers are doubles. */
  values(column: string): (key: number) => string | number | null {
    const { name, position } = this.layer;
    const value = quote(column);
    const statement = this.#db.prepare(
      `select case typeof(${value}) when 'text' then substr(${value}, 1, ${MAX_LABEL}) ` +
        `when 'blob' then null when 'null' then null else ${value} + 0.0 end ` +
        `from ${quote(name)} not indexed where ${position} = ?`,
    );
    statement.setReturnArrays(true);
    return (key) => {
      const row = statement.get(key) as unknown as [string | number | null] | undefined;
      return row?.[0] ?? null;
    };
  }

  /** Key of the row with this identifier; null if there is none. Reads the whole table. */
  keyOf(identifier: string, column: string): number | null {
    const { name, position } = this.layer;
    const sql = `select ${position} as key from ${quote(name)} not indexed where ${quote(column)} = ? limit 1`;
    const key = this.#db.prepare(sql).get(identifier)?.['key'];
    return typeof key === 'number' ? key : null;
  }

  /**
   * The keys that are to be seen, if rows are numbered as staging does it: the index reckons from
   * how many each input has.
   * @throws TilewrightError staged-folder for a tile that another program has written anew
   */
  keyRanges({ ranges, rows, columns }: TileRef): number[] | null {
    if (ranges === null) return null;
    const { name, position } = this.layer;
    this.#last ??= Number(
      this.#db.prepare(`select max(${position}) as last from ${quote(name)} not indexed`).get()![
        'last'
      ],
    );
    if (this.#last === rows) return ranges;
    throw notStaged(this.path, `its rows can't be told by ${columns.filename}`);
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
    const { path } = ref;
    let real: string;
    try {
      real = realpathSync(path);
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
    const file = new TileFile(path, real, ref);
    this.#open.set(path, { mark, file });
    if (this.#open.size > MAX_OPEN) {
      const [oldest, { file: unused }] = this.#open.entries().next().value!;
      this.#open.delete(oldest);
      unused.close();
    }
    return file;
  }
}

/**
 * Whether tables are views, or have columns that SQLite computes: it could not be stopped there.
 * Virtual tables (the R-tree is one) are harmless, as nothing is read through them here.
 */
function bringsSql(db: DatabaseSync): boolean {
  const schema = readSchema(db);
  return [...schema].some(
    ([name, { type, rootPage }]) =>
      type === 'view' || (rootPage > 0 && isComputed(db, schema, name)),
  );
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

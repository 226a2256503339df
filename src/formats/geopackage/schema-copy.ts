/**
 * What SQLite has to see of a GeoPackage that is not on this machine: a file of the same size, empty
 * but for the pages of the schema and of the tables in which the GeoPackage describes itself. All
 * else in it is read as pages. SQLite calls it damaged where it looks for more, and never gives rows
 * that are not the file's.
 */

import { closeSync, ftruncateSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TilewrightError } from '../../core/errors.ts';
import type { RandomAccess } from '../bytes/random-access.ts';
import { openBytes } from '../remote/open-bytes.ts';
import { PageFile } from '../sqlite/page-file.ts';
import { ValueWalk } from '../sqlite/record.ts';
import { TableCursor } from '../sqlite/table-cursor.ts';

/** Read at a time: what is wanted lies close together in most files. */
const BLOCK_BYTES = 1 << 16;
/** More layers, or tables, than that has no GeoPackage. */
const MOST_ROWS = 100_000;
/** Of sqlite_schema: type, name, tbl_name, rootpage, sql. */
const SCHEMA_COLUMNS = 5;

/** Columns of the tables beside the schema that are looked at when a database is opened, and asked then. */
const DESCRIBING =
  /^(?:gpkg_contents|gpkg_geometry_columns|gpkg_spatial_ref_sys|gpkg_ogr_contents|sqlite_stat\d)$/i;

export class SchemaCopy {
  readonly file: string;
  readonly #folder: string;
  readonly #fd: number;
  readonly #pages: PageFile;

  /** @throws TilewrightError as opening and reading the pages does */
  constructor(url: string) {
    this.#folder = mkdtempSync(join(tmpdir(), 'tilewright-'));
    this.file = join(this.#folder, 'schema.gpkg');
    this.#fd = openSync(this.file, 'wx');
    try {
      const remote = openBytes(url);
      ftruncateSync(this.#fd, remote.size);
      this.#pages = new PageFile(copying(remote, this.#fd), BLOCK_BYTES);
    } catch (error) {
      this.#remove();
      throw error;
    }
    try {
      if (this.#pages.encoding > 1) throw needsFile(url, 'its text is UTF-16');
      for (const root of this.#roots()) this.#each(root, () => undefined);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Brings the pages on the way to a row of the table with that root page. */
  bringRow(root: number, rowid: number): void {
    new TableCursor(this.#pages, root).find(rowid);
  }

  /** Reads all of the table. */
  countRows(root: number): number {
    const cursor = new TableCursor(this.#pages, root);
    let count = 0;
    for (cursor.seek(Number.NEGATIVE_INFINITY); cursor.next(); ) count++;
    return count;
  }

  close(): void {
    this.#pages.close();
    this.#remove();
  }

  #remove(): void {
    closeSync(this.#fd);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Of the tables that describe. */
  #roots(): number[] {
    const roots: number[] = [];
    const values = new ValueWalk(SCHEMA_COLUMNS);
    this.#each(1, ({ payload, payloadStart }) => {
      if (!values.walkRecord(payload, payloadStart)) return;
      const [type, name, , root] = [0, 1, 2, 3].map((i) => values.value(payload, i));
      if (type === 'table' && DESCRIBING.test(String(name))) roots.push(Number(root));
    });
    return roots.filter((root) => root > 0);
  }

  #each(root: number, visit: (cursor: TableCursor) => void): void {
    const cursor = new TableCursor(this.#pages, root);
    let count = 0;
    for (cursor.seek(Number.NEGATIVE_INFINITY); cursor.next(); ) {
      visit(cursor);
      if (++count <= MOST_ROWS) continue;
      throw new TilewrightError(
        'input-layer',
        `${this.#pages.path} describes more than ${MOST_ROWS} tables. Download it to stage some`,
        { input: this.#pages.path },
      );
    }
  }
}

/** @param why - a clause */
export function needsFile(path: string, why: string): TilewrightError {
  return new TilewrightError(
    'input-layer',
    `${path} can only be read through SQLite, from a file of this machine, as ${why}. Download it`,
    { input: path },
  );
}

/** What is read of it is written to a file, in the same place. */
function copying(remote: RandomAccess, fd: number): RandomAccess {
  return {
    path: remote.path,
    size: remote.size,
    read(target, at, length, position) {
      const read = remote.read(target, at, length, position);
      writeSync(fd, target, at, read, position);
      return read;
    },
    close: () => remote.close(),
  };
}

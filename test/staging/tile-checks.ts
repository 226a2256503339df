/** Staging into a folder of one's own, and what SQLite says of a tile. */

import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { ConfigInput } from '../../src/staging/configuration/config-input.ts';
import { TileStager } from '../../src/staging/tile-stager.ts';
import { temporaryFolder } from './support.ts';
import type { OddLayer } from './write-geopackage.ts';

export interface Folders {
  input: string;
  staged: string;
}

export function folders(t: { after(work: () => void): void }): Folders {
  const base = temporaryFolder(t);
  const input = join(base, 'input');
  mkdirSync(input);
  return { input, staged: join(base, 'staged') };
}

export function stage({ input, staged }: Folders, values: ConfigInput = {}) {
  const config: ConfigInput = { dirInput: input, dirStaged: staged, executor: 'inline', ...values };
  return new TileStager(config).stageAll();
}

export function layer(rows: OddLayer['rows'], more: Partial<OddLayer> = {}): OddLayer {
  return { layer: 'polygons', srsId: 4326, columns: [], rows, ...more };
}

/** What SQLite says of the file, its R-tree and its counts; returns the depth of the R-tree. */
export function checkDatabase(path: string): {
  rows: number;
  rtreeDepth: number;
  tableDepth: number;
} {
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    const one = (sql: string): unknown => Object.values(db.prepare(sql).get()!)[0];
    assert.equal(one('pragma integrity_check'), 'ok', path);
    assert.deepEqual(db.prepare('pragma foreign_key_check').all(), [], path);
    const table = String(one('select table_name from gpkg_contents'));
    const rtree = `rtree_${table}_geom`;
    assert.equal(one(`select rtreecheck('${rtree}')`), 'ok', path);
    const rows = Number(one(`select count(*) from "${table}"`));
    assert.equal(one(`select count(*) from "${rtree}"`), rows);
    assert.equal(one('select feature_count from gpkg_ogr_contents'), rows);
    assert.equal(one('select seq from sqlite_sequence'), rows);
    const root = one(`select data from "${rtree}_node" where nodeno = 1`) as Uint8Array;
    const page = Number(one(`select rootpage from sqlite_schema where name = '${table}'`));
    return { rows, rtreeDepth: root[0]! * 256 + root[1]!, tableDepth: tableDepth(path, page) };
  } finally {
    db.close();
  }
}

/** Levels of interior pages above the leaves of a table's b-tree, by its leftmost way down. */
function tableDepth(path: string, root: number): number {
  const bytes = readFileSync(path);
  const pageSize = bytes.readUInt16BE(16);
  let depth = 0;
  for (let page = root; ; depth++) {
    const at = (page - 1) * pageSize;
    if (bytes[at] === 0x0d) return depth;
    assert.equal(bytes[at], 0x05, `page ${page} is no page of a table`);
    page = bytes.readUInt32BE(at + bytes.readUInt16BE(at + 12));
  }
}

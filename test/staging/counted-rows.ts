/**
 * Products for tests: how many rows each tile has, and each of its parents down to z 0; how many are in
 * the tiles around each tile. What they must say is read from the tiles by SQLite.
 */

import assert from 'node:assert/strict';
import { appendFileSync, existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { registry } from '../../src/parallel/registry.ts';
import type { Product, ProductSource } from '../../src/staging/products/product.ts';
import { listTiles } from './support.ts';

const module = registry.register(import.meta.url, 'counted-rows');

export const ROWS: Product = {
  ...{ name: 'rows', version: 1, extension: '.json', downTo: 0, make: `${module}.countRows` },
};
export const AROUND: Product = {
  ...{ name: 'around', version: 1, extension: '.txt', neighbours: true },
  make: `${module}.countRows`,
};

/** A task function: what it makes is a number, and tiles are noted in the file that TILEWRIGHT_MADE names. */
export function countRows({ tile, tiles, children, target }: ProductSource): void {
  const { z, x, y } = tile;
  const log = process.env['TILEWRIGHT_MADE'];
  if (log !== undefined) appendFileSync(log, `${z}/${x}/${y}\n`);
  let rows = 0;
  for (const { open } of tiles) {
    const file = open();
    for (const all = file.rows(); all.next(); ) rows++;
    file.close();
  }
  for (const { path } of children) rows += Number(readFileSync(path, 'utf8'));
  if (process.env['TILEWRIGHT_FAIL'] === `${z}/${x}/${y}`) throw new Error('it is Friday');
  writeFileSync(target, `${rows}\n`);
}

/** Ends its process, when it comes to the tile that TILEWRIGHT_FAIL names. */
export function dieThere(source: ProductSource): void {
  const { z, x, y } = source.tile;
  if (process.env['TILEWRIGHT_FAIL'] === `${z}/${x}/${y}`) process.exit(3);
  countRows(source);
}

/** Rows of each tile of z 13, as SQLite counts them, by `x/y`. */
function rowsOfTiles(folder: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const path of listTiles(folder)) {
    const db = new DatabaseSync(join(folder, path), { readOnly: true });
    const { table_name: layer } = db.prepare('select table_name from gpkg_contents').get()!;
    const { n } = db.prepare(`select count(*) as n from "${layer}"`).get()!;
    db.close();
    const [x, y] = path.replace('.gpkg', '').split('/').slice(-2);
    counts.set(`${x}/${y}`, Number(n));
  }
  return counts;
}

/** What the files of ROWS must say, by their paths: a parent has half the column and half the row. */
export function expectedRows(
  folder: string,
  name = 'rows',
  extension = 'json',
): Map<string, number> {
  const all = new Map<string, number>();
  let level = rowsOfTiles(folder);
  for (let z = 13; z >= 0; z--) {
    const parents = new Map<string, number>();
    for (const [tile, rows] of level) {
      const [x, y] = tile.split('/').map(Number) as [number, number];
      all.set(`${name}/WGS1984Quad/${z}/${x}/${y}.${extension}`, rows);
      const parent = `${x >> 1}/${y >> 1}`;
      parents.set(parent, (parents.get(parent) ?? 0) + rows);
    }
    level = parents;
  }
  return all;
}

/** What the files of AROUND must say. */
export function expectedAround(folder: string): Map<string, number> {
  const tiles = rowsOfTiles(folder);
  const all = new Map<string, number>();
  for (const tile of tiles.keys()) {
    const [x, y] = tile.split('/').map(Number) as [number, number];
    let rows = 0;
    for (const dx of [-1, 0, 1]) {
      for (const dy of [-1, 0, 1]) rows += tiles.get(`${x + dx}/${y + dy}`) ?? 0;
    }
    all.set(`around/WGS1984Quad/13/${x}/${y}.txt`, rows);
  }
  return all;
}

/** What there is of a product, by path. */
export function found(folder: string, name: string): Map<string, number> {
  const paths = globSync(`${name}/**`, { cwd: folder, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  const numbers = paths.map((path): [string, number] => [
    path
      .slice(folder.length + 1)
      .split(sep)
      .join('/'),
    Number(readFileSync(path, 'utf8')),
  ]);
  return new Map(numbers);
}

export function assertSame(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): void {
  assert.deepEqual([...a].sort(), [...b].sort());
}

/** The products are those of the tiles, and nothing else is there. */
export function checkProducts(folder: string): void {
  const rows = expectedRows(folder);
  assert.ok(rows.size > 10, 'there is something to compare');
  assertSame(found(folder, 'rows'), rows);
  assertSame(found(folder, 'around'), expectedAround(folder));
}

/** Tiles that were made since, in the order of their names. */
export function madeSince(log: string): string[] {
  const text = existsSync(log) ? readFileSync(log, 'utf8') : '';
  writeFileSync(log, '');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .sort();
}

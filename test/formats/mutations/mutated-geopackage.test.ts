/** GeoPackages of which bytes are other ones: the rows of SQLite, or an error by name. */

import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { TilewrightError } from '../../../src/core/errors.ts';
import type { Random } from '../../../src/core/random.ts';
import { openGeoPackage } from '../../../src/formats/geopackage/source.ts';
import { geometryBlob, multiPolygonWkb, polygonWkb } from '../../staging/support.ts';
import { writeGeoPackage } from '../../staging/write-geopackage.ts';
import { damage } from '../random-damage.ts';
import { difference, type Rows, rowsOfProject, rowsOfSqlite } from '../row-texts.ts';
import { square } from '../shapefile/shapefile-fixture.ts';
import { writeRandomDatabase } from '../sqlite/random-database.ts';
import { mutate, type Place } from './mutate.ts';
import { readMutations, type Sound } from './mutations.ts';

/** A GeoPackage as programs write them, of small pages: a layer `l` with an index of boxes, and another layer. */
function writeOrdinary(path: string, random: Random): void {
  const rows = Array.from({ length: 1 + random.integer(30) }, (_, n) => {
    const [x, y] = [random.integer(100), random.integer(80)];
    const rings = [square(x, y, 2), square(x + 0.5, y + 0.5, 1)].slice(random.integer(2));
    const wkb =
      random.integer(3) === 0 ? multiPolygonWkb([rings, [square(x + 5, y, 1)]]) : polygonWkb(rings);
    const blob = random.integer(9) === 0 ? null : withEnvelope(geometryBlob(wkb, 3413), random);
    const values = [
      BigInt(n) * 1000n ** BigInt(random.integer(6)),
      `row ${'n'.repeat(random.integer(90))}`,
      n / 3,
    ];
    return { blob, values: values.map((value) => (random.integer(9) === 0 ? null : value)) };
  });
  const columns = [
    { name: 'n', type: 'INTEGER' },
    { name: 'name', type: 'TEXT' },
    { name: 'depth', type: 'REAL' },
  ];
  const layer = { srsId: 3413, columns, geometryType: 'GEOMETRY', rows };
  writeGeoPackage(path, [
    { ...layer, layer: 'l' },
    { ...layer, layer: 'other', rows: rows.slice(0, 3) },
  ]);
  const db = new DatabaseSync(path);
  try {
    db.exec(`pragma page_size = ${512 << random.integer(3)}; vacuum`);
    if (random.integer(2) === 0) return;
    db.exec(`
      create table gpkg_extensions (table_name text, column_name text, extension_name text not null,
        definition text not null, scope text not null);
      insert into gpkg_extensions values ('l', 'geom', 'gpkg_rtree_index', 'x', 'write-only');
      create virtual table rtree_l_geom using rtree(id, minx, maxx, miny, maxy);
      insert into rtree_l_geom select fid, fid, fid + 1, fid, fid + 1 from l where geom is not null`);
  } finally {
    db.close();
  }
}

/** Of XY: minX, maxX, minY, maxY, which nobody has to believe. */
function withEnvelope(blob: Buffer, random: Random): Buffer {
  if (random.integer(2) === 0) return blob;
  const head = Buffer.from(blob.subarray(0, 8));
  head[3]! |= 2;
  return Buffer.concat([head, Buffer.alloc(32), blob.subarray(8)]);
}

/** Numbers of the database's head, of its pages' heads and first cells, of heads of geometries, and in WKB. */
function numbersOf(bytes: Buffer, pageSize: number): Place[] {
  const places: Place[] = [];
  const add = (width: Place['bytes'], big: boolean, ...at: number[]): void => {
    for (const one of at)
      if (one + width <= bytes.length) places.push({ at: one, bytes: width, big });
  };
  add(2, true, 16);
  add(1, true, 18, 19, 20, 21, 22, 23);
  add(4, true, 24, 28, 32, 36, 40, 44, 52, 56, 60, 64, 68, 92, 96);
  for (let page = 0; page < bytes.length; page += pageSize) {
    const head = page + (page === 0 ? 100 : 0);
    add(1, true, head, head + 7);
    add(2, true, head + 1, head + 3, head + 5, head + 8, head + 10, head + 12);
    add(4, true, head + 8);
    const cell = page + bytes.readUInt16BE(head + (bytes[head]! < 8 ? 12 : 8));
    add(1, true, cell, cell + 1, cell + 2, cell + 3, cell + 4);
    add(4, true, cell);
  }
  for (let at = bytes.indexOf('GP\0'); at >= 0; at = bytes.indexOf('GP\0', at + 1)) {
    const wkb = at + 8 + ((bytes[at + 3]! & 2) === 2 ? 32 : 0);
    add(1, false, at + 2, at + 3, wkb);
    add(4, false, at + 4, wkb + 1, wkb + 5, wkb + 9, wkb + 14);
    if (places.length > 600) break;
  }
  return places;
}

function mutateDatabase(random: Random, { bytes, places = [] }: Sound): Buffer {
  const said = bytes.readUInt16BE(16);
  const pageSize = said === 1 ? 65_536 : said;
  return random.integer(3) === 0
    ? damage(Buffer.from(bytes), pageSize, random)
    : mutate(random, bytes, places);
}

/** Ids past ±2^53 are refused, and what is computed is read by another process, which takes long. */
function isReadable(path: string, random: Random): boolean {
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    const columns = db.prepare('pragma table_xinfo(l)').all();
    if (columns.some(({ hidden }) => Number(hidden) > 1)) return false;
    return rowsOfProject(path, random).count >= 0;
  } catch (error) {
    if (error instanceof TilewrightError) return false;
    throw error;
  } finally {
    db.close();
  }
}

/** What planning asks for: estimates of any damaged file are boxes, none, or an error by name. */
function estimate(path: string): void {
  const source = openGeoPackage(path, { byBox: true });
  try {
    source.extents('l', source.slices('l', 500));
  } finally {
    source.close();
  }
}

test('mutations of GeoPackages', async (t) => {
  const counts = await readMutations<Rows, Rows>(t, {
    format: 'GeoPackage',
    sound(random, folder) {
      const path = join(folder, 'made.gpkg');
      const isOrdinary = random.integer(2) === 0;
      do {
        rmSync(path, { force: true });
        if (isOrdinary) writeOrdinary(path, random);
        else writeRandomDatabase(path, random, false);
      } while (!isReadable(path, random));
      const bytes = readFileSync(path);
      rmSync(path);
      const said = bytes.readUInt16BE(16);
      return [{ name: 'a.gpkg', bytes, places: numbersOf(bytes, said === 1 ? 65_536 : said) }];
    },
    mutate: mutateDatabase,
    read(path, random) {
      if (random.integer(3) === 0) estimate(path);
      return rowsOfProject(path, random);
    },
    second(path, found) {
      try {
        return rowsOfSqlite(path);
      } catch (error) {
        const { message } = error as Error;
        throw new Error(`SQLite refuses (${message}), and ${found.rows.length} rows were read`);
      }
    },
    // Of ids past ±2^53.
    codes: /^input-(corrupt|truncated|format|encoding|empty|columns|layer|unreadable)$/,
    difference: (found, wanted) => difference(wanted, found),
  });
  assert.ok(counts.compared > 50 && counts.refused > 50, JSON.stringify(counts));
});

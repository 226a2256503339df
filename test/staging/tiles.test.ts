/** Staged tiles as GeoPackages: what SQLite and GDAL, which had no part in writing them, say. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, test } from 'node:test';
import { ORIGIN_X, ORIGIN_Y, writeScene, writeScenes } from '../../bench/scenes.ts';
import { Random } from '../../src/core/random.ts';
import { type BoxTuple, gdalReports, hasGdal, NO_GDAL } from './gdal.ts';
import {
  blobRings,
  hasProgram,
  IN_ONE_TILE,
  listTiles,
  polygonWkb,
  type Ring,
  randomPolygons,
  readRows,
  THAT_TILE,
} from './support.ts';
import { checkDatabase, folders, layer, stage } from './tile-checks.ts';
import { writeGeoPackage } from './write-geopackage.ts';

interface Envelope {
  minX: number;
  minY: number;
  maxX: number;
  maxY: number;
}

function envelopeOf(blob: Uint8Array): Envelope {
  const x = blobRings(blob).flatMap((ring) => ring.map((position) => position[0]!));
  const y = blobRings(blob).flatMap((ring) => ring.map((position) => position[1]!));
  return {
    minX: Math.min(...x),
    minY: Math.min(...y),
    maxX: Math.max(...x),
    maxY: Math.max(...y),
  };
}

/** Boxes of all sizes around the middles of envelopes drawn at random. */
function randomBoxes(seed: number, count: number, envelopes: readonly Envelope[]): BoxTuple[] {
  const random = new Random(seed);
  return Array.from({ length: count }, () => {
    const { minX, minY, maxX, maxY } = envelopes[random.integer(envelopes.length)]!;
    const halfX = (maxX - minX) * 10 ** (2 * random.next() - 1);
    const halfY = (maxY - minY) * 10 ** (2 * random.next() - 1);
    return [minX - halfX, minY - halfY, minX + halfX, minY + halfY];
  });
}

describe('staged tiles', () => {
  test('every tile of overlapping scenes: SQLite finds no fault', async (t) => {
    const at = folders(t);
    writeScenes(at.input, { seed: 5, count: 2, polygonsEach: 1500, cellArea: 20_000 });
    await stage(at);
    const tiles = listTiles(at.staged);
    assert.ok(tiles.length > 20, `${tiles.length} tiles`);
    for (const tile of tiles) checkDatabase(join(at.staged, tile));
  });

  test('every tile of overlapping scenes: GDAL opens, validates and filters it', {
    skip: !hasGdal && NO_GDAL,
  }, async (t) => {
    const at = folders(t);
    writeScenes(at.input, { seed: 6, count: 2, polygonsEach: 1500, cellArea: 20_000 });
    await stage(at);
    const items = listTiles(at.staged).map((tile, i) => {
      const path = join(at.staged, tile);
      const rows = readRows(path);
      const envelopes = rows.map((row) => envelopeOf(row.geometry));
      return { tile, rows, path, boxes: randomBoxes(i, 3, envelopes) };
    });
    const reports = gdalReports(items);
    assert.equal(reports.length, items.length);
    let narrowed = 0;
    for (const [i, report] of reports.entries()) {
      const { tile, rows } = items[i]!;
      assert.deepEqual(report.errors, [], tile);
      assert.equal(report.layers, 1);
      assert.equal(`${report.name}.gpkg`, tile.split('/').at(-1));
      assert.equal(report.type, 'Polygon');
      assert.equal(report.count, rows.length);
      assert.equal(report.srs, '+proj=longlat +datum=WGS84 +no_defs');
      assert.deepEqual([report.key, report.geometry], ['fid', 'geom']);
      for (const filter of report.filters) {
        assert.deepEqual(filter.ids, filter.brute, tile);
        // GDAL asks the R-tree unless the box holds the whole layer.
        if (filter.ids.length < rows.length) assert.ok(filter.rtree, `${tile}: no R-tree`);
        if (filter.rtree) narrowed++;
      }
    }
    assert.ok(narrowed > items.length, `${narrowed} filters used an R-tree`);
  });

  test('ogrinfo opens a tile and tells of its R-tree', {
    skip: !hasProgram('ogrinfo') && 'ogrinfo is not on this machine',
  }, async (t) => {
    const at = folders(t);
    const rings = randomPolygons(1, 60, IN_ONE_TILE, 2e-4);
    const columns = [{ name: 'n', type: 'INTEGER' }];
    const rows = rings.map((ring, n) => ({ wkb: polygonWkb([ring]), values: [n] }));
    writeGeoPackage(join(at.input, 'a.gpkg'), layer(rows, { columns }));
    await stage(at);
    const { minX, minY } = IN_ONE_TILE;
    const box = [minX, minY, minX + 0.004, minY + 0.004].map(String);
    const args = ['-ro', '-al', '-q', '-geom=NO', '-spat', ...box, join(at.staged, THAT_TILE)];
    const { stdout, stderr, status } = spawnSync('ogrinfo', args, {
      env: { ...process.env, CPL_DEBUG: 'ON' },
      encoding: 'utf8',
    });
    assert.equal(status, 0, stderr);
    assert.match(stderr, /Filter: "fid" IN \( SELECT id FROM "rtree_894_geom"/);
    const listed = stdout.match(/^OGRFeature\(894\):\d+$/gm) ?? [];
    assert.ok(listed.length > 0 && listed.length < 30, `${listed.length} features`);
  });

  test('a tile of 20,000 rows has trees of several levels', async (t) => {
    const at = folders(t);
    const size = { width: 5000, height: 5000 };
    const place = { originX: ORIGIN_X, originY: ORIGIN_Y, ...size };
    writeScene(join(at.input, 'scene.gpkg'), { seed: 3, polygons: 20_000, ...place });
    await stage(at, { zRange: [0, 4] });
    const tiles = listTiles(at.staged);
    assert.equal(tiles.length, 1);
    const path = join(at.staged, tiles[0]!);
    const { rows, rtreeDepth, tableDepth } = checkDatabase(path);
    assert.equal(rows, 20_000);
    assert.equal(rtreeDepth, 2);
    assert.ok(tableDepth >= 1, 'no interior pages');

    // The R-tree rounds boxes outwards to single precision: it may only give more.
    const envelopes = readRows(path).map((row) => envelopeOf(row.geometry));
    const db = new DatabaseSync(path, { readOnly: true });
    try {
      const name = path.split(/[/\\]/).at(-1)!.replace('.gpkg', '');
      const statement = db.prepare(
        `select id from "rtree_${name}_geom" where maxx >= ? and minx <= ? and maxy >= ? and miny <= ? order by id`,
      );
      for (const [minX, minY, maxX, maxY] of randomBoxes(11, 200, envelopes)) {
        const ids = new Set(statement.all(minX, maxX, minY, maxY).map((row) => Number(row['id'])));
        const slack = 2 ** -16;
        for (const [i, e] of envelopes.entries()) {
          const apart = Math.max(e.minX - maxX, minX - e.maxX, e.minY - maxY, minY - e.maxY);
          if (apart <= 0) assert.ok(ids.has(i + 1), `row ${i + 1} is not found`);
          else if (apart > slack) assert.ok(!ids.has(i + 1), `row ${i + 1} is far off`);
        }
      }
    } finally {
      db.close();
    }
    if (!hasGdal) {
      t.diagnostic(NO_GDAL);
      return;
    }
    const [report] = gdalReports([{ path, boxes: randomBoxes(12, 10, envelopes) }]);
    assert.deepEqual(report!.errors, []);
    for (const { ids, brute, rtree } of report!.filters) {
      assert.deepEqual(ids, brute);
      assert.ok(rtree);
    }
  });
});

describe('rows that are bigger than a page', () => {
  /** Text of so many characters that differs from its neighbours everywhere. */
  const text = (seed: number, length: number): string => {
    const random = new Random(seed);
    return Array.from({ length }, () => 'abcdefghijklmnopäö—'[random.integer(19)]).join('');
  };

  /** Lengths around where a row begins to overflow, and far beyond. */
  function overflowing(): { rings: Ring[]; texts: string[] } {
    const small = randomPolygons(21, 420, IN_ONE_TILE, 1e-4);
    const big = randomPolygons(22, 1, IN_ONE_TILE, 1e-3, 5000);
    const texts = small.map((_, i) => text(i, 3000 + 2 * i));
    return { rings: [...small, ...big], texts: [...texts, text(999, 300_000)] };
  }

  test('are whole after staging, after a merge, and after a change of columns', async (t) => {
    const at = folders(t);
    const { rings, texts } = overflowing();
    const columns = [{ name: 'note', type: 'TEXT' }];
    writeGeoPackage(
      join(at.input, 'b.gpkg'),
      layer(
        rings.map((ring, i) => ({ wkb: polygonWkb([ring]), values: [texts[i]!] })),
        { columns },
      ),
    );
    const path = join(at.staged, THAT_TILE);
    const check = (): void => {
      checkDatabase(path);
      const rows = readRows(path).filter((row) => row.values['staging_filename'] === 'b.gpkg');
      assert.equal(rows.length, rings.length);
      for (const [i, row] of rows.entries()) {
        assert.equal(row.values['note'], texts[i]);
        assert.deepEqual(blobRings(row.geometry), [rings[i]]);
      }
    };
    await stage(at);
    check();

    // The same columns: rows are copied. Other columns: they are put together anew.
    const [one] = randomPolygons(23, 1, IN_ONE_TILE, 1e-4);
    const other = { wkb: polygonWkb([one!]), values: ['x'] };
    writeGeoPackage(join(at.input, 'a.gpkg'), layer([other], { columns }));
    await stage(at);
    check();
    writeGeoPackage(
      join(at.input, 'c.gpkg'),
      layer([other], { columns: [{ name: 'else', type: 'TEXT' }] }),
    );
    await stage(at);
    check();
    assert.equal(readRows(path).length, rings.length + 2);
    if (hasGdal) assert.deepEqual(gdalReports([{ path }])[0]!.errors, []);
    else t.diagnostic(NO_GDAL);
  });
});

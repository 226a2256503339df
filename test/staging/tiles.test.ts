/** Staged tiles as GeoPackages: what SQLite and GDAL, which had no part in writing them, say. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, type TestContext, test } from 'node:test';
import { ORIGIN_X, ORIGIN_Y, writeScene, writeScenes } from '../../bench/scenes.ts';
import { Random } from '../../src/core/random.ts';
import { TileStager } from '../../src/staging/tile-stager.ts';
import { type BoxTuple, gdalReports, hasGdal, NO_GDAL } from './gdal.ts';
import {
  blobRings,
  hasProgram,
  IN_ONE_TILE,
  listTiles,
  multiPolygonWkb,
  type OddLayer,
  polygonWkb,
  type Ring,
  randomPolygons,
  readRows,
  readTiles,
  THAT_TILE,
  temporaryFolder,
  writeGeoPackage,
} from './support.ts';

interface Folders {
  input: string;
  staged: string;
}

function folders(t: TestContext): Folders {
  const base = temporaryFolder(t);
  const input = join(base, 'input');
  mkdirSync(input);
  return { input, staged: join(base, 'staged') };
}

function stage({ input, staged }: Folders, values: object = {}) {
  const config = { dirInput: input, dirStaged: staged, executor: 'inline', ...values };
  return new TileStager(config).stageAll();
}

function layer(rows: OddLayer['rows'], more: Partial<OddLayer> = {}): OddLayer {
  return { layer: 'polygons', srsId: 4326, columns: [], rows, ...more };
}

/** What SQLite says of the file, its R-tree and its counts; returns the depth of the R-tree. */
function checkDatabase(path: string): { rows: number; rtreeDepth: number; tableDepth: number } {
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

describe('kinds of geometry', () => {
  const raised = (ring: Ring): Ring => ring.map(([x, y], i) => [x!, y!, 100 + (i % 5)]);
  // WKB repeats the first position at the end, with its Z.
  const closed = (ring: Ring): Ring => [...ring.slice(0, -1), ring[0]!];

  function kindOf(path: string): unknown {
    const db = new DatabaseSync(path, { readOnly: true });
    try {
      const row = db.prepare('select geometry_type_name, z, m from gpkg_geometry_columns').get()!;
      return Object.values(row).join(' ');
    } finally {
      db.close();
    }
  }

  async function stageRows(t: TestContext, wkbs: Uint8Array[], geometryType: string) {
    const at = folders(t);
    const rows = wkbs.map((wkb) => ({ wkb, values: [] }));
    writeGeoPackage(join(at.input, 'a.gpkg'), layer(rows, { geometryType }));
    const result = await stage(at);
    assert.equal(result.featuresStaged, wkbs.length);
    const path = join(at.staged, THAT_TILE);
    checkDatabase(path);
    const report = hasGdal ? gdalReports([{ path }])[0]! : null;
    if (report === null) t.diagnostic(NO_GDAL);
    else assert.deepEqual(report.errors, []);
    return { path, report, rows: readTiles(at.staged) };
  }

  test('polygons with Z keep it', async (t) => {
    const rings = randomPolygons(31, 5, IN_ONE_TILE, 1e-4).map(raised).map(closed);
    const wkbs = rings.map((ring) => polygonWkb([ring]));
    const { path, report, rows } = await stageRows(t, wkbs, 'POLYGON');
    assert.equal(kindOf(path), 'POLYGON 1 0');
    assert.deepEqual(
      rows.map((row) => blobRings(row.geometry)),
      rings.map((ring) => [ring]),
    );
    if (report !== null) assert.equal(report.type, '3D Polygon');
  });

  test('with and without Z in one tile', async (t) => {
    const [flat, high] = randomPolygons(32, 2, IN_ONE_TILE, 1e-4);
    const rings = [flat!, closed(raised(high!))];
    const wkbs = rings.map((ring) => polygonWkb([ring]));
    const { path, rows } = await stageRows(t, wkbs, 'POLYGON');
    assert.equal(kindOf(path), 'POLYGON 2 0');
    assert.deepEqual(
      rows.map((row) => blobRings(row.geometry)),
      rings.map((ring) => [ring]),
    );
  });

  test('multipolygons, with holes, alone and among polygons', async (t) => {
    const [a, b, c] = randomPolygons(33, 3, IN_ONE_TILE, 1e-3);
    const hole = ([first]: Ring, ring: Ring): Ring =>
      ring.map(([x, y]) => [
        first![0]! + (x! - first![0]!) * 0.2 - 2e-4,
        first![1]! + (y! - first![1]!) * 0.2,
      ]);
    const parts = [[a!, hole(a!, a!)], [b!]];
    const alone = await stageRows(t, [multiPolygonWkb(parts)], 'MULTIPOLYGON');
    assert.equal(kindOf(alone.path), 'MULTIPOLYGON 0 0');
    assert.deepEqual(blobRings(alone.rows[0]!.geometry), parts.flat());
    if (alone.report !== null) {
      assert.equal(alone.report.type, 'Multi Polygon');
      assert.deepEqual(alone.report.types, ['MULTIPOLYGON']);
    }
    const mixed = await stageRows(t, [multiPolygonWkb(parts), polygonWkb([c!])], 'GEOMETRY');
    assert.equal(kindOf(mixed.path), 'GEOMETRY 0 0');
    if (mixed.report !== null) assert.deepEqual(mixed.report.types, ['MULTIPOLYGON', 'POLYGON']);
  });
});

describe('a TileMatrixSet of one’s own, in a CRS without an EPSG code', () => {
  const WKT =
    'PROJCS["Polar, 147 W up",GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563]],' +
    'PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]],PROJECTION["Lambert_Azimuthal_Equal_Area"],' +
    'PARAMETER["latitude_of_center",90],PARAMETER["longitude_of_center",-147],' +
    'PARAMETER["false_easting",0],PARAMETER["false_northing",0],UNIT["metre",1]]';
  const PROJ = '+proj=laea +lat_0=90 +lon_0=-147 +x_0=0 +y_0=0 +datum=WGS84 +units=m +no_defs';

  function write({ input }: Folders, crs: unknown): string {
    const side = 8_000_000;
    const tms = {
      id: 'Polar147',
      crs,
      orderedAxes: ['E', 'N'],
      tileMatrices: [0, 1, 2, 3].map((z) => ({
        id: String(z),
        scaleDenominator: side / 256 / 2 ** z / 0.00028,
        cellSize: side / 256 / 2 ** z,
        pointOfOrigin: [-side / 2, side / 2],
        tileWidth: 256,
        tileHeight: 256,
        matrixWidth: 2 ** z,
        matrixHeight: 2 ** z,
      })),
    };
    const path = join(input, 'polar.json');
    writeFileSync(path, JSON.stringify(tms));
    const rings = randomPolygons(41, 30, IN_ONE_TILE, 1e-4);
    const rows = rings.map((ring) => ({ wkb: polygonWkb([ring]), values: [] }));
    writeGeoPackage(join(input, 'a.gpkg'), layer(rows));
    return path;
  }

  test('given as a PROJ string is refused: tiles would not name their CRS', async (t) => {
    const at = folders(t);
    const tmsId = write(at, PROJ);
    await assert.rejects(stage(at, { tmsId, zRange: [0, 3] }), {
      code: 'tms-invalid',
      message: /Polar147.*PROJ string.*WKT/,
    });
    assert.deepEqual(listTiles(at.staged), []);
  });

  test('given as WKT is written into the tiles', async (t) => {
    const at = folders(t);
    const tmsId = write(at, { wkt: WKT });
    await stage(at, { tmsId, zRange: [0, 3] });
    // 153.27° W is 6.27° clockwise of 147° W, 2,170 km from the pole.
    assert.deepEqual(listTiles(at.staged), ['Polar147/3/3/6.gpkg']);
    const path = join(at.staged, 'Polar147/3/3/6.gpkg');
    checkDatabase(path);
    const db = new DatabaseSync(path, { readOnly: true });
    try {
      const srs = db.prepare('select * from gpkg_spatial_ref_sys where srs_id > 0').all();
      assert.deepEqual(
        srs.map((row) => [row['srs_id'], row['organization'], row['organization_coordsys_id']]),
        [
          [4326, 'EPSG', 4326],
          [100_000, 'NONE', 100_000],
        ],
      );
    } finally {
      db.close();
    }
    for (const row of readRows(path)) {
      const [x, y] = blobRings(row.geometry)[0]![0]!;
      const longitude = (Math.atan2(x!, -y!) * 180) / Math.PI - 147;
      assert.ok(Math.abs(longitude + 153.27) < 0.02, `longitude ${longitude}`);
    }
    if (!hasGdal) {
      t.diagnostic(NO_GDAL);
      return;
    }
    const [report] = gdalReports([{ path }]);
    assert.deepEqual(report!.errors, []);
    assert.equal(report!.srs, PROJ);
  });
});

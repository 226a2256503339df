/** Tiles of other geometries than plain polygons, and in other CRSs than those with a code. */

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, type TestContext, test } from 'node:test';
import { gdalReports, hasGdal, NO_GDAL } from './gdal.ts';
import {
  blobRings,
  IN_ONE_TILE,
  listTiles,
  multiPolygonWkb,
  polygonWkb,
  type Ring,
  randomPolygons,
  readRows,
  readTiles,
  THAT_TILE,
} from './support.ts';
import { checkDatabase, type Folders, folders, layer, stage } from './tile-checks.ts';
import { writeGeoPackage } from './write-geopackage.ts';

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

  for (const [notation, crs] of [
    ['WKT', { wkt: WKT }],
    ['a PROJ string', PROJ],
  ] as const) {
    test(`given as ${notation} is written into the tiles as WKT`, (t) => isWritten(t, crs));
  }

  async function isWritten(t: TestContext, crs: unknown): Promise<void> {
    const at = folders(t);
    const tmsId = write(at, crs);
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
  }
});

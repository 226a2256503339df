/**
 * Polygons across the antimeridian and over the pole, and the same scenes in several
 * TileMatrixSets, from input to tile.
 */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { suite, test } from 'node:test';
import type { RunResult } from '../../../src/staging/phases/run-result.ts';
import { TileStager } from '../../../src/staging/tile-stager.ts';
import { checkTiles, square, suiteFolder } from '../../faults/faults.ts';
import { gdalReports, hasGdal, NO_GDAL } from '../gdal.ts';
import {
  blobRings,
  listTiles,
  NO_SHARED_DATA,
  polygonWkb,
  readTiles,
  sharedData,
  type TileRow,
} from '../support.ts';
import { writeGeoPackage } from '../write-geopackage.ts';

/** WGS 84, in metres. */
const SEMI_MAJOR = 6378137;
const E = Math.sqrt(0.0066943799901413165);
const RADIANS = Math.PI / 180;

/**
 * Easting and northing in EPSG:3413 of a longitude on the parallel 70° N. Its scale is 1 there, so ρ
 * is the parallel's radius on the ellipsoid: Snyder 1987, equation 21-34 with t = t_c.
 */
function on70North(longitude: number): [x: number, y: number] {
  const phi = 70 * RADIANS;
  const rho = (SEMI_MAJOR * Math.cos(phi)) / Math.sqrt(1 - (E * Math.sin(phi)) ** 2);
  const angle = (longitude + 45) * RADIANS;
  return [rho * Math.sin(angle), -rho * Math.cos(angle)];
}

/** Signed, by the shoelace formula. */
function ringArea(ring: readonly (readonly number[])[]): number {
  const [originX, originY] = ring[0] as [number, number];
  let twice = 0;
  for (let i = 1; i < ring.length; i++) {
    const [x1, y1] = ring[i - 1] as [number, number];
    const [x2, y2] = ring[i] as [number, number];
    twice += (x1 - originX) * (y2 - originY) - (x2 - originX) * (y1 - originY);
  }
  return twice / 2;
}

suite('antimeridian and pole', () => {
  const folder = suiteFolder();
  let runs = 0;

  const stage = async (
    config: object,
    inputs: string[],
  ): Promise<{ out: string; result: RunResult; rows: TileRow[] }> => {
    const out = join(folder, `out-${runs++}`);
    const stager = new TileStager({ dirStaged: out, executor: 'inline', ...config });
    const result = await stager.stageAll({ inputs });
    checkTiles(out);
    return { out, result, rows: readTiles(out) };
  };

  const polar = (name: string, ring: number[][]): string => {
    const path = join(folder, `${name}.gpkg`);
    const rows = [{ wkb: polygonWkb([ring]), values: [] }];
    writeGeoPackage(path, { layer: name, srsId: 3413, columns: [], rows });
    return path;
  };

  const checkValid = (out: string): void => {
    if (!hasGdal) return;
    const tiles = listTiles(out).map((tile) => ({ path: join(out, tile) }));
    for (const report of gdalReports(tiles)) {
      assert.deepEqual(report.errors, []);
      assert.equal(report.invalid, 0);
    }
  };

  test('twenty metres across it are in four tiles at the most, on both sides', async (t) => {
    if (!hasGdal) t.diagnostic(`validity is not checked: ${NO_GDAL}`);
    for (const shift of [-10, -3, -17]) {
      const [x, y] = on70North(180);
      const path = polar(`across${shift}`, square(x + shift, y + shift, 20));
      for (const tmsId of ['WGS1984Quad', 'WorldCRS84Quad']) {
        const { out, result, rows } = await stage({ tmsId, zRange: [0, 13] }, [path]);
        assert.equal(result.featuresStaged, 1);
        assert.ok(rows.length >= 2 && rows.length <= 4, `${rows.length} tiles`);
        const columns = new Set(rows.map(({ tile }) => Number(tile.split('/').at(-2))));
        assert.deepEqual(columns, new Set([0, 2 ** 14 - 1]));
        for (const { geometry, values } of rows) {
          const rings = blobRings(geometry);
          assert.equal(new DataView(geometry.buffer, geometry.byteOffset).getUint32(41, true), 6);
          assert.equal(rings.length, 2, 'one part on each side');
          const sides = rings.map((ring) => {
            for (const [longitude, latitude] of ring as [number, number][]) {
              assert.ok(Math.abs(longitude) <= 180 && Math.abs(longitude) > 179.999);
              assert.ok(Math.abs(latitude - 70) < 0.001);
            }
            return Math.sign(ring[0]![0]!);
          });
          assert.deepEqual(sides.sort(), [-1, 1]);
          // 400 m² where a degree has so many metres, by the radii of curvature at 70° N.
          const sine = Math.sin(70 * RADIANS);
          const w = Math.sqrt(1 - (E * sine) ** 2);
          const metresNorth = ((SEMI_MAJOR * (1 - E * E)) / w ** 3) * RADIANS;
          const metresEast = (SEMI_MAJOR / w) * Math.cos(70 * RADIANS) * RADIANS;
          const area = rings.reduce((sum, ring) => sum + Math.abs(ringArea(ring)), 0);
          const expected = 400 / (metresNorth * metresEast);
          assert.ok(Math.abs(area / expected - 1) < 1e-3, `${area} is not ${expected}`);
          assert.ok(Math.abs(Number(values['staging_area']) / expected - 1) < 1e-3);
          const longitude = Number(values['staging_centroid_x']);
          assert.ok(Math.abs(longitude) <= 180 && Math.abs(longitude) > 179.999, `${longitude}`);
          assert.ok(Math.abs(Number(values['staging_centroid_y']) - 70) < 0.001);
        }
        checkValid(out);
      }
    }
  });

  test('degrees and metres that go on past 180 are in the tiles where they are', async () => {
    const box = (x: number, y: number, width: number, height: number): number[][] => [
      [x, y],
      [x + width, y],
      [x + width, y + height],
      [x, y + height],
      [x, y],
    ];
    const write = (name: string, srsId: number, rings: number[][][]): string => {
      const path = join(folder, `${name}.gpkg`);
      const rows = rings.map((ring, k) => ({ wkb: polygonWkb([ring]), values: [k] }));
      writeGeoPackage(path, {
        layer: name,
        srsId,
        columns: [{ name: 'n', type: 'INTEGER' }],
        rows,
      });
      return path;
    };
    const degrees = [
      box(170.1, 10, 19.8, 0.01),
      box(179.99, 20, 0.02, 0.01),
      box(200.1, 10, 0.8, 0.01),
    ];
    const inputs = [
      write('degrees', 4326, degrees),
      write('metres', 3857, [box(20036508, 100, 2000, 1000)]),
      write('datum', 4267, [box(-180, 51, 0.01, 0.01)]),
    ];
    const { out, result, rows } = await stage({ zRange: [0, 8] }, inputs);
    assert.equal(result.featuresStaged, 5);
    assert.deepEqual(result.drops, {});
    const columnsOf = (name: string, n: number): number[] => {
      const own = rows.filter(
        ({ values }) => values['staging_filename'] === `${name}.gpkg` && Number(values['n']) === n,
      );
      const columns = new Set(own.map(({ tile }) => Number(tile.split('/').at(-2))));
      return [...columns].sort((p, q) => p - q);
    };
    // Tiles are 0.703125° wide, from −180.
    const past = Array.from({ length: 15 }, (_, k) => k);
    assert.deepEqual(columnsOf('degrees', 0), [...past, ...past.map((k) => 497 + k)]);
    assert.deepEqual(columnsOf('degrees', 1), [0, 511]);
    assert.deepEqual(columnsOf('degrees', 2), [28, 29]);
    assert.deepEqual(columnsOf('metres', 0), [0, 511]);
    assert.deepEqual(columnsOf('datum', 0), [0, 511]);
    checkValid(out);
  });

  test('beside it, a polygon stays whole', async () => {
    for (const longitude of [179.99, -179.99]) {
      const [x, y] = on70North(longitude);
      const { rows } = await stage({ zRange: [0, 13] }, [polar('beside', square(x, y, 20))]);
      assert.ok(rows.length <= 4);
      for (const { geometry } of rows) assert.equal(blobRings(geometry).length, 1);
    }
  });

  test('one over the pole is in the top row, all around', async () => {
    const path = polar('pole', square(-10_000, -10_000, 20_000));
    for (const z of [0, 3, 6]) {
      const { out, rows } = await stage({ zRange: [0, z] }, [path]);
      assert.deepEqual(
        rows.map(({ tile }) => tile).sort(),
        Array.from({ length: 2 ** (z + 1) }, (_, x) => `WGS1984Quad/${z}/${x}/0.gpkg`).sort(),
      );
      for (const { geometry, values } of rows) {
        const rings = blobRings(geometry);
        const latitudes = rings.flat().map(([, latitude]) => latitude!);
        const longitudes = rings.flat().map(([x]) => x!);
        assert.equal(Math.max(...latitudes), 90);
        // The corners are 14.1 km from the pole, about 0.13°.
        assert.ok(Math.min(...latitudes) > 89.8, `${Math.min(...latitudes)}`);
        assert.equal(Math.min(...longitudes), -180);
        assert.equal(Math.max(...longitudes), 180);
        assert.ok(Number(values['staging_centroid_y']) > 89.8);
        const area = rings.reduce((sum, ring) => sum + Math.abs(ringArea(ring)), 0);
        assert.ok(area > 360 * 0.08 && area < 360 * 0.14, `${area}`);
      }
      checkValid(out);
    }
  });

  test('in the CRS of the input, nothing is across anything', async (t) => {
    const tmsId = sharedData('conformance/tms-custom/UPSArctic3413Quad.json');
    if (tmsId === null) return t.skip(NO_SHARED_DATA);
    const ring = square(...on70North(180), 20);
    const { rows } = await stage({ tmsId, zRange: [0, 12] }, [polar('same', ring)]);
    assert.equal(rows.length, 1);
    assert.deepEqual(blobRings(rows[0]!.geometry), [ring]);
    assert.equal(rows[0]!.values['staging_area'], 400);
    const pole = await stage({ tmsId, zRange: [0, 12] }, [polar('same-pole', square(-9, -9, 20))]);
    assert.equal(pole.rows.length, 1);
  });

  test('the scenes of golden/tiny in several TileMatrixSets', async (t) => {
    const tiny = sharedData('golden/tiny');
    const custom = sharedData('conformance/tms-custom/UPSArctic3413Quad.json');
    if (tiny === null || custom === null) return t.skip(NO_SHARED_DATA);
    const original = new Map<string, number[][][]>();
    const others = {
      WorldCRS84Quad: ['EPSG', 4326],
      WebMercatorQuad: ['EPSG', 3857],
      UPSArcticWGS84Quad: ['EPSG', 5041],
      UPSArctic3413Quad: ['EPSG', 3413],
    } as const;
    const staged = new Map<string, Map<string, number[][][]>>();
    for (const [name, [organization, code]] of Object.entries(others)) {
      const tmsId = name === 'UPSArctic3413Quad' ? custom : name;
      const { out, result, rows } = await stage({ tmsId, zRange: [0, 11] }, [tiny]);
      assert.equal(result.featuresStaged, 6000);
      assert.deepEqual(result.drops, {});
      t.diagnostic(`${name}: ${rows.length} rows in ${result.tiles.total} tiles`);
      assert.ok(result.tiles.total >= 3 && result.tiles.total <= 60);
      checkSrs(out, organization, code);
      checkInTheirTiles(new TileStager({ dirStaged: out, tmsId, zRange: [0, 11] }), rows);
      const geometries = new Map<string, number[][][]>();
      for (const row of rows) {
        geometries.set(String(row.values['staging_identifier']), blobRings(row.geometry));
      }
      assert.equal(geometries.size, 6000);
      staged.set(name, geometries);
      if (name === 'UPSArctic3413Quad') for (const entry of geometries) original.set(...entry);
    }

    // Snyder 1987, equations 7-1 and 7-2 on the sphere, and 21-33 and 21-34: both polar ones differ
    // by a turn of 45° and a scale.
    const sine = Math.sin(70 * RADIANS);
    const m = Math.cos(70 * RADIANS) / Math.sqrt(1 - (E * sine) ** 2);
    const tangent =
      Math.tan(Math.PI / 4 - (70 * RADIANS) / 2) / ((1 - E * sine) / (1 + E * sine)) ** (E / 2);
    const scale =
      ((2 * 0.994) / Math.sqrt((1 + E) ** (1 + E) * (1 - E) ** (1 - E))) * (tangent / m);
    const compare = (name: string, expected: (id: string) => number[][][], most: number): void => {
      let worst = 0;
      for (const [id, rings] of staged.get(name)!) {
        for (const [r, ring] of expected(id).entries()) {
          for (const [v, [x, y]] of ring.entries() as Iterable<[number, [number, number]]>) {
            const [u, w] = rings[r]![v] as [number, number];
            worst = Math.max(worst, Math.hypot(u - x!, w - y!));
          }
        }
      }
      t.diagnostic(`${name}: at most ${worst} m off`);
      assert.ok(worst < most, `${worst}`);
    };
    const each = (rings: number[][][], convert: (x: number, y: number) => number[]): number[][][] =>
      rings.map((ring) => ring.map(([x, y]) => convert(x!, y!)));
    compare(
      'UPSArcticWGS84Quad',
      (id) =>
        each(original.get(id)!, (x, y) => {
          const angle = Math.atan2(x, -y) - Math.PI / 4;
          const rho = scale * Math.hypot(x, y);
          return [2e6 + rho * Math.sin(angle), 2e6 - rho * Math.cos(angle)];
        }),
      1e-6,
    );
    compare(
      'WebMercatorQuad',
      (id) =>
        each(staged.get('WorldCRS84Quad')!.get(id)!, (longitude, latitude) => [
          SEMI_MAJOR * longitude * RADIANS,
          SEMI_MAJOR * Math.log(Math.tan(Math.PI / 4 + (latitude * RADIANS) / 2)),
        ]),
      1e-6,
    );
  });

  /** All tiles name the CRS, by number and definition, for the layer and in every blob. */
  const checkSrs = (out: string, organization: string, code: number): void => {
    for (const tile of listTiles(out)) {
      const path = join(out, tile);
      assert.equal(readFileSync(path).readUInt32BE(68), 0x47504b47, 'a GeoPackage');
      const db = new DatabaseSync(path, { readOnly: true });
      const row = db
        .prepare(
          `select s.* from gpkg_contents c join gpkg_spatial_ref_sys s on s.srs_id = c.srs_id
            join gpkg_geometry_columns g on g.srs_id = s.srs_id`,
        )
        .get()!;
      db.close();
      assert.equal(row['organization'], organization);
      assert.equal(row['organization_coordsys_id'], code);
      assert.match(String(row['definition']), /^(GEOGCS|PROJCS)\["WGS[ _]84/);
    }
  };

  /** Every row's bounds meet its tile, and its centroid is in the tile that it names. */
  const checkInTheirTiles = (stager: TileStager, rows: readonly TileRow[]): void => {
    const matrix = stager.tiles.tms.matrix(11);
    for (const { tile, geometry, values } of rows) {
      const [x, y] = tile.replace('.gpkg', '').split('/').slice(-2).map(Number) as [number, number];
      const [minX, minY, maxX, maxY] = matrix.bounds(x, y);
      const positions = blobRings(geometry).flat() as [number, number][];
      const xs = positions.map(([easting]) => easting);
      const ys = positions.map(([, northing]) => northing);
      assert.ok(Math.min(...xs) <= maxX && Math.max(...xs) >= minX, tile);
      assert.ok(Math.min(...ys) <= maxY && Math.max(...ys) >= minY, tile);
      const centroid = [values['staging_centroid_x'], values['staging_centroid_y']].map(Number);
      const within =
        centroid[0]! >= minX &&
        centroid[0]! <= maxX &&
        centroid[1]! >= minY &&
        centroid[1]! <= maxY;
      assert.equal(values['staging_centroid_within_tile'], within ? 1 : 0);
      assert.equal(values['staging_centroid_tile'] === values['staging_tile'], within);
    }
  };
});

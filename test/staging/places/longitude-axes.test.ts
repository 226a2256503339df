/** Axes that are cut elsewhere than at ±180, or nowhere, and cones that reach past 180. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createTransform } from '../../../src/crs/transform.ts';
import { parseTileMatrixSet } from '../../../src/tms/parse.ts';
import { getTileMatrixSet } from '../../../src/tms/registry.ts';
import type { TileMatrixSet } from '../../../src/tms/tile-matrix-set.ts';
import { seededRandom } from '../../geometry/random.ts';
import {
  assertOnRoll,
  box,
  crs,
  HALF,
  RADIUS,
  shifted,
  stage,
  stageOne,
  star,
  tilesOnRoll,
} from './on-roll.ts';

describe('cuts elsewhere', () => {
  /** Tiles of 30° in degrees, or as large in metres, four rows about the equator. */
  function quad(id: string, uri: string, west: number, unit: number): TileMatrixSet {
    const cellSize = (30 * unit) / 256;
    const matrix = { id: '0', scaleDenominator: cellSize / 0.00028, cellSize };
    const size = { tileWidth: 256, tileHeight: 256, matrixWidth: 12, matrixHeight: 4 };
    const pointOfOrigin = [west * unit, 60 * unit];
    return parseTileMatrixSet({
      id,
      crs: uri,
      tileMatrices: [{ ...matrix, ...size, pointOfOrigin }],
    });
  }

  const CRS84 = 'http://www.opengis.net/def/crs/OGC/1.3/CRS84';
  const PACIFIC = 'http://www.opengis.net/def/crs/EPSG/0/3832';

  test('tiles from 0 to 360 hold western longitudes too, and are cut at 0', () => {
    const tms = quad('from-zero', CRS84, 0, 1);
    const places = [box(-20, 1, -10, 2), box(-10, 1, 10, 2), box(170, 1, 190, 2)];
    const results = stage('EPSG:4326', tms, 0, places);
    assert.deepEqual(results[0]!.polygons, box(340, 1, 350, 2));
    assert.deepEqual(results[1]!.tiles, ['0/1', '11/1']);
    assert.equal(results[1]!.isMulti, true);
    assert.deepEqual(results[2]!.polygons, places[2]);
    assert.deepEqual(results[2]!.tiles, ['5/1', '6/1']);
  });

  test('Mercator about 150° E is cut at 30° W, whatever comes into it', () => {
    const unit = HALF / 180;
    const tms = quad('pacific', PACIFIC, -180, unit);
    // 150° E is x = 0.
    const tilesOf = (west: number, east: number): string[] =>
      tilesOnRoll(
        tms,
        0,
        box((west - 150) * unit, unit, (east - 150) * unit, 2 * unit),
        360 * unit,
      );
    for (const [west, east] of [
      [175, 185],
      [-185, -175],
      [-35, -25],
      [325, 335],
      [-20, -10],
    ] as const) {
      const [result] = stage('EPSG:4326', tms, 0, [box(west, 1, east, 2)]);
      assert.deepEqual(result!.tiles, tilesOf(west, east), `${west}`);
      assert.equal(result!.isMulti, Math.abs(west) % 290 === 35, `${west}`);
    }
    // From an azimuthal map, whose longitudes jump at 180°, where this one doesn't.
    const polar = createTransform(crs('EPSG:4326'), crs('EPSG:3995'));
    for (const middle of [180, -30, -90]) {
      const ring = box(middle - 3, 61, middle + 3, 62)[0]![0]!;
      const xy = Float64Array.from(ring);
      polar.apply(xy, 0, 5);
      const [result] = stage('EPSG:3995', quad('high', PACIFIC, -180, unit * 1.5), 0, [
        [[[...xy]]],
      ]);
      assert.equal(result!.isMulti, middle === -30, `${middle}`);
      assert.ok(Math.abs(result!.area - 6 * unit * (north(62) - north(61))) < 1e-4 * result!.area);
    }
  });

  /** Northing of EPSG:3832 on the ellipsoid of WGS 84: Snyder 1987, equation 7-7. */
  function north(latitude: number): number {
    const e = Math.sqrt(0.0066943799901413165);
    const sin = Math.sin((latitude * Math.PI) / 180);
    return RADIUS * (Math.atanh(sin) - e * Math.atanh(e * sin));
  }

  for (const code of ['EPSG:3338', 'EPSG:3467', 'EPSG:3978']) {
    test(`${code}, a cone, reaches past 180`, () => {
      const tms = getTileMatrixSet('WGS1984Quad');
      const toCone = createTransform(crs('EPSG:4269'), crs(code));
      const random = seededRandom(48);
      for (let round = 0; round < 40; round++) {
        const drawn = [[star(random, -180 + (random() - 0.5) * 4, 60, 5, 4)]];
        const xy = Float64Array.from(drawn[0]![0]!);
        toCone.apply(xy, 0, xy.length / 2);
        const result = stageOne(code, tms, 4, [[[...xy]]]);
        assertOnRoll(result, drawn, tms, 4, `round ${round}`);
        assert.ok(result.polygons.length >= 2);
      }
    });
  }

  /** Longitudes from the central meridian of EPSG:3978, as a ring in its plane and in degrees. */
  function onCone(points: readonly [lambda: number, latitude: number][]): [number[], number[]] {
    const degrees = [...points, points[0]!].flatMap(([lambda, lat]) => [lambda - 95, lat]);
    const xy = Float64Array.from(degrees);
    createTransform(crs('EPSG:4269'), crs('EPSG:3978')).apply(xy, 0, xy.length / 2);
    return [[...xy], degrees];
  }

  test('on a cone, an edge past the apex closes a ring around the pole; a long one does not', () => {
    const tms = getTileMatrixSet('WGS1984Quad');
    const around: [number, number][] = [];
    for (let lambda = -175; lambda <= 175; lambda += 10) around.push([lambda, 80]);
    const pole = stageOne('EPSG:3978', tms, 4, [[onCone(around)[0]]]);
    assert.equal(pole.polygons.length, 1);
    assert.ok(Math.abs(pole.area - 3600) < 1e-6, `${pole.area}`);
    assert.deepEqual(pole.tiles, Array.from({ length: 32 }, (_, x) => `${x}/0`).sort());

    const [plane, degrees] = onCone([
      [-95, 50],
      [0, 40],
      [95, 50],
    ]);
    const wide = stageOne('EPSG:3978', tms, 4, [[plane]]);
    assertOnRoll(wide, [[degrees]], tms, 4, 'an edge of 190 degrees');
  });

  for (const name of [
    'EuropeanETRS89_LAEAQuad',
    'UPSArcticWGS84Quad',
    'CanadianNAD83_LCC',
    'UTM31WGS84Quad',
    'NZTM2000Quad',
  ]) {
    test(`in ${name}, which is not cyclic, turns make no difference`, () => {
      const tms = getTileMatrixSet(name);
      const lon = name === 'CanadianNAD83_LCC' ? -95 : name === 'NZTM2000Quad' ? 174 : 5;
      const lat = name === 'NZTM2000Quad' ? -75 : 30;
      const random = seededRandom(49);
      for (let round = 0; round < 20; round++) {
        const star0 = star(random, lon, 0, 2, 2).map((v, k) => (k % 2 === 0 ? v : v + lat + 33));
        const drawn = [[star0]];
        const [one, ...others] = stage('EPSG:4326', tms, 3, [
          drawn,
          ...[-2, -1, 1, 3].map((k) => shifted(drawn, 360 * k)),
        ]);
        assert.ok(one);
        for (const other of others) {
          assert.deepEqual(other!.tiles, one.tiles);
          for (const [k, value] of other!.polygons.flat(2).entries()) {
            assert.ok(Math.abs(value - one.polygons.flat(2)[k]!) < 1e-6);
          }
        }
      }
    });
  }
});

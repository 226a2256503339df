/** Longitudes past ±180, however they came there: a feature is in the tiles where it is, with all of its area. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DropCounter } from '../../../src/core/drops.ts';
import { resolveCrs } from '../../../src/crs/resolve.ts';
import { cyclicX } from '../../../src/crs/transform.ts';
import { getTileMatrixSet } from '../../../src/tms/registry.ts';
import { seededRandom } from '../../geometry/random.ts';
import {
  areaOf,
  assertOnRoll,
  assertSameX,
  box,
  HALF,
  type Polygons,
  RADIUS,
  randomPolygons,
  shifted,
  stage,
  stageOne,
} from './on-roll.ts';

const IN_DEGREES = ['WGS1984Quad', 'WorldCRS84Quad', 'GNOSISGlobalGrid'];

describe('degrees that go on past ±180', () => {
  for (const name of IN_DEGREES) {
    test(`${name}: random polygons are in the tiles where they are`, () => {
      const random = seededRandom(41);
      const tms = getTileMatrixSet(name);
      let cut = 0;
      const features = Array.from({ length: 120 }, () => {
        const x = [180, -180, 200, -200, 0, 360, 540][Math.floor(random() * 7)]!;
        return randomPolygons(random, x, [0.01, 1, 30, 100, 170]);
      });
      const results = stage('EPSG:4326', tms, 3, features);
      for (const [i, unrolled] of features.entries()) {
        assertOnRoll(results[i]!, unrolled, tms, 3, `${name}, feature ${i}`);
        if (results[i]!.polygons.length > unrolled.length) cut++;
      }
      assert.ok(cut > 40, `only ${cut} are cut`);
    });
  }

  test('by whole turns, either way: the same tiles, pieces, area and centroid', () => {
    const random = seededRandom(42);
    const tms = getTileMatrixSet('WGS1984Quad');
    for (let round = 0; round < 150; round++) {
      const drawn = randomPolygons(random, random() * 360 - 180, [0.01, 1, 30, 100, 170]);
      const turns = [-9, -3, -2, -1, 1, 2, 7, 9];
      const features = [drawn, ...turns.map((k) => shifted(drawn, 360 * k))];
      const [one, ...others] = stage('EPSG:4326', tms, 5, features);
      assert.ok(one);
      for (const [t, other] of others.entries()) {
        const message = `round ${round}, ${turns[t]} turns`;
        assert.ok(other, message);
        assert.deepEqual(other.tiles, one.tiles, message);
        assert.deepEqual(other.polygons, one.polygons, message);
        assert.equal(other.isMulti, one.isMulti);
        assert.ok(Math.abs(other.area / one.area - 1) < 1e-12, message);
        assertSameX(other.x, one.x, 360, message);
        assert.ok(Math.abs(other.y - one.y) < 1e-9, message);
      }
    }
  });

  test('of other units, meridians and datums: the same tiles, area and centroid', () => {
    const random = seededRandom(43);
    const sources: [text: string, turn: number][] = [
      ['EPSG:4807', 400],
      ['EPSG:4267', 360],
      ['EPSG:4284', 360],
      ['EPSG:4272', 360],
      ['+proj=longlat +datum=WGS84 +pm=180', 360],
      ['+proj=longlat +datum=WGS84 +lon_wrap=180', 360],
    ];
    for (const [source, turn] of sources) {
      for (const name of ['WGS1984Quad', 'WebMercatorQuad']) {
        const tms = getTileMatrixSet(name);
        const { period } = cyclicX(resolveCrs(tms.crs))!;
        for (let round = 0; round < 20; round++) {
          const drawn = randomPolygons(random, turn / 2, [0.1, 20, 120]);
          const [one, ...others] = stage(source, tms, 6, [
            drawn,
            ...[-2, -1, 1].map((k) => shifted(drawn, k * turn)),
          ]);
          assert.ok(one);
          for (const other of others) {
            const message = `${source} in ${name}, round ${round}`;
            assert.ok(other, message);
            assert.deepEqual(other.tiles, one.tiles, message);
            assert.ok(Math.abs(other.area / one.area - 1) < 1e-8, message);
            assertSameX(other.x, one.x, period, message);
          }
        }
      }
    }
  });

  test('halves that are drawn apart are in the same tiles, and have the same area and centroid', () => {
    const random = seededRandom(44);
    const tms = getTileMatrixSet('WGS1984Quad');
    for (let round = 0; round < 100; round++) {
      // Convex, so that each half is one ring.
      const count = 4 + Math.floor(random() * 12);
      const size = [0.01, 1, 40, 100][round % 4]!;
      const ring: number[] = [];
      for (let k = 0; k < count; k++) {
        const angle = (2 * Math.PI * (k + 0.3)) / count;
        ring.push(180 + size * Math.cos(angle) * 0.9, 20 + Math.min(size, 50) * Math.sin(angle));
      }
      ring.push(ring[0]!, ring[1]!);
      const west = halfOf(ring, (x) => x <= 180);
      const east = halfOf(ring, (x) => x >= 180);
      const [whole, ...halves] = stage('EPSG:4326', tms, 6, [
        [[ring]],
        [[west]],
        shifted([[east]], -360),
      ]);
      const [a, b] = halves;
      assert.ok(whole && a && b);
      assert.deepEqual(whole.tiles, [...new Set([...a.tiles, ...b.tiles])].sort());
      const area = a.area + b.area;
      assert.ok(Math.abs(whole.area / area - 1) < 1e-9);
      const x = (a.x * a.area + (b.x + 360) * b.area) / area;
      assert.ok(Math.abs(((whole.x - x + 540) % 360) - 180) < 1e-8, `${whole.x} and ${x}`);
      assert.ok(Math.abs(whole.y - (a.y * a.area + b.y * b.area) / area) < 1e-8);
      assert.equal(whole.polygons.length, 2);
    }
  });

  /** The part of a convex ring on one side of the meridian of 180°. */
  function halfOf(ring: number[], isHere: (x: number) => boolean): number[] {
    const half: number[] = [];
    for (let k = 0; k + 3 < ring.length; k += 2) {
      const [x1, y1, x2, y2] = ring.slice(k, k + 4) as [number, number, number, number];
      if (isHere(x1)) half.push(x1, y1);
      if (isHere(x1) !== isHere(x2)) half.push(180, y1 + ((180 - x1) / (x2 - x1)) * (y2 - y1));
    }
    half.push(half[0]!, half[1]!);
    return half;
  }

  test('boxes: 170 … 190, 0 … 360, −200 … −170, whole turns, the world', () => {
    const tms = getTileMatrixSet('WGS1984Quad');
    const columns = (polygons: Polygons): number[] => {
      const { tiles } = stageOne('EPSG:4326', tms, 8, polygons);
      return [...new Set(tiles.map((tile) => Number.parseInt(tile, 10)))].sort((p, q) => p - q);
    };
    /** Columns of 0.703125° from −180. */
    const range = (from: number, to: number): number[] =>
      Array.from({ length: to - from + 1 }, (_, k) => from + k);
    assert.deepEqual(columns(box(170.1, 10, 189.9, 10.01)), [...range(0, 14), ...range(497, 511)]);
    assert.deepEqual(columns(box(179.99, 20, 180.01, 20.01)), [0, 511]);
    assert.deepEqual(columns(box(200.1, 10, 200.9, 10.01)), [28, 29]);
    assert.deepEqual(columns(box(-199.9, 10, -170.1, 10.01)), [
      ...range(0, 14),
      ...range(483, 511),
    ]);
    assert.deepEqual(columns(box(0, 10, 360, 10.01)), range(0, 511));
    assert.deepEqual(columns(box(359.9, 10, 360.1, 10.01)), [255, 256]);
    assert.deepEqual(columns(box(1080.1, 10, 1080.2, 10.01)), [256]);

    for (const from of [-180, 180, -540, 900]) {
      const world = stageOne('EPSG:4326', tms, 0, box(from, -90, from + 360, 90));
      assert.deepEqual(world.polygons, box(-180, -90, 180, 90));
      assert.equal(world.area, 64800);
      assert.equal(world.isMulti, false);
    }
    const half = stageOne('EPSG:4326', tms, 0, box(0, -90, 360, 90));
    assert.deepEqual(half.polygons.map(areaOfOne), [32400, 32400]);
    // Two turns, which lie on one another, are as large as they are drawn.
    const twice = stageOne('EPSG:4326', tms, 0, box(-180, 0, 540, 10));
    assert.equal(twice.area, 7200);
    assert.deepEqual(twice.polygons.map(areaOfOne), [3600, 3600]);
  });

  const areaOfOne = (rings: number[][]): number => areaOf([rings]);

  test('what only touches the antimeridian is not cut, and stays on its side', () => {
    const tms = getTileMatrixSet('WGS1984Quad');
    const cases: [Polygons, Polygons, string[]][] = [
      [box(179, 0.1, 180, 0.2), box(179, 0.1, 180, 0.2), ['510/127', '511/127']],
      [box(-180, 0.1, -179, 0.2), box(-180, 0.1, -179, 0.2), ['0/127', '1/127']],
      [box(180, 0.1, 181, 0.2), box(-180, 0.1, -179, 0.2), ['0/127', '1/127']],
      [box(-181, 0.1, -180, 0.2), box(179, 0.1, 180, 0.2), ['510/127', '511/127']],
      // Rounded to so many digits in metres, and back.
      [box(179, 0.1, 180 + 4e-10, 0.2), box(179, 0.1, 180, 0.2), ['510/127', '511/127']],
      [box(180 - 4e-10, 0.1, 181, 0.2), box(-180, 0.1, -179, 0.2), ['0/127', '1/127']],
    ];
    for (const [drawn, expected, tiles] of cases) {
      const result = stageOne('EPSG:4326', tms, 8, drawn);
      assert.deepEqual(result.polygons, expected);
      assert.deepEqual(result.tiles, tiles);
    }
    const metres = stageOne('EPSG:3857', tms, 8, box(2e7, 0, 20037508.3428, 1000));
    assert.equal(metres.polygons.length, 1);
    assert.equal(Math.max(...metres.polygons.flat(2)), 180);
  });

  test('around a pole, drawn along ±180 and −90: the same from 0 to 360', () => {
    const tms = getTileMatrixSet('WGS1984Quad');
    const random = seededRandom(45);
    const coast: number[] = [];
    for (let x = -180; x <= 180; x += 5) coast.push(x, -60 - Math.floor(random() * 15));
    // The coast meets itself at the antimeridian.
    coast[coast.length - 1] = coast[1]!;
    const around = [[[...coast, 180, -90, -180, -90, -180, coast[1]!]]];
    const other: number[] = [];
    for (let k = 72; k < coast.length; k += 2) other.push(coast[k]!, coast[k + 1]!);
    for (let k = 2; k < 74; k += 2) other.push(coast[k]! + 360, coast[k + 1]!);
    const [x, y] = other as [number, number];
    const fromZero = [[[...other, 360, -90, 0, -90, x, y]]];
    const [one, two, three] = stage('EPSG:4326', tms, 5, [around, fromZero, shifted(around, 360)]);
    assert.ok(one && two && three);
    assert.deepEqual(two.tiles, one.tiles);
    assert.ok(Math.abs(two.area / one.area - 1) < 1e-12);
    assert.equal(two.polygons.length, 2);
    assert.deepEqual(one.polygons, around);
    assert.deepEqual(three.polygons, around);
  });

  test('more than ten turns are no longitudes: dropped, and counted', () => {
    const drops = new DropCounter();
    const tms = getTileMatrixSet('WGS1984Quad');
    const far = [box(500_000, 10, 500_001, 11), box(-1e300, 0, 1e300, 1), box(-9e9, 0, 0, 1)];
    assert.deepEqual(stage('EPSG:4326', tms, 3, far, drops), [null, null, null]);
    assert.deepEqual(drops.toJSON(), { 'outside the CRS': { count: 3, positions: [0, 1, 2] } });
  });
});

describe('metres that go on past the edge of a cylinder', () => {
  for (const name of ['WebMercatorQuad', 'WorldMercatorWGS84Quad', 'WGS1984Quad']) {
    test(`EPSG:3857 by whole circumferences in ${name}`, () => {
      const random = seededRandom(46);
      const tms = getTileMatrixSet(name);
      const { period } = cyclicX(resolveCrs(tms.crs))!;
      for (let round = 0; round < 60; round++) {
        const degrees = randomPolygons(random, 170 + random() * 20, [0.01, 1, 30, 150]);
        const drawn = degrees.map((rings) =>
          rings.map((ring) => ring.map((v) => (v * HALF) / 180)),
        );
        const [one, ...others] = stage('EPSG:3857', tms, 5, [
          drawn,
          ...[-3, -2, -1, 1, 5].map((k) => shifted(drawn, 2 * HALF * k)),
        ]);
        assert.ok(one);
        for (const other of others) {
          const message = `${name}, round ${round}`;
          assert.ok(other, message);
          assert.deepEqual(other.tiles, one.tiles, message);
          assert.equal(other.polygons.length, one.polygons.length, message);
          assert.ok(Math.abs(other.area / one.area - 1) < 1e-6, message);
          assertSameX(other.x, one.x, period, message);
        }
      }
    });
  }

  test('in web Mercator, degrees and metres are in the tiles where they are', () => {
    const random = seededRandom(47);
    const tms = getTileMatrixSet('WebMercatorQuad');
    const features = Array.from({ length: 60 }, () =>
      randomPolygons(random, random() < 0.5 ? 180 : -180, [0.01, 1, 30, 170]),
    );
    const metres = features.map((polygons) =>
      polygons.map((rings) =>
        rings.map((ring) =>
          ring.map((value, k) =>
            k % 2 === 0
              ? (value * HALF) / 180
              : RADIUS * Math.asinh(Math.tan((value * Math.PI) / 180)),
          ),
        ),
      ),
    );
    for (const [source, drawn] of [
      ['EPSG:4326', features],
      ['EPSG:3857', metres],
    ] as const) {
      for (const [i, result] of stage(source, tms, 3, [...drawn]).entries()) {
        assertOnRoll(result, metres[i]!, tms, 3, `${source}, feature ${i}`);
      }
    }
  });

  test('a kilometre over the edge, and datums that shift what ends there', () => {
    const tms = getTileMatrixSet('WGS1984Quad');
    const perMetre = 180 / HALF;
    for (const source of ['EPSG:3857', 'EPSG:3395']) {
      const { polygons, tiles, isMulti } = stageOne(
        source,
        tms,
        8,
        box(20036508, 0, 20038508, 1000),
      );
      assert.equal(isMulti, true);
      assert.deepEqual(tiles, ['0/127', '0/128', '511/127', '511/128']);
      const xs = polygons.map((rings) => rings[0]!.filter((_, k) => k % 2 === 0));
      const ends = xs
        .map((all) => [Math.min(...all), Math.max(...all)])
        .sort((p, q) => p[0]! - q[0]!);
      for (const [k, expected] of [
        -180,
        20038508 * perMetre - 360,
        20036508 * perMetre,
        180,
      ].entries()) {
        assert.ok(Math.abs(ends.flat()[k]! - expected) < 1e-9, `${ends}`);
      }
    }
    // Longitudes of the eastern and western edge as cs2cs of PROJ 9.1 has them, without grids.
    const shifts: [string, Polygons, number, number][] = [
      ['EPSG:4267', box(-180, 51, -179.99, 51.01), 179.9977, -179.9923],
      ['EPSG:4284', box(179.99, 66, 180, 66.01), 179.9933, -179.9967],
      ['EPSG:4272', box(179.99, -30, 180, -29.99), 179.9903, -179.9997],
    ];
    for (const [source, drawn, west, east] of shifts) {
      const { polygons, tiles, area } = stageOne(source, tms, 8, drawn);
      assert.deepEqual(
        new Set(tiles.map((tile) => Number.parseInt(tile, 10))),
        new Set([0, 511]),
        source,
      );
      const xs = polygons.flat(2).filter((_, k) => k % 2 === 0);
      assert.ok(Math.abs(Math.min(...xs.filter((x) => x > 0)) - west) < 3e-4, source);
      assert.ok(Math.abs(Math.max(...xs.filter((x) => x < 0)) - east) < 3e-4, source);
      assert.ok(Math.abs(areaOf(polygons) - area) < 1e-12 && Math.abs(area - 1e-4) < 1e-6, source);
    }
  });
});

/** Own loops against proj4 and against themselves, on seeded random points. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import proj4 from 'proj4';
import { Random } from '../../src/core/random.ts';
import { parseCrs } from '../../src/crs/parse.ts';
import { type Crs, resolveCrs } from '../../src/crs/resolve.ts';
import { createTransform } from '../../src/crs/transform.ts';

const crs = (text: string): Crs => resolveCrs(parseCrs(text));
const wgs84 = crs('EPSG:4326');
const COUNT = 5000;

/** Longitude and latitude where each CRS is used, and beyond: [west, south, east, north]. */
const AREAS: [string, string, [number, number, number, number]][] = [
  ['EPSG:3413', '+proj=stere +lat_0=90 +lat_ts=70 +lon_0=-45 +datum=WGS84', [-180, 30, 180, 90]],
  ['EPSG:3031', '+proj=stere +lat_0=-90 +lat_ts=-71 +lon_0=0 +datum=WGS84', [-180, -90, 180, -30]],
  [
    'EPSG:5041',
    '+proj=stere +lat_0=90 +k=0.994 +x_0=2000000 +y_0=2000000 +datum=WGS84',
    [-180, 50, 180, 90],
  ],
  [
    'EPSG:5042',
    '+proj=stere +lat_0=-90 +k=0.994 +x_0=2000000 +y_0=2000000 +datum=WGS84',
    [-180, -90, 180, -50],
  ],
  ['EPSG:32631', '+proj=utm +zone=31 +datum=WGS84', [-27, -80, 33, 84]],
  ['EPSG:32633', '+proj=utm +zone=33 +datum=WGS84', [-15, -80, 45, 84]],
  [
    'EPSG:2193',
    '+proj=tmerc +lon_0=173 +k=0.9996 +x_0=1600000 +y_0=10000000 +ellps=GRS80',
    [160, -60, 186, -25],
  ],
  ['EPSG:3857', '+proj=merc +a=6378137 +b=6378137 +nadgrids=@null', [-180, -85, 180, 85]],
  ['EPSG:3395', '+proj=merc +datum=WGS84', [-180, -85, 180, 85]],
];

function points([west, south, east, north]: [number, number, number, number]): Float64Array {
  const random = new Random(20240613);
  const xy = new Float64Array(COUNT * 2);
  for (let v = 0; v < COUNT; v++) {
    xy[2 * v] = west + random.next() * (east - west);
    xy[2 * v + 1] = south + random.next() * (north - south);
  }
  return xy;
}

/** Largest difference in metres on the ground between two arrays of longitude and latitude. */
function groundDistance(a: Float64Array, b: Float64Array): number {
  let largest = 0;
  for (let i = 0; i < a.length; i += 2) {
    let lon = Math.abs(a[i]! - b[i]!);
    if (lon > 180) lon = Math.abs(360 - lon);
    const east = lon * Math.cos((b[i + 1]! * Math.PI) / 180);
    const distance = Math.hypot(east, a[i + 1]! - b[i + 1]!) * 111_319.5;
    largest = Number.isNaN(distance) ? Number.POSITIVE_INFINITY : Math.max(largest, distance);
  }
  return largest;
}

describe('own loops', () => {
  for (const [code, text, area] of AREAS) {
    test(`${code} ↔ EPSG:4326 agrees with proj4 and with its own inverse`, (t) => {
      const projected = crs(code);
      const forward = createTransform(wgs84, projected);
      const inverse = createTransform(projected, wgs84);
      const start = points(area);
      const xy = start.slice();
      forward.apply(xy, 0, COUNT);
      const back = xy.slice();
      inverse.apply(back, 0, COUNT);
      const roundTrip = groundDistance(back, start);

      const oracle = proj4('+proj=longlat +datum=WGS84', text);
      let forwardOff = 0;
      const theirs = new Float64Array(COUNT * 2);
      for (let i = 0; i < start.length; i += 2) {
        const [x, y] = oracle.forward([start[i]!, start[i + 1]!]) as [number, number];
        forwardOff = Math.max(forwardOff, Math.hypot(x - xy[i]!, y - xy[i + 1]!));
        const [lon, lat] = oracle.inverse([xy[i]!, xy[i + 1]!]) as [number, number];
        theirs[i] = lon;
        theirs[i + 1] = lat;
      }
      const inverseOff = groundDistance(back, theirs);
      t.diagnostic(
        `round trip ${roundTrip.toExponential(1)} m; against proj4 forward ` +
          `${forwardOff.toExponential(1)} m, inverse ${inverseOff.toExponential(1)} m`,
      );
      // 1e-11 degrees on the ground; proj4's own iteration stops at 1e-10 rad, 6e-4 m.
      assert.ok(roundTrip < 1.1e-6, `${roundTrip} m`);
      assert.ok(forwardOff < 1e-6, `${forwardOff} m`);
      assert.ok(inverseOff < 1e-3, `${inverseOff} m`);
    });
  }

  test('projected to projected goes by longitude and latitude', () => {
    const polar = crs('EPSG:3413');
    const web = crs('EPSG:3857');
    const there = createTransform(polar, web);
    const start = points([-180, 60, 180, 84]);
    const xy = start.slice();
    createTransform(wgs84, polar).apply(xy, 0, COUNT);
    there.apply(xy, 0, COUNT);
    createTransform(web, wgs84).apply(xy, 0, COUNT);
    assert.ok(groundDistance(xy, start) < 1.1e-6);
  });

  test('only the vertices of the range change', () => {
    const xy = points([-180, 40, 180, 80]);
    const before = xy.slice();
    createTransform(wgs84, crs('EPSG:3857')).apply(xy, 10, 20);
    for (let v = 0; v < COUNT; v++) {
      assert.equal(xy[2 * v] !== before[2 * v], v >= 10 && v < 20, `vertex ${v}`);
    }
  });

  test('units: UTM in US survey feet is UTM in metres, scaled', () => {
    const metres = points([0, 40, 6, 60]);
    const feet = metres.slice();
    createTransform(wgs84, crs('+proj=utm +zone=31 +datum=WGS84')).apply(metres, 0, COUNT);
    const inFeet = createTransform(wgs84, crs('+proj=utm +zone=31 +datum=WGS84 +units=us-ft'));
    inFeet.apply(feet, 0, COUNT);
    for (let i = 0; i < feet.length; i++) {
      assert.ok(Math.abs((feet[i]! * 1200) / 3937 - metres[i]!) < 1e-8);
    }
  });
});

describe('points that cannot be projected', () => {
  const bad: [string, string, [number, number]][] = [
    ['EPSG:4326', 'EPSG:3413', [0, 90.1]],
    ['EPSG:4326', 'EPSG:3413', [0, -90]],
    ['EPSG:4326', 'EPSG:3413', [Number.NaN, 80]],
    ['EPSG:4326', 'EPSG:3413', [Number.POSITIVE_INFINITY, 80]],
    ['EPSG:4326', 'EPSG:3857', [10, 90]],
    ['EPSG:4326', 'EPSG:3857', [10, -91]],
    ['EPSG:4326', 'EPSG:3395', [Number.NEGATIVE_INFINITY, 10]],
    ['EPSG:4326', 'EPSG:32633', [15 + 90, 0]],
    ['EPSG:4326', 'EPSG:32633', [Number.NaN, 0]],
    ['EPSG:3413', 'EPSG:4326', [Number.NaN, 0]],
    ['EPSG:3413', 'EPSG:4326', [1e200, 0]],
    ['EPSG:3857', 'EPSG:4326', [0, Number.POSITIVE_INFINITY]],
    ['EPSG:32633', 'EPSG:4326', [1e9, 0]],
    ['EPSG:32633', 'EPSG:3857', [0, Number.NaN]],
    ['EPSG:4326', 'EPSG:3035', [0, 95]],
    ['EPSG:4326', 'EPSG:3035', [Number.NaN, 50]],
  ];
  for (const [from, to, point] of bad) {
    test(`${point} from ${from} to ${to} becomes NaN, NaN; its neighbours stay well`, () => {
      const good = from === 'EPSG:4326' ? [10, 50] : [500_000, 1_000_000];
      const xy = Float64Array.from([...good, ...point, ...good]);
      createTransform(crs(from), crs(to)).apply(xy, 0, 3);
      assert.ok(Number.isNaN(xy[2]!) && Number.isNaN(xy[3]!), `${xy}`);
      assert.ok(Number.isFinite(xy[0]!) && Number.isFinite(xy[1]!), `${xy}`);
      assert.deepEqual([xy[4], xy[5]], [xy[0], xy[1]]);
    });
  }
});

describe('the poles and the antimeridian', () => {
  test('the pole is the origin of a polar stereographic CRS, and comes back exactly', () => {
    for (const [code, latitude] of [
      ['EPSG:3413', 90],
      ['EPSG:3031', -90],
    ] as const) {
      const xy = Float64Array.of(17, latitude);
      createTransform(wgs84, crs(code)).apply(xy, 0, 1);
      assert.ok(Math.abs(xy[0]!) === 0 && Math.abs(xy[1]!) === 0, `${xy}`);
      createTransform(crs(code), wgs84).apply(xy, 0, 1);
      assert.equal(xy[1], latitude);
    }
  });

  test('x of a cylinder goes on past ±180; longitudes of an azimuthal map stay within', () => {
    const xy = Float64Array.of(190, 70, -170, 70, 180, 70, -180, 70);
    createTransform(wgs84, crs('EPSG:3857')).apply(xy, 0, 4);
    assert.ok(Math.abs(xy[0]! - xy[2]! - 2 * Math.PI * 6378137) < 1e-6);
    assert.ok(Math.abs(xy[4]! + xy[6]!) < 1e-6 && xy[4]! > 2e7);
    const polar = points([-180, 60, 180, 90]);
    const toPolar = createTransform(wgs84, crs('EPSG:3413'));
    toPolar.apply(polar, 0, COUNT);
    createTransform(crs('EPSG:3413'), wgs84).apply(polar, 0, COUNT);
    for (let v = 0; v < COUNT; v++) assert.ok(Math.abs(polar[2 * v]!) <= 180);
  });
});

describe('axes', () => {
  test('westing and southing are honoured, the order of axes is not', () => {
    const south = crs('EPSG:2053');
    const xy = Float64Array.of(29.5, -30);
    const transform = createTransform(wgs84, south);
    transform.apply(xy, 0, 1);
    // East of the meridian is a negative westing; south of the equator a positive southing.
    assert.ok(xy[0]! < -48_000 && xy[0]! > -48_500 && xy[1]! > 3_319_000, `${xy}`);
    createTransform(south, wgs84).apply(xy, 0, 1);
    assert.ok(Math.abs(xy[0]! - 29.5) < 1e-9 && Math.abs(xy[1]! + 30) < 1e-9, `${xy}`);
    const european = Float64Array.of(10, 52);
    createTransform(wgs84, crs('EPSG:3035')).apply(european, 0, 1);
    assert.ok(Math.hypot(european[0]! - 4_321_000, european[1]! - 3_210_000) < 1e-6);
  });
});

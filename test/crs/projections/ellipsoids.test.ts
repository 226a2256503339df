/** What PROJ 9.1 can't witness: flat planets, the ellipsoidal plate carrée, and rotated poles. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { Random } from '../../../src/core/random.ts';
import type { MethodName, Parameters } from '../../../src/crs/definition.ts';
import { projectionOf } from '../../../src/crs/projections/registry.ts';
import { between } from './agreement.ts';
import { noPyproj } from './pyproj.ts';

/** Mars, Jupiter, Saturn. */
const PLANETS = [
  [3396190, 0.011763],
  [71492000, 0.1256],
  [60268000, 0.1863],
] as const;

const CONIC = { latitudeOfOrigin: 10, standardParallel1: 20, standardParallel2: 55 };

const METHODS: [MethodName, Parameters][] = [
  ['albers', CONIC],
  ['lambert-azimuthal-equal-area', { latitudeOfOrigin: 52 }],
  ['lambert-azimuthal-equal-area', { latitudeOfOrigin: 0 }],
  ['lambert-azimuthal-equal-area', { latitudeOfOrigin: -90 }],
  ['cylindrical-equal-area', { standardParallel1: 30 }],
  ['equal-earth', {}],
  ['equidistant-cylindrical', { standardParallel1: 30 }],
  ['equidistant-conic', CONIC],
  ['american-polyconic', {}],
  ['bonne', { latitudeOfOrigin: 40 }],
  ['sinusoidal', {}],
  ['orthographic', { latitudeOfOrigin: 30 }],
  ['geostationary-x', { height: 2e8 }],
];
const EQUAL_AREA = /albers|equal|sinusoidal|bonne/;

for (const [method, parameters] of METHODS) {
  test(`${method} on flat planets: there and back, and true areas, ${JSON.stringify(parameters)}`, () => {
    const random = new Random(7);
    let points = 0;
    for (const [a, es] of PLANETS) {
      const { forward, inverse } = projectionOf(method)!(a, es, parameters);
      for (let k = 0; k < 500; k++) {
        const [lon, lat] = [between(random, -80, 80), between(random, -85, 85)];
        const there = Float64Array.of(lon, lat);
        forward(there, 0, 1);
        if (Number.isNaN(there[0]!)) continue;
        points++;
        const back = there.slice();
        inverse(back, 0, 1);
        // Near a horizon the last digit of the plane is worth more.
        const again = back.slice();
        forward(again, 0, 1);
        assert.ok(Math.hypot(again[0]! - there[0]!, again[1]! - there[1]!) < 1e-5);
        assert.ok(Math.hypot(back[0]! - lon, back[1]! - lat) < 1e-5, `${lon} ${lat}: ${back}`);
        if (!EQUAL_AREA.test(method) || method.startsWith('equidistant')) continue;
        const ratio = areaScale(forward, a, es, lon, lat);
        assert.ok(
          Math.abs(ratio - 1) < 1e-6,
          `${lon} ${lat}: areas are ${ratio} of what they were`,
        );
      }
    }
    assert.ok(points > 300);
  });
}

/** Area in the plane over that on the ellipsoid, of a small trapezium. */
function areaScale(
  forward: (xy: Float64Array, start: number, end: number) => void,
  a: number,
  es: number,
  lon: number,
  lat: number,
): number {
  const step = 1e-3;
  const xy = Float64Array.of(lon - step, lat, lon + step, lat, lon, lat - step, lon, lat + step);
  forward(xy, 0, 4);
  const [ex, ey] = [xy[2]! - xy[0]!, xy[3]! - xy[1]!];
  const [nx, ny] = [xy[6]! - xy[4]!, xy[7]! - xy[5]!];
  const phi = (lat * Math.PI) / 180;
  const w = 1 - es * Math.sin(phi) ** 2;
  const onGround = (a * a * (1 - es) * Math.cos(phi)) / (w * w);
  return (ex * ny - ey * nx) / (onGround * ((2 * step * Math.PI) / 180) ** 2);
}

test("equidistant cylindrical: EPSG's method 1028 measures along the meridian", () => {
  // Distances along WGS 84's meridian, by GeographicLib's closed series (Karney 2013).
  const { forward } = projectionOf('equidistant-cylindrical')!(6378137, 0.0066943799901413165, {});
  for (const [lat, northing] of [
    [90, 10001965.7293],
    [45, 4984944.378],
  ] as const) {
    const xy = Float64Array.of(10, lat);
    forward(xy, 0, 1);
    assert.ok(Math.abs(xy[0]! - (6378137 * Math.PI) / 18) < 1e-6);
    assert.ok(Math.abs(xy[1]! - northing) < 1e-3, `${xy[1]}`);
  }
});

const ROTATED = `
import json, sys
from pyproj import Transformer
answers = []
for pole_lat, pole_lon, lon0, points in json.load(sys.stdin):
    t = Transformer.from_pipeline(
        f"+proj=pipeline +step +proj=unitconvert +xy_in=deg +xy_out=rad "
        f"+step +proj=ob_tran +o_proj=longlat +o_lat_p={pole_lat} +o_lon_p={pole_lon} +lon_0={lon0} +R=1 "
        f"+step +proj=unitconvert +xy_in=rad +xy_out=deg")
    lon, lat = t.transform(points[0::2], points[1::2])
    answers.append([n for pair in zip(lon, lat) for n in pair])
json.dump(answers, sys.stdout)
`;

test('a rotated pole, as PROJ has it', { skip: noPyproj }, () => {
  const random = new Random(11);
  const cases = Array.from({ length: 40 }, (_, k) => ({
    latitudeOfPoint1: k === 0 ? 90 : between(random, -90, 90),
    longitudeOfPoint1: k === 1 ? 0 : between(random, -180, 180),
    longitudeOfOrigin: between(random, -180, 180),
    points: Array.from({ length: 200 }, (_, i) =>
      i % 2 === 0 ? between(random, -180, 180) : between(random, -90, 90),
    ),
  }));
  const { stdout, stderr } = spawnSync('/usr/bin/python3', ['-c', ROTATED], {
    input: JSON.stringify(
      cases.map((one) => [
        one.latitudeOfPoint1,
        one.longitudeOfPoint1,
        one.longitudeOfOrigin,
        one.points,
      ]),
    ),
    encoding: 'utf8',
  });
  assert.notEqual(stdout, '', stderr);
  const answers = JSON.parse(stdout) as number[][];
  cases.forEach(({ points, ...parameters }, k) => {
    const { forward, inverse } = projectionOf('rotated-pole')!(6378137, 0.0067, parameters);
    const xy = Float64Array.from(points);
    forward(xy, 0, points.length / 2);
    const back = xy.slice();
    inverse(back, 0, points.length / 2);
    for (let i = 0; i < points.length; i += 2) {
      const cos = Math.cos((xy[i + 1]! * Math.PI) / 180);
      assert.ok(apart(xy[i]!, answers[k]![i]!) * cos < 1e-11);
      // PROJ has an arc sine, which knows less near the poles.
      assert.ok(Math.abs(xy[i + 1]! - answers[k]![i + 1]!) < 1e-6);
      const cosBack = Math.cos((points[i + 1]! * Math.PI) / 180);
      assert.ok(apart(back[i]!, points[i]!) * cosBack < 1e-11);
      assert.ok(Math.abs(back[i + 1]! - points[i + 1]!) < 1e-11);
    }
  });
});

/** Degrees between two longitudes. */
function apart(p: number, q: number): number {
  const off = Math.abs(p - q) % 360;
  return Math.min(off, 360 - off);
}

/** Conformal methods and those of surveys by themselves: there and back, or no image at all. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Random } from '../../../src/core/random.ts';
import type { MethodName, Parameters } from '../../../src/crs/definition.ts';
import { projectionOf } from '../../../src/crs/projections/registry.ts';
import { between, EARTHS, type Ellipsoid, someLongitude, WITH_PLANET } from './differential.ts';

interface Method {
  parameters: (random: Random) => Parameters;
  ellipsoids?: Ellipsoid[];
  continuous?: true;
  /** Degrees; 1e-11 if left out. */
  tolerance?: number;
  /** Degrees from the origin within which each point has an image. */
  within: [lon: number, lat: number];
}

const lat = (random: Random): number => between(random, -85, 85);
const pole = (random: Random): number => (random.next() < 0.5 ? 90 : -90);
const scale = (random: Random): number => between(random, 0.9, 1.1);

const origin = (random: Random): Parameters => ({
  latitudeOfOrigin: lat(random),
  longitudeOfOrigin: someLongitude(random),
  scaleFactor: scale(random) * (random.next() < 0.2 ? -1 : 1),
  falseEasting: between(random, -1e6, 1e6),
  falseNorthing: between(random, -1e6, 1e6),
});

const withLat = (latitudeOfOrigin: (random: Random) => number) => (random: Random) => ({
  ...origin(random),
  latitudeOfOrigin: latitudeOfOrigin(random),
});

const parallels = (random: Random): Parameters => {
  const standardParallel1 = lat(random);
  const standardParallel2 = random.next() < 0.3 ? standardParallel1 + 1e-5 : lat(random);
  return { ...origin(random), standardParallel1, standardParallel2 };
};

const polar = (random: Random): Parameters => {
  const standardParallel1 = pole(random) * between(random, 0.2, 1);
  return { longitudeOfOrigin: someLongitude(random), standardParallel1 };
};

const oblique = (random: Random): Parameters => ({
  ...origin(random),
  azimuth: random.next() < 0.2 ? 90 : between(random, -180, 360),
  rectifiedGridAngle: between(random, -180, 360),
});

const anywhere: [number, number] = [180, 180];

const METHODS: { readonly [method in MethodName]?: Method } = {
  // As PROJ's, the series leave millimetres at 80° from the meridian, and a metre at their limit.
  'transverse-mercator': { parameters: origin, within: [20, 180], tolerance: 1e-5 },
  'mercator-a': { parameters: withLat(() => 0), within: anywhere, continuous: true },
  'mercator-b': { parameters: parallels, within: anywhere, continuous: true },
  'mercator-c': { parameters: parallels, within: anywhere, continuous: true },
  'pseudo-mercator': { parameters: origin, within: anywhere, continuous: true },
  'polar-stereographic-a': { parameters: withLat(pole), within: anywhere },
  'polar-stereographic-b': { parameters: polar, within: anywhere },
  'polar-stereographic-c': { parameters: polar, within: anywhere },
  stereographic: { parameters: origin, within: anywhere },
  'oblique-stereographic': { parameters: origin, within: anywhere },
  'lambert-conformal-1sp': { parameters: origin, within: anywhere, continuous: true },
  'lambert-conformal-1sp-b': {
    parameters: (random) => ({ ...origin(random), latitudeOfNaturalOrigin: lat(random) }),
    within: anywhere,
    continuous: true,
  },
  'lambert-conformal-2sp': { parameters: parallels, within: anywhere, continuous: true },
  'lambert-conformal-2sp-belgium': {
    parameters: parallels,
    within: [170, 180],
    continuous: true,
  },
  'lambert-conformal-2sp-michigan': {
    parameters: (random) => ({ ...parallels(random), ellipsoidScale: scale(random) }),
    within: anywhere,
    continuous: true,
  },
  'lambert-near-conformal': { parameters: origin, within: [90, 5], continuous: true },
  'hotine-a': { parameters: oblique, within: anywhere },
  'hotine-b': { parameters: oblique, within: anywhere },
  'swiss-oblique-mercator': { parameters: origin, within: anywhere },
  'gauss-schreiber': { parameters: origin, within: anywhere },
  laborde: {
    parameters: (random) => ({ ...origin(random), azimuth: between(random, -90, 90) }),
    within: [40, 40],
  },
  krovak: { parameters: withLat((random) => between(random, 20, 60)), within: [20, 20] },
  'krovak-modified': {
    parameters: () => ({ latitudeOfOrigin: 49.5, falseEasting: 5e6, falseNorthing: 5e6 }),
    ellipsoids: [EARTHS[1]!],
    within: [10, 4],
  },
  'new-zealand-map-grid': {
    parameters: () => ({ latitudeOfOrigin: -41, longitudeOfOrigin: 173 }),
    ellipsoids: [{ a: 6378388, es: 0.00672267 }],
    within: [8, 8],
  },
  'colombia-urban': {
    parameters: (random) => ({ ...origin(random), height: between(random, -100, 5000) }),
    within: [1, 1],
  },
  'cassini-soldner': { parameters: origin, within: [30, 180] },
  'cassini-soldner-hyperbolic': { parameters: origin, within: [10, 10] },
  'azimuthal-equidistant': { parameters: origin, within: anywhere },
  'polar-azimuthal-equidistant': { parameters: withLat(pole), within: anywhere },
  'modified-azimuthal-equidistant': { parameters: origin, within: [20, 20] },
  guam: { parameters: withLat((random) => between(random, -60, 60)), within: [10, 10] },
  'tunisia-mining': {
    parameters: withLat(() => 33),
    ellipsoids: [EARTHS[3]!],
    within: [30, 30],
    continuous: true,
  },
};

const SAMPLES = 40;
const POINTS = 60;
const RADIANS = Math.PI / 180;

/** Anywhere, around the origin, and where formulas tend to break. */
function pointsFor(random: Random, lon0: number, lat0: number, within: [number, number]): number[] {
  const points: number[] = [];
  for (let k = 0; k < POINTS; k++) {
    const [lonReach, latReach] = k % 2 === 0 ? [180, 180] : within;
    const lon = lon0 + between(random, -lonReach, lonReach);
    const near = Math.max(-90, Math.min(90, lat0 + between(random, -latReach, latReach)));
    const special = [-90, 90, 0, lat0, -lat0, 89.9999999, near][Math.floor(random.next() * 40)];
    points.push(lon, special ?? near);
  }
  points.push(lon0, lat0, lon0 + 180, -lat0, 180, lat0, -180, lat0, lon0 + 90, 0);
  return points;
}

describe('there and back', () => {
  for (const [name, method] of Object.entries(METHODS)) {
    test(name, (t) => {
      const random = new Random(31);
      const ellipsoids = method.ellipsoids ?? WITH_PLANET;
      let images = 0;
      let worst = 0;
      for (let round = 0; round < SAMPLES; round++) {
        const { a, es } = ellipsoids[round % ellipsoids.length]!;
        const parameters = method.parameters(random);
        const projection = projectionOf(name as MethodName)!(a, es, parameters);
        assert.equal(projection.continuous, method.continuous ?? false);
        const { longitudeOfOrigin: lon0 = 0, latitudeOfOrigin: lat0 = 0 } = parameters;
        const points = pointsFor(random, lon0, lat0, method.within);
        const xy = Float64Array.from(points);
        projection.forward(xy, 0, points.length / 2);
        const back = xy.slice();
        projection.inverse(back, 0, points.length / 2);
        const again = back.slice();
        projection.forward(again, 0, points.length / 2);
        for (let i = 0; i < points.length; i += 2) {
          const [lon, lat] = [points[i]!, points[i + 1]!];
          const where = `${JSON.stringify(parameters)} es ${es}: ${lon} ${lat} → ${xy[i]} ${xy[i + 1]}`;
          assert.equal(Number.isNaN(xy[i]!), Number.isNaN(xy[i + 1]!), where);
          assert.ok(!Math.abs(xy[i]!) || Math.abs(xy[i]!) < Infinity, where);
          if (Number.isNaN(xy[i]!)) continue;
          images++;
          // There the longitude is nothing that short formulas could give back.
          if (Number.isNaN(back[i]!) && Math.abs(lat) > 89.9) continue;
          const turn = 2 * Math.sin(((back[i]! - lon) * RADIANS) / 2) * Math.cos(lat * RADIANS);
          const off = Math.hypot(turn / RADIANS, back[i + 1]! - lat);
          // Far out, less of the plane's digits are the globe's; near the apex, the reverse.
          const there = Math.hypot(again[i]! - xy[i]!, again[i + 1]! - xy[i + 1]!) / a;
          const least = Math.min(off, there / Math.max(1, Math.hypot(xy[i]!, xy[i + 1]!) / a));
          worst = Math.max(worst, least);
          assert.ok(least < (method.tolerance ?? 1e-11), `${where} → ${back[i]} ${back[i + 1]}`);
          if (method.continuous !== true) assert.ok(Math.abs(back[i]!) <= 180, where);
        }
      }
      t.diagnostic(`${images} of ${SAMPLES * (POINTS + 5)} points, ${worst.toExponential(1)}`);
      assert.ok(images > (SAMPLES * POINTS) / 4, `only ${images} points have an image`);
    });
  }
});

test('what is no point has no image, and leaves its neighbours alone', () => {
  const bad = [NaN, 10, 10, NaN, Infinity, 0, 0, -Infinity, 5, 90.001, 5, -91, 1e300, 1e300];
  for (const [name, method] of Object.entries(METHODS)) {
    const random = new Random(5);
    const { a, es } = (method.ellipsoids ?? WITH_PLANET)[0]!;
    const parameters = method.parameters(random);
    const projection = projectionOf(name as MethodName)!(a, es, parameters);
    const good = [parameters.longitudeOfOrigin ?? 0, parameters.latitudeOfOrigin ?? 0];
    const xy = Float64Array.from([...good, ...bad, ...good]);
    const count = xy.length / 2;
    projection.forward(xy, 1, count - 1);
    for (let v = 1; v < count - 1; v++) {
      assert.ok(Number.isNaN(xy[2 * v]!) && Number.isNaN(xy[2 * v + 1]!), `${name} ${v}`);
    }
    assert.deepEqual([...xy.subarray(0, 2), ...xy.subarray(-2)], [...good, ...good]);
    const plane = Float64Array.from([NaN, 10, 10, NaN, Infinity, 0, 0, -Infinity]);
    projection.inverse(plane, 0, 4);
    assert.ok(plane.every(Number.isNaN), `${name}: inverse ${plane}`);
  }
});

test('parameters that are no numbers, and ellipsoids that are none, are refused', () => {
  const random = new Random(6);
  for (const [name, method] of Object.entries(METHODS)) {
    const { a, es } = (method.ellipsoids ?? WITH_PLANET)[0]!;
    const parameters = method.parameters(random);
    const factory = projectionOf(name as MethodName)!;
    assert.throws(
      () => factory(a, es, { ...parameters, longitudeOfOrigin: NaN }),
      /longitudeOf/,
      name,
    );
    assert.throws(
      () => factory(a, es, { ...parameters, falseEasting: Infinity }),
      /falseEast/,
      name,
    );
    assert.throws(() => factory(a, 0.99, parameters), /eccentricity/, name);
    assert.throws(() => factory(-1, es, parameters), /semi-major/, name);
  }
});

const REFUSED: [MethodName, Parameters, RegExp][] = [
  ['mercator-a', { latitudeOfOrigin: 10 }, /latitudeOfOrigin is 10/],
  ['mercator-b', { standardParallel1: 90 }, /standardParallel1 is a pole/],
  ['polar-stereographic-a', { latitudeOfOrigin: 71 }, /not that of a pole/],
  ['polar-stereographic-b', {}, /standardParallel1 is missing/],
  ['polar-stereographic-b', { standardParallel1: 0 }, /not that of a pole/],
  ['lambert-conformal-1sp', { latitudeOfOrigin: 0 }, /make no cone/],
  ['lambert-conformal-1sp', { latitudeOfOrigin: 90 }, /make no cone/],
  ['lambert-conformal-2sp', {}, /standardParallel1 is missing/],
  ['lambert-conformal-2sp', { standardParallel1: 30, standardParallel2: -30 }, /make no cone/],
  ['lambert-conformal-2sp', { standardParallel1: 91 }, /no latitude/],
  [
    'lambert-conformal-2sp',
    { standardParallel1: 30, standardParallel2: 40, latitudeOfOrigin: -90 },
    /at infinity/,
  ],
  ['lambert-conformal-2sp-michigan', { standardParallel1: 30 }, /ellipsoidScale is missing/],
  ['hotine-b', { latitudeOfOrigin: 40 }, /azimuth is missing/],
  ['hotine-b', { latitudeOfOrigin: 90, azimuth: 10 }, /at a pole/],
  ['hotine-two-point', { latitudeOfPoint1: 1, latitudeOfPoint2: 1 }, /two points/],
  ['krovak-modified', {}, /Bessel/],
  ['tunisia-mining', { latitudeOfOrigin: 33 }, /Clarke/],
  ['transverse-mercator', { scaleFactor: 0 }, /scaleFactor is 0/],
];

for (const [method, parameters, message] of REFUSED) {
  test(`refused: ${method} ${JSON.stringify(parameters)}`, () => {
    assert.throws(() => projectionOf(method)!(6378137, 0.00669438, parameters), message);
  });
}

/**
 * Inverses that go by intervals, beside the formulas that they stand for and beside PROJ; and that a
 * point's image is its own, whatever came before it.
 */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Random } from '../../../src/core/random.ts';
import type { MethodName, Parameters } from '../../../src/crs/definition.ts';
import type { Projection } from '../../../src/crs/projections/projection.ts';
import { projectionOf } from '../../../src/crs/projections/registry.ts';
import { rounds } from '../../soak/rounds.ts';
import { between, EARTHS, type Ellipsoid, someLongitude, WITH_PLANET } from './differential.ts';
import { askProj, noPyproj } from './pyproj.ts';

/** Degrees: what docs/decisions/2026-11-28-reprojection-by-intervals.md proves. */
const BOUND = 1e-12;
const FOOT = 1200 / 3937;

interface Case {
  method: MethodName;
  parameters: (random: Random) => Parameters;
  /** +proj and parameters, but for ellipsoid, false origin and unit. */
  proj: (parameters: Parameters) => string;
  /** Degrees of longitude from the origin, and latitudes, where PROJ is asked. */
  span: (parameters: Parameters) => [lon: number, south: number, north: number];
}

const pole = (random: Random): number => (random.next() < 0.5 ? 90 : -90);

/** Both on one side of the equator mostly, near to each other or not. */
function parallels(random: Random): Parameters {
  const side = random.next() < 0.5 ? 1 : -1;
  return {
    latitudeOfOrigin: side * between(random, 0, 70),
    longitudeOfOrigin: someLongitude(random),
    standardParallel1: side * between(random, 5, 75),
    standardParallel2: side * between(random, -5, 80),
  };
}

const conic =
  (name: string) =>
  (p: Parameters): string =>
    `+proj=${name} +lat_0=${p.latitudeOfOrigin} +lon_0=${p.longitudeOfOrigin} ` +
    `+lat_1=${p.standardParallel1} +lat_2=${p.standardParallel2}`;

const onItsSide = (p: Parameters): [number, number, number] =>
  p.standardParallel1! > 0 ? [170, -20, 89.5] : [170, -89.5, 20];

const CASES: Case[] = [
  {
    method: 'polar-stereographic-a',
    parameters: (random) => ({
      latitudeOfOrigin: pole(random),
      longitudeOfOrigin: someLongitude(random),
      scaleFactor: between(random, 0.9, 1.1),
    }),
    proj: (p) =>
      `+proj=stere +lat_0=${p.latitudeOfOrigin} +lon_0=${p.longitudeOfOrigin} +k_0=${p.scaleFactor}`,
    span: () => [180, -60, 89.9],
  },
  {
    method: 'polar-stereographic-b',
    parameters: (random) => ({
      standardParallel1: pole(random) * between(random, 0.3, 1),
      longitudeOfOrigin: [-45, 0, someLongitude(random)][random.integer(3)]!,
    }),
    proj: (p) =>
      `+proj=stere +lat_0=${Math.sign(p.standardParallel1!) * 90} +lat_ts=${p.standardParallel1} +lon_0=${p.longitudeOfOrigin}`,
    span: () => [180, -60, 89.9],
  },
  {
    method: 'transverse-mercator',
    parameters: (random) => ({
      latitudeOfOrigin: between(random, -60, 60),
      longitudeOfOrigin: someLongitude(random),
      scaleFactor: between(random, 0.9, 1.1),
    }),
    proj: (p) =>
      `+proj=tmerc +lat_0=${p.latitudeOfOrigin} +lon_0=${p.longitudeOfOrigin} +k_0=${p.scaleFactor}`,
    span: () => [20, -85, 85],
  },
  {
    method: 'mercator-a',
    parameters: (random) => ({
      longitudeOfOrigin: someLongitude(random),
      scaleFactor: between(random, 0.9, 1.1),
    }),
    proj: (p) => `+proj=merc +lon_0=${p.longitudeOfOrigin} +k_0=${p.scaleFactor}`,
    span: () => [180, -89, 89],
  },
  {
    method: 'pseudo-mercator',
    parameters: (random) => ({ longitudeOfOrigin: someLongitude(random) }),
    proj: (p) => `+proj=webmerc +lon_0=${p.longitudeOfOrigin}`,
    span: () => [180, -89, 89],
  },
  {
    method: 'lambert-conformal-2sp',
    parameters: parallels,
    proj: conic('lcc'),
    span: onItsSide,
  },
  { method: 'albers', parameters: parallels, proj: conic('aea'), span: onItsSide },
];

interface Trial {
  projection: () => Projection;
  parameters: Parameters;
  ellipsoid: Ellipsoid;
  unit: number;
}

/** Both units, false origins of all sizes, the ellipsoids by turns. */
function trialOf(entry: Case, random: Random, round: number, ellipsoids: Ellipsoid[]): Trial {
  const ellipsoid = ellipsoids[round % ellipsoids.length]!;
  const unit = round % 3 === 2 ? FOOT : 1;
  const falseOrigin = (): number => [0, 2e6, between(random, -1e7, 1e7)][random.integer(3)]!;
  const own = entry.parameters(random);
  const parameters: Parameters = {
    ...own,
    falseEasting: falseOrigin(),
    falseNorthing: falseOrigin(),
  };
  const projection = (): Projection =>
    projectionOf(entry.method)!(ellipsoid.a / unit, ellipsoid.es, parameters);
  return { projection, parameters, ellipsoid, unit };
}

/** Points of the plane: everywhere that an intervals' border or a case of its own may be. */
function planePoints(random: Random, trial: Trial, count: number): Float64Array {
  const { falseEasting: x0 = 0, falseNorthing: y0 = 0 } = trial.parameters;
  const size = trial.ellipsoid.a / trial.unit;
  const xy = new Float64Array(2 * count);
  for (let i = 0; i < xy.length; i += 2) {
    const kind = random.next();
    const angle =
      random.next() < 0.1 ? (random.integer(16) * Math.PI) / 8 : between(random, 0, 2 * Math.PI);
    // Over the hemisphere, next to the pole, beyond the equator, on both sides of a border.
    let rho = size * between(random, 0, 2.2);
    if (kind > 0.5) rho /= 8;
    if (kind < 0.1) rho = size * 10 ** between(random, -16, 0);
    else if (kind < 0.2) rho = size * 10 ** between(random, 0, 6);
    else if (kind < 0.3) rho = (size * Math.round(random.next() * 4096)) / 2048;
    xy[i] = x0 + rho * Math.sin(angle);
    xy[i + 1] = y0 + rho * Math.cos(angle);
    if (kind > 0.98) xy[i] = x0;
    if (kind > 0.99) xy[i + 1] = y0 + (xy[i]! - x0);
    if (kind > 0.96 && kind < 0.97) xy[i] = xy[i]! * (1 + 2 ** -52);
  }
  const special = [0, -0, x0, y0, NaN, Infinity, -Infinity, 1e300, -1e300, 5e-324, -1e-310, size];
  let at = 0;
  for (const x of special) {
    for (const y of special) {
      xy[at++] = x;
      xy[at++] = y;
    }
  }
  return xy;
}

/** Degrees by which images differ at most, a turn of longitude being none; −1 where only one is a point. */
function difference(a: Float64Array, b: Float64Array, continuous: boolean): number {
  let largest = 0;
  for (let i = 0; i < a.length; i += 2) {
    const isPoint = !(Number.isNaN(a[i]!) || Number.isNaN(a[i + 1]!));
    if (isPoint === (Number.isNaN(b[i]!) || Number.isNaN(b[i + 1]!))) return -1;
    if (!isPoint) continue;
    let lon = Math.abs(a[i]! - b[i]!);
    if (!continuous && lon > 180) lon = 360 - lon;
    largest = Math.max(largest, lon, Math.abs(a[i + 1]! - b[i + 1]!));
  }
  return largest;
}

/** Like planePoints, of longitudes and latitudes. */
function degreePoints(random: Random, count: number): Float64Array {
  const degrees = new Float64Array(2 * count);
  for (let i = 0; i < degrees.length; i += 2) {
    degrees[i] = between(random, -400, 400);
    degrees[i + 1] = between(random, -90, 90);
    const kind = random.next();
    if (kind < 0.1) degrees[i + 1] = (random.integer(11_521) - 5760) / 64;
    else if (kind < 0.15) degrees[i + 1] = 10 ** between(random, -16, 0);
    else if (kind < 0.4)
      degrees[i + 1] = (random.integer(2) * 2 - 1) * (90 - 10 ** between(random, -14, 1));
    if (kind < 0.05) degrees[i + 1]! *= 1 - 2 ** -52;
  }
  const special = [0, -0, 80, -80, 90, -90, 91, NaN, Infinity, -Infinity, 1e300, 5e-324];
  let at = 0;
  for (const lon of special) {
    for (const lat of special) {
      degrees[at++] = lon;
      degrees[at++] = lat;
    }
  }
  return degrees;
}

const TRIALS = 24;
const POINTS = rounds(20_000, 400_000);

describe('inverses by intervals', () => {
  for (const entry of CASES) {
    test(`${entry.method}: within 1e-12 degrees of the formulas, and of the vertex alone`, (t) => {
      const random = new Random(77);
      let largest = 0;
      let changed = 0;
      for (let round = 0; round < TRIALS; round++) {
        const trial = trialOf(entry, random, round, WITH_PLANET);
        // Negative where axes point west and south.
        if (round % 5 === 4 && trial.parameters.scaleFactor !== undefined)
          trial.parameters.scaleFactor! *= -1;
        const points = planePoints(random, trial, POINTS);
        const projection = trial.projection();
        // And up to the poles, wherever they are in the plane.
        const known = degreePoints(random, POINTS / 4);
        projection.forward(known, 0, POINTS / 4);
        points.set(known, POINTS);
        const images = points.slice();
        projection.inverse(images, 0, POINTS);
        const expected = points.slice();
        (projection.inverseByFormulas ?? projection.inverse)(expected, 0, POINTS);
        const off = difference(images, expected, projection.continuous);
        const where = JSON.stringify([trial.parameters, trial.ellipsoid, trial.unit]);
        assert.ok(off >= 0 && off <= BOUND, `${off} ${where}`);
        largest = Math.max(largest, off);
        for (let i = 0; i < images.length; i++) if (images[i] !== expected[i]) changed++;

        // Backwards, in batches of odd sizes, by another instance that has met nothing yet.
        const other = trial.projection();
        const again = points.slice();
        for (let end = POINTS; end > 0; ) {
          const start = Math.max(0, end - 1 - random.integer(999));
          other.inverse(again, start, end);
          end = start;
        }
        assert.deepEqual(
          new BigUint64Array(again.buffer),
          new BigUint64Array(images.buffer),
          where,
        );
      }
      t.diagnostic(`${TRIALS * POINTS} points, ${largest.toExponential(1)} degrees at most`);
      assert.ok(changed > TRIALS * POINTS * 0.05, 'the intervals are not used');
    });

    test(`${entry.method}: PROJ`, { skip: noPyproj }, (t) => {
      const random = new Random(78);
      const trials = [0, 1, 2, 3, 4, 5].map((k) => trialOf(entry, random, k, EARTHS));
      const points = trials.map(({ parameters }) => {
        const [reach, south, north] = entry.span(parameters);
        const degrees: number[] = [];
        for (let k = 0; k < 5000; k++) {
          const lon = parameters.longitudeOfOrigin! + between(random, -reach, reach);
          degrees.push(lon, between(random, south, north));
        }
        return degrees;
      });
      const answers = askProj(
        trials.map(({ parameters: p, ellipsoid, unit }, k) => ({
          proj:
            `${entry.proj(p)} +x_0=${p.falseEasting! * unit} +y_0=${p.falseNorthing! * unit} ` +
            `+a=${ellipsoid.a} +es=${ellipsoid.es} +to_meter=${unit} +no_defs`,
          points: points[k]!,
        })),
      );
      let largest = 0;
      for (const [k, { forward, inverse }] of answers.entries()) {
        const images = Float64Array.from(forward!);
        trials[k]!.projection().inverse(images, 0, images.length / 2);
        const off = difference(images, Float64Array.from(inverse), false);
        assert.ok(off >= 0, JSON.stringify(trials[k]));
        largest = Math.max(largest, off);
      }
      t.diagnostic(`30,000 points, ${largest.toExponential(1)} degrees at most`);
      // Up to 11 km from the pole, where the last digit of a coordinate is worth that of longitude.
      assert.ok(largest < 1e-10, `${largest}`);
    });
  }
});

test('round numbers stay round: axes, diagonals, the equator', () => {
  const at = (method: MethodName, parameters: Parameters, points: number[]): number[] => {
    const xy = Float64Array.from(points);
    projectionOf(method)!(6378137, 0.0066943799901413165, parameters).inverse(xy, 0, xy.length / 2);
    return [...xy];
  };
  const d = 1_234_567;
  const around = [0, d, d, d, d, 0, d, -d, 0, -d, -d, -d, -d, 0, -d, d];
  const longitudes = (method: MethodName, parameters: Parameters): number[] =>
    at(method, parameters, around).filter((_, i) => i % 2 === 0);
  const arctic = { standardParallel1: 70, longitudeOfOrigin: -45 };
  assert.deepEqual(
    longitudes('polar-stereographic-b', arctic),
    [135, 90, 45, 0, -45, -90, -135, -180],
  );
  const antarctic = { standardParallel1: -71, longitudeOfOrigin: 0 };
  assert.deepEqual(
    longitudes('polar-stereographic-b', antarctic),
    [0, 45, 90, 135, 180, -135, -90, -45],
  );
  const middle = { latitudeOfOrigin: 50, longitudeOfOrigin: -154 };
  const conic = { ...middle, standardParallel1: 55, standardParallel2: 65 };
  for (const method of ['lambert-conformal-2sp', 'albers'] as const) {
    assert.deepEqual(
      [0, 4].map((k) => longitudes(method, conic)[k]),
      [-154, -154],
    );
  }
  const utm = { longitudeOfOrigin: 9, falseEasting: 500_000 };
  assert.deepEqual(
    [0, 2, 5].map((i) => at('transverse-mercator', utm, [500_000, d, 500_000, -d, d, 0])[i]),
    [9, 9, 0],
  );
  assert.deepEqual(at('pseudo-mercator', {}, [0, 0]), [0, 0]);
  const equator = Float64Array.of(10, 0);
  projectionOf('pseudo-mercator')!(6378137, 0, {}).forward(equator, 0, 1);
  assert.equal(equator[1], 0);
});

test('flat cones and flat planets stay with their formulas', () => {
  const goesByIntervals = (method: MethodName, es: number, parallel: number): boolean => {
    const parameters = { standardParallel1: parallel, standardParallel2: parallel + 2 };
    return projectionOf(method)!(6378137, es, parameters).inverseByFormulas !== undefined;
  };
  for (const method of ['lambert-conformal-2sp', 'albers'] as const) {
    // Cone constants of about 0.29 and 0.31.
    assert.deepEqual(
      [16, 17.5].map((parallel) => goesByIntervals(method, 0.00669438, parallel)),
      [false, true],
      method,
    );
    assert.ok(!goesByIntervals(method, 0.12, 45), method);
  }
});

test('latitudes end at the poles', () => {
  const random = new Random(80);
  for (const entry of CASES) {
    for (let round = 0; round < 30; round++) {
      const trial = trialOf(entry, random, round, EARTHS);
      const projection = trial.projection();
      const points = new Float64Array(4000);
      const { latitudeOfOrigin: lat = 90, standardParallel1: parallel = lat } = trial.parameters;
      for (let i = 0; i < points.length; i += 2) {
        points[i] = between(random, -180, 180);
        points[i + 1] = Math.sign(parallel) * (90 - 10 ** between(random, -14, 0));
      }
      projection.forward(points, 0, points.length / 2);
      projection.inverse(points, 0, points.length / 2);
      assert.ok(!points.some((degrees, i) => i % 2 === 1 && Math.abs(degrees) > 90));
    }
  }
});

describe('forward by intervals', () => {
  for (const entry of CASES.filter(({ method }) => /^(polar|mercator|pseudo)/.test(method))) {
    test(`${entry.method}: within 1e-12 degrees of the formulas, and of the vertex alone`, (t) => {
      const random = new Random(79);
      let largest = 0;
      let changed = 0;
      for (let round = 0; round < TRIALS; round++) {
        const trial = trialOf(entry, random, round, WITH_PLANET);
        const degrees = degreePoints(random, POINTS);
        const projection = trial.projection();
        const images = degrees.slice();
        projection.forward(images, 0, POINTS);
        const expected = degrees.slice();
        projection.forwardByFormulas!(expected, 0, POINTS);
        const isCylinder = projection.cylindrical === true;
        const scale = (trial.parameters.scaleFactor ?? 1) * (trial.ellipsoid.a / trial.unit);
        for (let i = 0; i < images.length; i += 2) {
          const where = `${degrees[i]} ${degrees[i + 1]}: ${images[i]} ${images[i + 1]}`;
          assert.equal(Number.isNaN(images[i]!), Number.isNaN(expected[i]!), where);
          assert.equal(Number.isNaN(images[i]!), Number.isNaN(images[i + 1]!), where);
          if (Number.isNaN(images[i]!)) continue;
          const [dx, dy] = [images[i]! - expected[i]!, images[i + 1]! - expected[i + 1]!];
          // A cylinder's scale grows to the poles; a polar map's, 0.7 at the least, from it.
          const radians = (degrees[i + 1]! * Math.PI) / 180;
          const stretch = isCylinder ? 1 / Math.cos(radians) : 0.7;
          if (isCylinder) assert.equal(dx, 0, where);
          const off = Math.hypot(dx, dy) / scale / stretch;
          largest = Math.max(largest, (off * 180) / Math.PI);
          if (off !== 0) changed++;
        }
        const other = trial.projection();
        const again = degrees.slice();
        for (let end = POINTS; end > 0; end--) other.forward(again, end - 1, end);
        assert.deepEqual(new BigUint64Array(again.buffer), new BigUint64Array(images.buffer));
      }
      t.diagnostic(`${TRIALS * POINTS} points, ${largest.toExponential(1)} degrees at most`);
      assert.ok(largest <= BOUND, `${largest}`);
      assert.ok(changed > TRIALS * POINTS * 0.05, 'the intervals are not used');
    });
  }
});

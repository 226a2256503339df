/** Conformal methods beside PROJ. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../../../src/core/random.ts';
import { isometricLatitude } from '../../../src/crs/projections/conformal.ts';
import { meridian } from '../../../src/crs/projections/meridian.ts';
import { projectionOf } from '../../../src/crs/projections/registry.ts';
import {
  between,
  compareWithProj,
  EARTHS,
  type Method,
  middle,
  origin,
  pole,
  type Sample,
  sampleOf,
  someLongitude,
  WITH_PLANET,
} from './differential.ts';
import { noPyproj } from './pyproj.ts';

function parallels(random: Random): Sample['parameters'] {
  const lat1 = middle(random);
  const other = between(random, -80, 80);
  const standardParallel2 = random.next() < 0.3 ? lat1 + 1 : other;
  return { ...origin(random), standardParallel1: lat1, standardParallel2 };
}

/** With an azimuth of 90° PROJ has formulas that hold for half of the world. */
function oblique(random: Random, proj: string): Sample {
  const swiss = random.next() < 0.3;
  const azimuth = swiss ? 90 : between(random, -85, 85);
  const grid = random.next() < 0.5 ? { rectifiedGridAngle: between(random, -90, 90) } : {};
  const parameters = { ...origin(random), azimuth, ...(swiss ? {} : grid) };
  const sample = sampleOf(proj, parameters, swiss ? [60, 30] : undefined);
  return { ...sample, proj: sample.proj.replace('lon_0', 'lonc') };
}

const METHODS: Method[] = [
  {
    name: 'transverse-mercator',
    sample: (random) => {
      const lat0 = random.next() < 0.1 ? 90 : middle(random);
      const parameters = origin(random, lat0);
      return sampleOf('tmerc', parameters);
    },
  },
  {
    name: 'mercator-a',
    ellipsoids: WITH_PLANET,
    sample: (random) => sampleOf('merc', origin(random, 0)),
  },
  {
    name: 'mercator-b',
    ellipsoids: WITH_PLANET,
    sample: (random) => {
      const standardParallel1 = middle(random);
      const parameters = { longitudeOfOrigin: someLongitude(random), standardParallel1 };
      const sample = sampleOf('merc', parameters);
      return { ...sample, proj: sample.proj.replace('lat_1', 'lat_ts') };
    },
  },
  {
    name: 'pseudo-mercator',
    sample: (random) => sampleOf('webmerc', { longitudeOfOrigin: someLongitude(random) }),
  },
  {
    name: 'polar-stereographic-a',
    ellipsoids: WITH_PLANET,
    sample: (random) => sampleOf('stere', origin(random, pole(random))),
  },
  {
    name: 'polar-stereographic-b',
    ellipsoids: WITH_PLANET,
    sample: (random) => {
      const latitudeOfOrigin = pole(random);
      const standardParallel1 = Math.sign(latitudeOfOrigin) * between(random, 10, 90);
      const longitudeOfOrigin = someLongitude(random);
      const parameters = { latitudeOfOrigin, longitudeOfOrigin, standardParallel1 };
      const sample = sampleOf('stere', parameters);
      return { ...sample, proj: sample.proj.replace('lat_1', 'lat_ts') };
    },
  },
  {
    name: 'stereographic',
    ellipsoids: WITH_PLANET,
    sample: (random) => sampleOf('stere', origin(random, random.next() < 0.2 ? 0 : middle(random))),
  },
  {
    name: 'oblique-stereographic',
    ellipsoids: WITH_PLANET,
    sample: (random) => sampleOf('sterea', origin(random)),
  },
  {
    name: 'lambert-conformal-1sp',
    ellipsoids: WITH_PLANET,
    sample: (random) => {
      const parameters = origin(random);
      return sampleOf(`lcc +lat_1=${parameters.latitudeOfOrigin}`, parameters);
    },
  },
  {
    name: 'lambert-conformal-2sp',
    ellipsoids: WITH_PLANET,
    sample: (random) => sampleOf('lcc', parallels(random)),
  },
  {
    name: 'hotine-a',
    ellipsoids: WITH_PLANET,
    sample: (random) => {
      return oblique(random, 'omerc +no_uoff');
    },
  },
  {
    name: 'hotine-b',
    ellipsoids: WITH_PLANET,
    sample: (random) => {
      return oblique(random, 'omerc');
    },
  },
  {
    name: 'hotine-two-point',
    ellipsoids: WITH_PLANET,
    sample: (random) => {
      const p = origin(random, between(random, -40, 40));
      const lat1 = p.latitudeOfOrigin! + between(random, 5, 15);
      const lat2 = p.latitudeOfOrigin! - between(random, 5, 15);
      const lon1 = p.longitudeOfOrigin! + between(random, -20, 20);
      const lon2 = p.longitudeOfOrigin! + between(random, -20, 20);
      const line = `+lat_1=${lat1} +lon_1=${lon1} +lat_2=${lat2} +lon_2=${lon2}`;
      const points = {
        latitudeOfPoint1: lat1,
        longitudeOfPoint1: lon1,
        latitudeOfPoint2: lat2,
        longitudeOfPoint2: lon2,
      };
      const { longitudeOfOrigin: _, ...rest } = p;
      return sampleOf(`omerc ${line}`, { ...rest, ...points }, [60, 40], [lon1, lat1]);
    },
  },
  {
    name: 'swiss-oblique-mercator',
    ellipsoids: WITH_PLANET,
    sample: (random) => sampleOf('somerc', origin(random), [60, 30]),
  },
  {
    name: 'gauss-schreiber',
    ellipsoids: WITH_PLANET,
    sample: (random) => sampleOf('gstmerc', origin(random), [80, 90]),
  },
  {
    name: 'krovak',
    westing: true,
    sample: (random) => {
      const p = origin(random, 49.5);
      const sample = sampleOf('krovak', p, [15, 6]);
      // PROJ computes on no other ellipsoid, and adds false eastings to −westing.
      return { ...sample, ellipsoid: EARTHS[1]! };
    },
  },
];

test('a negative scale of transverse Mercator counts from north and east to south and west', () => {
  const factory = projectionOf('transverse-mercator')!;
  const parameters = { latitudeOfOrigin: -20, longitudeOfOrigin: 29, falseNorthing: 1e6 };
  const [a, es] = [6378249.145, 0.006803511282849];
  const plus = Float64Array.of(27.5, -31, 28.25, 4);
  const minus = plus.slice();
  factory(a, es, { ...parameters, scaleFactor: 0.9996 }).forward(plus, 0, 2);
  const projection = factory(a, es, { ...parameters, scaleFactor: -0.9996 });
  projection.forward(minus, 0, 2);
  const [x1, y1, x2, y2] = plus as unknown as [number, number, number, number];
  assert.deepEqual([...minus], [-x1, 2e6 - y1, -x2, 2e6 - y2]);
  projection.inverse(minus, 0, 2);
  for (const [k, value] of [27.5, -31, 28.25, 4].entries()) {
    assert.ok(Math.abs(minus[k]! - value) < 1e-12, `${minus[k]}`);
  }
});

test('transverse Mercator of flat planets is conformal, and true on its meridian', () => {
  const random = new Random(12);
  for (const es of [0.021, 0.06, 0.12, 0.19]) {
    const { distance } = meridian(es);
    const projection = projectionOf('transverse-mercator')!(1, es, {});
    for (let k = 0; k < 200; k++) {
      const [lon, lat] = [between(random, -20, 20), between(random, -89, 89)];
      const h = 1e-4;
      const xy = Float64Array.of(0, lat, lon - h, lat, lon + h, lat, lon, lat - h, lon, lat + h);
      projection.forward(xy, 0, 5);
      const radians = Math.PI / 180;
      assert.ok(Math.abs(xy[1]! - distance(lat * radians)) < 1e-14);
      const dPsi = isometricLatitude((lat + h) * radians, Math.sqrt(es));
      const step = (dPsi - isometricLatitude((lat - h) * radians, Math.sqrt(es))) / radians / 2 / h;
      // ∂x/∂λ = ∂y/∂ψ and ∂y/∂λ = −∂x/∂ψ: with the meridian they leave no other map.
      const off = [
        xy[4]! - xy[2]! - (xy[9]! - xy[7]!) / step,
        xy[5]! - xy[3]! + (xy[8]! - xy[6]!) / step,
      ];
      assert.ok(Math.hypot(...off) / h < 1e-9, `${es} ${lon} ${lat}: ${off}`);
      projection.inverse(xy, 0, 5);
      assert.ok(Math.hypot((xy[4]! - lon - h) * Math.cos(lat * radians), xy[5]! - lat) < 1e-11);
    }
  }
});

test('conformal methods give what PROJ gives', { skip: noPyproj }, (t) => {
  compareWithProj(t, METHODS, 6);
});

/** Methods of surveys beside PROJ. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../../../src/core/random.ts';
import { meridian } from '../../../src/crs/projections/meridian.ts';
import { geodesicsFrom } from '../../../src/crs/projections/survey/geodesic.ts';
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

/** An origin without a scale. */
function point(random: Random, lat = middle(random)): Sample['parameters'] {
  return { latitudeOfOrigin: lat, longitudeOfOrigin: someLongitude(random) };
}

/** Distances along the meridian are series in PROJ, good to some micrometres. */
const MERIDIAN = 1e-5;

const ON_ELLIPSOIDS = WITH_PLANET.filter(({ es }) => es > 0);

const NEW_ZEALAND = {
  latitudeOfOrigin: -41,
  longitudeOfOrigin: 173,
  falseEasting: 2510000,
  falseNorthing: 6023150,
};

const METHODS: Method[] = [
  {
    name: 'cassini-soldner',
    tolerance: MERIDIAN,
    sample: (random) => sampleOf('cass', point(random), [30, 40]),
  },
  {
    name: 'cassini-soldner-hyperbolic',
    ellipsoids: EARTHS.slice(0, 4),
    tolerance: MERIDIAN,
    sample: (random) => sampleOf('cass +hyperbolic', point(random), [10, 8]),
  },
  {
    name: 'lambert-near-conformal',
    tolerance: MERIDIAN,
    sample: (random) => {
      const lat = between(random, 10, 60) * (random.next() < 0.5 ? 1 : -1);
      return sampleOf(`lcca +lat_1=${lat}`, origin(random, lat), [60, 25]);
    },
  },
  {
    // PROJ has an older series, which leaves the formulas of EPSG by centimetres.
    name: 'laborde',
    ellipsoids: EARTHS.slice(0, 4),
    tolerance: 0.1,
    sample: (random) => {
      const azimuth = between(random, 10, 30);
      const sample = sampleOf(
        'labrd',
        { ...origin(random, between(random, -30, -5)), azimuth },
        [5, 6],
      );
      return { ...sample, proj: sample.proj.replace('alpha', 'azi') };
    },
  },
  {
    name: 'new-zealand-map-grid',
    sample: () => ({
      ...sampleOf('nzmg', NEW_ZEALAND, [6, 7]),
      ellipsoid: { a: 6378388, es: 0.00672267002233332 },
    }),
  },
  {
    name: 'colombia-urban',
    ellipsoids: ON_ELLIPSOIDS,
    sample: (random) =>
      sampleOf('col_urban', { ...point(random), height: between(random, 0, 4000) }, [0.3, 0.3]),
  },
  {
    // To within 1 µm PROJ's series reach to the antipode.
    name: 'azimuthal-equidistant',
    tolerance: 1e-5,
    sample: (random) => sampleOf('aeqd', point(random, random.next() < 0.1 ? 0 : middle(random))),
  },
  {
    name: 'azimuthal-equidistant',
    ellipsoids: WITH_PLANET,
    sample: (random) => sampleOf('aeqd', point(random), [1, 1]),
  },
  {
    name: 'polar-azimuthal-equidistant',
    tolerance: MERIDIAN,
    sample: (random) => sampleOf('aeqd', point(random, pole(random))),
  },
  {
    name: 'guam',
    ellipsoids: EARTHS.slice(0, 4),
    tolerance: MERIDIAN,
    sample: (random) => sampleOf('aeqd +guam', point(random, between(random, -40, 40)), [1, 1]),
  },
  {
    // PROJ takes the geodesic, whose azimuth is not that of EPSG's normal section.
    name: 'modified-azimuthal-equidistant',
    tolerance: 5e-3,
    sample: (random) => sampleOf('aeqd', point(random), [0.3, 0.3]),
  },
];

test('distances along a meridian are the integral of its curvature', () => {
  for (const { es } of WITH_PLANET) {
    const { distance, latitude } = meridian(es);
    for (const phi of [-1.5, -0.3, 0, 0.8, Math.PI / 2]) {
      // Simpson's rule
      const steps = 2000;
      let sum = 0;
      for (let k = 0; k <= steps; k++) {
        const sin = Math.sin((phi * k) / steps);
        const weight = k === 0 || k === steps ? 1 : 2 + 2 * (k % 2);
        sum += weight * (1 - es) * (1 - es * sin * sin) ** -1.5;
      }
      const expected = (sum * phi) / steps / 3;
      assert.ok(Math.abs(distance(phi) - expected) < 1e-13, `${es} ${phi}`);
      assert.ok(Math.abs(latitude(expected) - phi) < 1e-13, `${es} ${phi}`);
    }
  }
});

test('geodesics of a flat planet end where they began, there and back', () => {
  const random = new Random(4);
  for (let k = 0; k < 500; k++) {
    const phi0 = between(random, -1.5, 1.5);
    const geodesics = geodesicsFrom(0.12, phi0);
    const [lambda, phi] = [between(random, -3, 3), between(random, -1.5, 1.5)];
    const out = new Float64Array(2);
    geodesics.inverse(lambda, phi, out);
    geodesics.direct(out[0]!, out[1]!, out);
    const off = Math.hypot((out[0]! - lambda) * Math.cos(phi), out[1]! - phi);
    assert.ok(off < 1e-13, `${phi0} to ${lambda} ${phi}: ${off}`);
  }
});

test('methods of surveys give what PROJ gives', { skip: noPyproj }, (t) => {
  compareWithProj(t, METHODS, 7);
});

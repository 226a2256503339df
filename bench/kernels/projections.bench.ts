/** What does a vertex cost in the formulas of frequent projections, forward and inverse? */

import { Random } from '../../src/core/random.ts';
import type { MethodName, Parameters } from '../../src/crs/definition.ts';
import { projectionOf } from '../../src/crs/projections/registry.ts';
import { timeKernel } from './time.ts';

const CONIC = {
  latitudeOfOrigin: 52,
  longitudeOfOrigin: 10,
  standardParallel1: 43,
  standardParallel2: 62,
};

const METHODS: [MethodName, Parameters][] = [
  ['lambert-conformal-2sp', CONIC],
  ['albers', CONIC],
  ['lambert-azimuthal-equal-area', { latitudeOfOrigin: 52, longitudeOfOrigin: 10 }],
  ['lambert-azimuthal-equal-area', { latitudeOfOrigin: 90, longitudeOfOrigin: 10 }],
  ['cylindrical-equal-area', { standardParallel1: 30 }],
  ['equidistant-cylindrical', {}],
  ['sinusoidal', {}],
  ['mollweide', {}],
  ['robinson', {}],
  ['equal-earth', {}],
  ['american-polyconic', { longitudeOfOrigin: 10 }],
];

const VERTICES = 100_000;
const random = new Random(1);
const degrees = new Float64Array(2 * VERTICES);
for (let i = 0; i < degrees.length; i += 2) {
  degrees[i] = -10 + 40 * random.next();
  degrees[i + 1] = 35 + 30 * random.next();
}

for (const [method, parameters] of METHODS) {
  const { forward, inverse } = projectionOf(method)!(6378137, 0.0066943799901413165, parameters);
  const plane = degrees.slice();
  forward(plane, 0, VERTICES);
  const xy = new Float64Array(degrees.length);
  const name = `${method}, origin at ${parameters.latitudeOfOrigin ?? 0}°`;
  timeKernel(`${name}, forward`, 'vertex', VERTICES, () => forward(xy, 0, VERTICES), {
    reset: () => xy.set(degrees),
  });
  timeKernel(`${name}, inverse`, 'vertex', VERTICES, () => inverse(xy, 0, VERTICES), {
    reset: () => xy.set(plane),
  });
}

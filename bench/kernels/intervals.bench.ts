/** What do inverses by intervals cost beside their formulas: on polygons, and on points anywhere? */

import { Random } from '../../src/core/random.ts';
import type { MethodName, Parameters } from '../../src/crs/definition.ts';
import type { Loop, Projection } from '../../src/crs/projections/projection.ts';
import { projectionOf } from '../../src/crs/projections/registry.ts';
import { geographicBatch } from './sample.ts';
import { timeKernel } from './time.ts';

const CONIC = {
  latitudeOfOrigin: 50,
  longitudeOfOrigin: -154,
  standardParallel1: 55,
  standardParallel2: 65,
};

/** About the polygons, which are in Alaska. */
const METHODS: [MethodName, Parameters][] = [
  ['polar-stereographic-b', { standardParallel1: 70, longitudeOfOrigin: -45 }],
  ['transverse-mercator', { longitudeOfOrigin: -153, scaleFactor: 0.9996, falseEasting: 500_000 }],
  ['lambert-conformal-2sp', CONIC],
  ['albers', CONIC],
];

const polygons = geographicBatch(5, 5_000);
const VERTICES = polygons.vertexCount;
const near = polygons.xy.slice(0, 2 * VERTICES);
const anywhere = new Float64Array(2 * VERTICES);
const random = new Random(1);
for (let i = 0; i < anywhere.length; i += 2) {
  anywhere[i] = near[0]! - 10 + 20 * random.next();
  anywhere[i + 1] = 82 - 45 * random.next();
}

for (const [method, parameters] of METHODS) {
  const make = (): Projection => projectionOf(method)!(6378137, 0.0066943799901413165, parameters);
  const { forward, inverse, inverseByFormulas } = make();
  for (const [kind, degrees] of [
    ['polygons', near],
    ['points anywhere', anywhere],
  ] as const) {
    const plane = degrees.slice();
    forward(plane, 0, VERTICES);
    const xy = new Float64Array(plane.length);
    const time = (name: string, loop: Loop): number =>
      timeKernel(`${method}, ${kind}, ${name}`, 'vertex', VERTICES, () => loop(xy, 0, VERTICES), {
        reset: () => xy.set(plane),
      }).nanosecondsPerItem.min;
    const formulas = time('formulas', inverseByFormulas!);
    const intervals = time('intervals', inverse);
    console.log(`  ${(formulas / intervals).toFixed(2)} times as fast`);
  }
  // The worst case: none of a thread's intervals are filled, and no vertex meets one of before.
  const sparse = Float64Array.from({ length: 200 }, (_, i) => anywhere[i]!);
  forward(sparse, 0, 100);
  timeKernel(`${method}, 100 points, unfilled`, 'vertex', 100, () =>
    make().inverse(sparse.slice(), 0, 100),
  );
}

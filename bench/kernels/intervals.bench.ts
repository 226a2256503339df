/** What do loops by intervals cost beside their formulas: on polygons, and on points anywhere? */

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
  ['pseudo-mercator', {}],
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

function compare(name: string, source: Float64Array, loop: Loop, formulas: Loop): void {
  const xy = new Float64Array(source.length);
  const [slow, fast] = [formulas, loop].map(
    (run, k) =>
      timeKernel(
        `${name}, ${k === 0 ? 'formulas' : 'intervals'}`,
        'vertex',
        VERTICES,
        () => run(xy, 0, VERTICES),
        { reset: () => xy.set(source) },
      ).nanosecondsPerItem.min,
  );
  console.log(`  ${(slow! / fast!).toFixed(2)} times as fast`);
}

for (const [method, parameters] of METHODS) {
  const make = (): Projection => projectionOf(method)!(6378137, 0.0066943799901413165, parameters);
  const { forward, forwardByFormulas, inverse, inverseByFormulas } = make();
  for (const [kind, degrees] of [
    ['polygons', near],
    ['anywhere', anywhere],
  ] as const) {
    const plane = degrees.slice();
    forward(plane, 0, VERTICES);
    compare(`${method}, inverse, ${kind}`, plane, inverse, inverseByFormulas!);
    if (forwardByFormulas) {
      compare(`${method}, forward, ${kind}`, degrees, forward, forwardByFormulas);
    }
  }
  // The worst case: nothing is filled, and hardly a vertex is in the interval of one before.
  const sparse = anywhere.slice(0, 200);
  forward(sparse, 0, 100);
  const first = (): void => make().inverse(sparse.slice(), 0, 100);
  timeKernel(`${method}, inverse, 100 points, unfilled`, 'vertex', 100, first);
}

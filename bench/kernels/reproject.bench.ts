/** What does reprojecting a vertex cost with the project's own loops, and through proj4? */

import proj4 from 'proj4';
import { type Crs, resolveCrs } from '../../src/crs/resolve.ts';
import { createTransform } from '../../src/crs/transform.ts';
import { polarBatch } from './sample.ts';
import { timeKernel } from './time.ts';

/** From the scenes' CRS to that of the tiles, and from there to others. */
const PAIRS: [number, number][] = [
  [3413, 4326],
  [4326, 3413],
  [4326, 3857],
  [4326, 32605],
  [32605, 4326],
];

const DEFINITIONS: Readonly<Record<number, string>> = {
  3413: '+proj=stere +lat_0=90 +lat_ts=70 +lon_0=-45 +datum=WGS84',
  3857: 'EPSG:3857',
  4326: 'EPSG:4326',
  32605: '+proj=utm +zone=5 +datum=WGS84',
};
const crs = (code: number): Crs => resolveCrs({ authority: 'EPSG', code: String(code) });

const batch = polarBatch(5, 5_000);
const { vertexCount } = batch;
const polar = batch.xy.slice(0, 2 * vertexCount);

for (const [from, to] of PAIRS) {
  const source = polar.slice();
  if (from !== 3413) createTransform(crs(3413), crs(from)).apply(source, 0, vertexCount);
  const xy = new Float64Array(source.length);
  const transform = createTransform(crs(from), crs(to));
  const reset = (): void => xy.set(source);
  timeKernel(
    `reproject ${from} → ${to}`,
    'vertex',
    vertexCount,
    () => transform.apply(xy, 0, vertexCount),
    { reset },
  );

  const own = xy.slice();
  const { forward } = proj4(DEFINITIONS[from]!, DEFINITIONS[to]!);
  const byProj4 = (): void => {
    for (let k = 0; k < xy.length; k += 2) {
      const point = forward([xy[k]!, xy[k + 1]!]);
      xy[k] = point[0]!;
      xy[k + 1] = point[1]!;
    }
  };
  timeKernel(`reproject ${from} → ${to}, proj4`, 'vertex', vertexCount, byProj4, {
    reset,
    outcome: () => {
      let farthest = 0;
      for (let k = 0; k < xy.length; k++) {
        farthest = Math.max(farthest, Math.abs(xy[k]! - own[k]!));
      }
      return `differs by at most ${farthest.toExponential(1)}`;
    },
  });
}

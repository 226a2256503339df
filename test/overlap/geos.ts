/** What GEOS says of two features, by way of Debian's shapely. */

import { spawnSync } from 'node:child_process';
import type { Shape } from './shapes.ts';

const PYTHON = '/usr/bin/python3';
const PROGRAM = `
import json, sys
from shapely.geometry import MultiPolygon, Polygon
def multipolygon(polygons):
    return MultiPolygon([
        Polygon(rings[0], rings[1:])
        for rings in ([list(zip(r[0::2], r[1::2])) for r in rings] for rings in polygons)
    ])
for line in sys.stdin:
    a, b = (multipolygon(shape) for shape in json.loads(line))
    valid = a.is_valid and b.is_valid
    print(json.dumps([a.intersection(b).area, min(a.area, b.area), a.relate(b)[0] == '2'] if valid else None))
`;

/** A reason to skip what needs GEOS, or false. */
export const noGeos: string | false =
  spawnSync(PYTHON, ['-c', 'import shapely.geometry']).status === 0
    ? false
    : `no shapely for ${PYTHON}`;

export interface Overlap {
  area: number;
  /** Of the smaller of the two. */
  smaller: number;
  /** Whether their interiors meet. */
  isAreal: boolean;
}

/** Of each pair; null where one of the two is not valid. */
export function overlapsOf(pairs: readonly [Shape, Shape][]): (Overlap | null)[] {
  const { stdout, stderr, status } = spawnSync(PYTHON, ['-c', PROGRAM], {
    input: pairs.map((pair) => JSON.stringify(pair)).join('\n'),
    maxBuffer: 1 << 28,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  return stdout
    .trim()
    .split('\n')
    .map((line) => {
      const values = JSON.parse(line) as [number, number, boolean] | null;
      return values && { area: values[0], smaller: values[1], isAreal: values[2] };
    });
}

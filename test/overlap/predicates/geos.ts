/** Random areas and how GEOS relates them, by way of Debian's Shapely. */

import { spawnSync } from 'node:child_process';

const PYTHON = '/usr/bin/python3';

/** A reason to skip what needs Shapely, or false. */
export const noShapely: string | false =
  spawnSync(PYTHON, ['-c', 'import shapely']).status === 0 ? false : `no Shapely for ${PYTHON}`;

/** Polygons → rings → [x, y], closed. */
export type Polygons = [number, number][][][];

export interface RelatedPair {
  /** `boxes`: parts may lie on one another; of `polygons` both are valid. */
  kind: 'boxes' | 'polygons';
  a: Polygons;
  b: Polygons;
  /** DE-9IM of the unions of the parts. */
  matrix: string;
}

const PROGRAM = `
import json, random, sys
from shapely.geometry import box, Polygon, MultiPolygon
from shapely.ops import unary_union

seed, count = int(sys.argv[1]), int(sys.argv[2])
random.seed(seed)

def boxes(grid):
    parts = []
    for _ in range(random.randint(1, 4)):
        x, y = random.randrange(grid), random.randrange(grid)
        parts.append(box(x, y, x + random.randint(1, 3), y + random.randint(1, 3)))
    return parts, unary_union(parts)

def ring(points):
    return Polygon(points)

def polygon(grid):
    while True:
        n = random.choice([3, 3, 4, 5, 6, 8])
        shell = [(random.randrange(grid), random.randrange(grid)) for _ in range(n)]
        p = Polygon(shell)
        if not p.is_valid or p.area == 0:
            continue
        if random.random() < 0.4:
            for _ in range(8):
                hole = [(random.randrange(grid), random.randrange(grid)) for _ in range(3)]
                q = Polygon(shell, [hole])
                if q.is_valid and Polygon(hole).area > 0:
                    p = q
                    break
        return p

def polygons(grid):
    p = polygon(grid)
    if random.random() < 0.3:
        for _ in range(8):
            m = MultiPolygon([p, polygon(grid)])
            if m.is_valid:
                return list(m.geoms), m
    return [p], p

def coordinates(parts):
    return [[[list(c) for c in r.coords] for r in [p.exterior, *p.interiors]] for p in parts]

for k in range(count):
    kind = 'boxes' if k % 3 == 0 else 'polygons'
    make = boxes if kind == 'boxes' else polygons
    grid = random.choice([4, 5, 6, 9])
    a, one = make(grid)
    b, other = make(grid)
    if random.random() < 0.05:
        b, other = a, one
    print(json.dumps({'kind': kind, 'a': coordinates(a), 'b': coordinates(b), 'matrix': one.relate(other)}))
`;

export function relatedPairs(seed: number, count: number): RelatedPair[] {
  const { stdout, stderr, status } = spawnSync(PYTHON, ['-c', PROGRAM, `${seed}`, `${count}`], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (status !== 0) throw new Error(stderr);
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as RelatedPair);
}

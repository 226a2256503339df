/** Areas that two features have in common, and whether they have any, against GEOS. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../../src/core/random.ts';
import { IntersectionArea } from '../../src/overlap/intersection-area.ts';
import { noGeos, overlapsOf } from './geos.ts';
import { batchOfShapes, moved, parts, type Shape, star } from './shapes.ts';

const skip = noGeos;
const kernel = new IntersectionArea();

/** A ring of whole numbers below 6, that often shares edges and vertices with another. */
function coarse(random: Random): Shape {
  const at = [1 + random.integer(5), 1 + random.integer(5)] as const;
  return [[star(random, at, 1 + 3 * random.next(), 3 + random.integer(9), 0.6, 1)]];
}

/** The same ring begun elsewhere and turned round, with vertices in the middle of some edges. */
function retold(random: Random, ring: number[]): number[] {
  const points: number[][] = [];
  const turn = 2 * random.integer(ring.length / 2 - 1);
  const open = [...ring.slice(turn, -2), ...ring.slice(0, turn)];
  for (let k = 0; k < open.length; k += 2) {
    const [x, y] = [open[k]!, open[k + 1]!];
    points.push([x, y]);
    if (random.integer(3) > 0) continue;
    points.push([(x + open[(k + 2) % open.length]!) / 2, (y + open[(k + 3) % open.length]!) / 2]);
  }
  if (random.integer(2)) points.reverse();
  return [...points, points[0]!].flat();
}

const far = (x: number, y: number): [number, number] => [x * 1e-5 - 150, y * 1e-5 + 70];

const KINDS: Record<string, (random: Random) => [Shape, Shape]> = {
  'stars of 31 vertices': (r) => [
    [[star(r, [0, 0], 10, 31, 0.3)]],
    [[star(r, [12 * r.next(), 12 * r.next()], 10, 31, 0.3)]],
  ],
  'spikes that hundreds of edges cross': (r) => [
    [[star(r, [0, 0], 10, 150, 0.6)]],
    [[star(r, [5 * r.next(), 5 * r.next()], 10, 150, 0.6)]],
  ],
  'parts with holes': (r) => [parts(r, 10), parts(r, 10)],
  'parts with holes, 1e-4 degrees at 150° W, 70° N': (r) => [
    moved(parts(r, 10), far),
    moved(parts(r, 10), far),
  ],
  'parts with holes on a grid': (r) => [parts(r, 12, 1), parts(r, 12, 1)],
  'stars on a coarse grid': (r) => [coarse(r), coarse(r)],
  'several stars on a coarse grid': (r) => [
    [...coarse(r), ...coarse(r)],
    [...coarse(r), ...coarse(r)],
  ],
  'the same, told otherwise': (r) => {
    const shape = coarse(r);
    return [shape, [[retold(r, shape[0]![0]!)]]];
  },
  'a hole that the other fills': (r) => {
    const ring = coarse(r)[0]![0]!;
    const frame = [-9, -9, 19, -9, 19, 19, -9, 19, -9, -9];
    const filling = [[retold(r, ring)], ...(r.integer(2) ? [] : coarse(r))];
    return [[[frame, ring]], filling];
  },
  'nested, or small beside big': (r) => [
    [[star(r, [0, 0], 1000, 200, 0.4)]],
    [[star(r, [1000 * r.next(), 700 * r.next()], 1, 9, 0.4)]],
  ],
  'mirrored across an edge': (r) => {
    // Along the line through two vertices, with whole numbers: a half turn about an edge's middle.
    const shape = coarse(r);
    const ring = shape[0]![0]!;
    const k = 2 * r.integer(ring.length / 2 - 1);
    const [x, y] = [ring[k]! + ring[k + 2]!, ring[k + 1]! + ring[k + 3]!];
    return [shape, moved(shape, (px, py) => [x - px, y - py])];
  },
};

for (const [kind, pairOf] of Object.entries(KINDS)) {
  const count = kind.startsWith('spikes') ? 100 : 1000;
  test(`${kind}: areas within 1e-9, areal where GEOS says so`, { skip }, (t) => {
    const pairs = Array.from({ length: count }, (_, seed) => pairOf(new Random(seed)));
    let valid = 0;
    let areal = 0;
    let farthest = 0;
    for (const [seed, overlap] of overlapsOf(pairs).entries()) {
      if (overlap === null) continue;
      valid++;
      if (overlap.isAreal) areal++;
      const [a, b] = pairs[seed]!;
      const area = kernel.of(batchOfShapes(a), 0, batchOfShapes(b), 0);
      assert.equal(area > 0, overlap.isAreal, `seed ${seed}: ${area}, GEOS ${overlap.area}`);
      const off = Math.abs(area - overlap.area) / overlap.smaller;
      assert.ok(off < 1e-9, `seed ${seed}: ${area}, GEOS ${overlap.area}`);
      farthest = Math.max(farthest, off);
    }
    assert.ok(valid >= 100, `${valid} are valid`);
    t.diagnostic(
      `${valid} valid pairs, ${areal} of them areal; within ${farthest.toExponential(1)}`,
    );
  });
}

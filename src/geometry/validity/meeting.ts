/** What it is called when two rings meet in a way that they must not. */

import { CROSSING_RINGS, DUPLICATE_RING, OVERLAPPING_POLYGONS, SELF_CROSSING } from './findings.ts';
import type { Rings } from './rings.ts';

export function meetingKind(rings: Rings, r: number, s: number): number {
  if (r === s) return SELF_CROSSING;
  if (areSame(rings, r, s)) return DUPLICATE_RING;
  return rings.shell[r] === rings.shell[s] ? CROSSING_RINGS : OVERLAPPING_POLYGONS;
}

/** Whether two rings have the same vertices in the same order or its reverse, from any on. */
function areSame({ xy, next, previous, starts }: Rings, r: number, s: number): boolean {
  const start = starts[r]!;
  const count = starts[r + 1]! - start;
  if (starts[s + 1]! - starts[s]! !== count) return false;
  const isOneVertex = (a: number, b: number): boolean =>
    xy[2 * a] === xy[2 * b] && xy[2 * a + 1] === xy[2 * b + 1];
  let first = starts[s]!;
  while (first < starts[s + 1]! && !isOneVertex(first, start)) first++;
  if (first === starts[s + 1]) return false;
  for (const step of [next, previous]) {
    let a = start;
    let b = first;
    let same = 0;
    while (same < count && isOneVertex(a, b)) {
      a = next[a]!;
      b = step[b]!;
      same++;
    }
    if (same === count) return true;
  }
  return false;
}

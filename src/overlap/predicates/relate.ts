/**
 * How two areas lie to each other, as DE-9IM has it of polygons (OGC 06-103r4, 6.1.15), and whether
 * three have a point in common. Exact for finite coordinates.
 */

import type { Area } from './area.ts';
import { EdgeWalk, type WalkVisitor } from './edge-walk.ts';
import type { Predicate } from './predicate.ts';

/** Bits of a relation: closed areas meet; interiors meet; a's interior is partly outside of b; b's of a. */
export const MEET = 1;
export const INTERIORS = 2;
export const A_OUTSIDE = 4;
export const B_OUTSIDE = 8;

/** What is looked for, by predicate: with all these bits nothing more changes its answer. */
const DECIDED: Readonly<Record<Predicate, number>> = {
  intersects: MEET,
  within: A_OUTSIDE,
  contains: B_OUTSIDE,
  covers: B_OUTSIDE,
  overlaps: INTERIORS | A_OUTSIDE | B_OUTSIDE,
  crosses: 0,
  touches: INTERIORS,
};

const walk = new EdgeWalk();

/** Whether `a PREDICATE b`; `crosses` is false of areas. */
export function holds(predicate: Predicate, a: Area, b: Area): boolean {
  if (predicate === 'crosses') return false;
  return saysSo(predicate, relation(a, b, DECIDED[predicate]));
}

function saysSo(predicate: Predicate, bits: number): boolean {
  const interiors = (bits & INTERIORS) !== 0;
  switch (predicate) {
    case 'intersects':
      return (bits & MEET) !== 0;
    case 'touches':
      return (bits & MEET) !== 0 && !interiors;
    case 'within':
      return interiors && (bits & A_OUTSIDE) === 0;
    case 'contains':
    case 'covers':
      return interiors && (bits & B_OUTSIDE) === 0;
    case 'overlaps':
      return interiors && (bits & A_OUTSIDE) !== 0 && (bits & B_OUTSIDE) !== 0;
    case 'crosses':
      return false;
  }
}

/** @param enough - bits of which all are found, others may be left out */
export function relation(a: Area, b: Area, enough = 15): number {
  let bits = 0;
  if (reachesPast(a, b)) bits |= A_OUTSIDE;
  if (reachesPast(b, a)) bits |= B_OUTSIDE;
  if (!boxesMeet(a, b) || (bits & enough) === enough) return bits;
  const areas = [a, b];
  for (let own = 0; own < 2; own++) {
    const other = 1 << (1 - own);
    const visit: WalkVisitor = (on, left, right) => {
      if (((on | left | right) & other) !== 0) bits |= MEET;
      bits |= ofSide(left) | ofSide(right);
      return (bits & enough) === enough;
    };
    if (traceEdges(areas[own]!, [areas[1 - own]!], areas, visit)) break;
  }
  return bits;
}

/** Of the points beside a segment: in which of a (bit 0) and b (bit 1) they are. */
function ofSide(areas: number): number {
  return areas === 3 ? MEET | INTERIORS : areas === 1 ? A_OUTSIDE : areas === 2 ? B_OUTSIDE : 0;
}

/** Whether a, b and c, closed, have a point in common. */
export function haveCommonPoint(a: Area, b: Area, c: Area): boolean {
  const areas = [a, b, c];
  const visit: WalkVisitor = (on, left, right) => (on | left | right) === 3;
  // Where they have one, one of their edges has one.
  return areas.some((own) => {
    const others = areas.filter((area) => area !== own);
    return traceEdges(own, others, others, visit);
  });
}

/**
 * Walks along the edges of an area within the others' common box. Of a run of edges that meet none of
 * the others' only one point is looked at: what holds there holds for all of it.
 * @returns whether the visitor stopped
 */
function traceEdges(
  own: Area,
  others: readonly Area[],
  areas: readonly Area[],
  visit: WalkVisitor,
): boolean {
  const box = commonBox(others);
  own.find(box[0], box[1], box[2], box[3]);
  const edges = own.found.slice(0, own.foundCount);
  const { xy, starts } = own;
  let last = -2;
  for (const e of edges) {
    const v = starts[e]!;
    const px = xy[2 * v]!;
    const py = xy[2 * v + 1]!;
    const qx = xy[2 * v + 2]!;
    const qy = xy[2 * v + 3]!;
    const isAlone = others.every((area) => {
      area.findNear(px, py, qx, qy);
      return area.foundCount === 0;
    });
    const follows = last === v - 1;
    last = v;
    if (isAlone && follows) continue;
    if (walk.walk(px, py, qx, qy, areas, visit)) return true;
  }
  return false;
}

function commonBox(areas: readonly Area[]): readonly [number, number, number, number] {
  const of = (k: number): number[] => areas.map(({ bounds }) => bounds[k]!);
  return [Math.max(...of(0)), Math.max(...of(1)), Math.min(...of(2)), Math.min(...of(3))];
}

function boxesMeet({ bounds: a }: Area, { bounds: b }: Area): boolean {
  return a[0]! <= b[2]! && a[1]! <= b[3]! && a[2]! >= b[0]! && a[3]! >= b[1]!;
}

/** Whether a's box is not in b's. */
function reachesPast({ bounds: a }: Area, { bounds: b }: Area): boolean {
  return a[0]! < b[0]! || a[1]! < b[1]! || a[2]! > b[2]! || a[3]! > b[3]!;
}

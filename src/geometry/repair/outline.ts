/**
 * The outline of the inside faces of an arrangement, as valid polygons: rings that don't touch themselves,
 * one shell around each connected inside, counter-clockwise, holes clockwise. Rings begin at their first
 * vertex in the order of x, then y, and polygons and holes are in the order of their first two.
 */

import { orient2d } from '../orientation.ts';
import type { Arrangement } from './arrangement.ts';
import { countUp } from './count-up.ts';

/** A polygon's rings, the shell first: vertices of the arrangement, the first one not repeated. */
type Polygon = number[][];

/** @param inside - of each cycle, whether its face is inside */
export function traceOutline(arrangement: Arrangement, inside: Uint8Array): Polygon[] {
  const faces = joinFaces(arrangement, inside);
  const shells: number[][] = [];
  const holes: number[][] = [];
  const faceOf = new Map<number[], number>();
  const traced = new Uint8Array(2 * arrangement.edgeCount);
  // Where a vertex is on the current path; −1: not.
  const placeOnPath = new Int32Array(arrangement.vertexCount).fill(-1);
  for (let start = 0; start < traced.length; start++) {
    if (traced[start] !== 0 || !isOutline(arrangement, inside, start)) continue;
    // Half-edges, none of which has been made a ring of.
    const path: number[] = [];
    let half = start;
    do {
      placeOnPath[arrangement.origin(half)] = path.length;
      path.push(half);
      traced[half] = 1;
      const to = arrangement.origin(half ^ 1);
      const place = placeOnPath[to]!;
      if (place >= 0) {
        // The path is back at a vertex: what it went since is a ring.
        const loop = path.splice(place);
        for (const h of loop) placeOnPath[arrangement.origin(h)] = -1;
        const ring = fromFirst(cornersOf(arrangement, loop));
        (isCounterClockwise(arrangement, ring) ? shells : holes).push(ring);
        faceOf.set(ring, faces.find(arrangement.cycleOf[half]!));
      }
      half = nextOutline(arrangement, inside, half);
    } while (traced[half] === 0);
  }
  return group(shells, holes, faceOf);
}

function isOutline({ cycleOf }: Arrangement, inside: Uint8Array, half: number): boolean {
  return inside[cycleOf[half]!] === 1 && inside[cycleOf[half ^ 1]!] === 0;
}

/** The half-edge that goes on around the inside on the left: the next one clockwise with outside beyond. */
function nextOutline(arrangement: Arrangement, inside: Uint8Array, half: number): number {
  let next = arrangement.next(half);
  while (!isOutline(arrangement, inside, next)) next = arrangement.clockwise(next);
  return next;
}

/** Connected insides: cycles joined by edges that have the inside on both sides, or by being around one face. */
function joinFaces(arrangement: Arrangement, inside: Uint8Array): DisjointSets {
  const { cycleCount, cycleOf, edgeCount, firstInner, nextInner } = arrangement;
  const faces = new DisjointSets(cycleCount);
  for (let e = 0; e < edgeCount; e++) {
    const left = cycleOf[2 * e]!;
    const right = cycleOf[2 * e + 1]!;
    if (inside[left] === 1 && inside[right] === 1) faces.join(left, right);
  }
  for (let cycle = 0; cycle < cycleCount; cycle++) {
    for (let inner = firstInner[cycle]!; inner >= 0; inner = nextInner[inner]!) {
      faces.join(cycle, inner);
    }
  }
  return faces;
}

/** The vertices but those where others only touch, or have touched, a straight edge. */
function cornersOf(arrangement: Arrangement, loop: number[]): number[] {
  const { x, y } = arrangement;
  const corners: number[] = [];
  let before = loop.at(-1)!;
  for (const half of loop) {
    const a = arrangement.origin(before);
    const b = arrangement.origin(half);
    const c = arrangement.origin(half ^ 1);
    const isCorner =
      arrangement.beginsInCorner(half) ||
      arrangement.beginsInCorner(before ^ 1) ||
      orient2d(x[a]!, y[a]!, x[b]!, y[b]!, x[c]!, y[c]!) !== 0;
    if (isCorner) corners.push(b);
    before = half;
  }
  return corners;
}

function fromFirst(ring: number[]): number[] {
  let first = 0;
  for (let k = 1; k < ring.length; k++) if (ring[k]! < ring[first]!) first = k;
  return ring.slice(first).concat(ring.slice(0, first));
}

/** The turn at the first vertex of all, which a ring that doesn't touch itself takes as a whole. */
function isCounterClockwise({ x, y }: Arrangement, ring: number[]): boolean {
  const a = ring.at(-1)!;
  const b = ring[0]!;
  const c = ring[1]!;
  return orient2d(x[a]!, y[a]!, x[b]!, y[b]!, x[c]!, y[c]!) > 0;
}

function group(shells: number[][], holes: number[][], faceOf: Map<number[], number>): Polygon[] {
  const byStart = (a: number[], b: number[]): number => a[0]! - b[0]! || a[1]! - b[1]!;
  const polygonOf = new Map<number, Polygon>();
  for (const shell of shells.sort(byStart)) polygonOf.set(faceOf.get(shell)!, [shell]);
  for (const hole of holes.sort(byStart)) polygonOf.get(faceOf.get(hole)!)!.push(hole);
  return [...polygonOf.values()];
}

/** Union–find, with paths halved. */
class DisjointSets {
  readonly #parents: Int32Array;

  constructor(count: number) {
    this.#parents = countUp(count);
  }

  find(i: number): number {
    const parents = this.#parents;
    while (parents[i] !== i) {
      parents[i] = parents[parents[i]!]!;
      i = parents[i]!;
    }
    return i;
  }

  join(i: number, j: number): void {
    this.#parents[this.find(i)] = this.find(j);
  }
}

/**
 * Cutting rings on a cyclic x axis where they cross the cut, and joining the pieces along it.
 *
 * x = minX + k · period is the cut for each whole number k; between two of them lies turn k, and the
 * pieces of all turns are brought to turn 0. The rings are taken apart where they cross. Along the
 * cut, in order of y, the inside begins and ends by turns, which says which ends belong together on
 * each side: no use is made of the directions of the rings. Where edges are as drawn that holds for
 * each line by itself. Where edges go the shorter way the axis is a circle, with one cut: with an
 * odd number of crossings the inside holds a pole, and the crossing next to it has the pole for its
 * partner.
 */

import type { FeatureBatch } from './batch.ts';

export interface CutOptions {
  /** Length of the x axis until it repeats, e.g. 360 degrees. */
  period: number;
  /** Where the cut is, e.g. −180; its other side is minX + period. */
  minX: number;
  /** The y of the northern and the southern pole, e.g. 90 and −90. */
  northY: number;
  southY: number;
  /**
   * An edge that is longer in x goes the other way round. Infinity, to cut features of which no edge is:
   * their edges are as they are drawn.
   */
  longestEdge: number;
}

/**
 * In periods: what is nearer to the cut is on it. 0.4 mm on the equator, which is more than rounding
 * of coordinates and formulas, and less than shifts between datums.
 */
const ON_CUT = 1e-11;

/** x moved by whole periods to minX ≤ x < minX + period. */
export function wrap(x: number, minX: number, period: number): number {
  if (x >= minX && x < minX + period) return x;
  const wrapped = x - period * Math.floor((x - minX) / period);
  return wrapped < minX + period ? wrapped : minX;
}

/** The turn that goes on eastward from x. */
export function turnFrom(x: number, { minX, period }: CutOptions): number {
  return Math.floor((x - minX) / period + ON_CUT);
}

/** The turn that leads up to x from the west. */
export function turnTo(x: number, { minX, period }: CutOptions): number {
  return Math.ceil((x - minX) / period - ON_CUT) - 1;
}

/**
 * The turn in which low ≤ x ≤ high lies, turn 0 if it is on the line between two; null if it is not in
 * one.
 */
export function turnWith(low: number, high: number, options: CutOptions): number | null {
  const first = turnFrom(low, options);
  const last = turnTo(high, options);
  if (first < last) return null;
  return Math.abs(first) < Math.abs(last) ? first : last;
}

/** Vertices in the strip between the two sides of the cut. */
export interface Path {
  xy: number[];
  z: number[];
  /** The turn that it came from; 0 if edges go the shorter way. */
  turn: number;
}

/** A part of a ring from one crossing of the cut to the next. */
export interface Chain extends Path {
  start: End | undefined;
  end: End | undefined;
  traced: boolean;
}

/** A chain's end, on one side of the cut. */
interface End {
  x: number;
  y: number;
  z: number;
  chain: Chain;
  isStart: boolean;
  /** The end to go on from, along the cut, or over the pole if `poleY` is set. */
  next: End | undefined;
  poleY: number | undefined;
}

/** A point where an edge crosses the cut, as an end on either side. */
export interface Crossing {
  /** Which of the lines x = minX + k · period; 0 if edges go the shorter way. */
  line: number;
  y: number;
  left: End;
  right: End;
}

/**
 * Adds the chains and crossings of a ring, or returns it whole, closing vertex left out, if it
 * does not cross. A vertex on the cut stays on the side from which the ring comes: a ring that
 * only touches the cut does not cross it.
 */
export function cutRing(
  source: FeatureBatch,
  ring: number,
  hasZ: boolean,
  options: CutOptions,
  chains: Chain[],
  crossings: Crossing[],
): Path | null {
  const { xy, z } = source;
  const { minX, period, longestEdge } = options;
  const maxX = minX + period;
  const near = ON_CUT * period;
  const isCircle = longestEdge < Number.POSITIVE_INFINITY;
  const start = source.ringOffsets[ring]!;
  let count = source.ringOffsets[ring + 1]! - start;
  const last = start + count - 1;
  if (count > 1 && xy[2 * start] === xy[2 * last] && xy[2 * start + 1] === xy[2 * last + 1])
    count--;
  let first = 0;
  while (first < count && isNear(xy[2 * (start + first)]!, minX, period, near)) first++;
  if (first === count) first = 0;

  // A vertex's x is source x + laps · period, in the strip of `turn` if whole periods are taken off.
  const firstX = xy[2 * (start + first)] ?? 0;
  const firstTurn = turnWith(firstX, firstX, options)!;
  let turn = firstTurn;
  let laps = 0;
  const opening = newChain(isCircle ? 0 : turn);
  let chain = opening;
  let x1 = Number.NaN;
  let y1 = 0;
  let z1 = 0;
  let laps1 = 0;
  for (let k = first; k <= first + count && count > 0; k++) {
    const v = start + (k % count);
    const x2 = xy[2 * v]!;
    const y2 = xy[2 * v + 1]!;
    const z2 = hasZ ? z[v]! : 0;
    if (x2 - x1 > longestEdge) laps--;
    else if (x1 - x2 > longestEdge) laps++;
    for (;;) {
      const x = x2 + (laps - turn) * period;
      // The ring ends in the turn that it began in, also if its first vertex is on the cut.
      const isEnd = k === first + count;
      const eastward = isEnd ? turn - laps < firstTurn : x > maxX + near;
      const westward = isEnd ? turn - laps > firstTurn : x < minX - near;
      if (!eastward && !westward) break;
      const line = eastward ? turn + 1 : turn;
      const from1 = minX + (line - laps1) * period - x1;
      const from2 = minX + (line - laps) * period - x2;
      const crossing = eastward
        ? crossingOf(from1, y1, z1, -from2, y2, z2, minX, maxX)
        : crossingOf(from2, y2, z2, -from1, y1, z1, minX, maxX);
      turn += eastward ? 1 : -1;
      if (!isCircle) crossing.line = line;
      crossings.push(crossing);
      attachEnd(chain, eastward ? crossing.right : crossing.left);
      chain = newChain(isCircle ? 0 : turn);
      chains.push(chain);
      chain.start = eastward ? crossing.left : crossing.right;
      chain.start.chain = chain;
      chain.start.isStart = true;
    }
    if (k < first + count) {
      const x = x2 + (laps - turn) * period;
      chain.xy.push(x - minX < near ? minX : maxX - x < near ? maxX : x, y2);
      chain.z.push(z2);
    }
    x1 = x2;
    y1 = y2;
    z1 = z2;
    laps1 = laps;
  }
  if (chain === opening) return opening;
  // What came before the first crossing continues what came after the last.
  for (const value of opening.xy) chain.xy.push(value);
  for (const value of opening.z) chain.z.push(value);
  attachEnd(chain, opening.end!);
  return null;
}

/** Whether x is on one of the lines minX + k · period. */
function isNear(x: number, minX: number, period: number, near: number): boolean {
  const offset = x - minX - period * Math.round((x - minX) / period);
  return offset < near && offset > -near;
}

function newChain(turn: number): Chain {
  return { xy: [], z: [], turn, start: undefined, end: undefined, traced: false };
}

function attachEnd(chain: Chain, end: End): void {
  chain.end = end;
  end.chain = chain;
  end.isStart = false;
}

/**
 * The crossing of an edge between a vertex west of the cut and one east of it, `west` and `east`
 * away from it in x. Always from west to east, so that neighbours that share the edge get the same
 * point.
 */
function crossingOf(
  west: number,
  westY: number,
  westZ: number,
  east: number,
  eastY: number,
  eastZ: number,
  minX: number,
  maxX: number,
): Crossing {
  // A ring that ends on the cut crosses there.
  const t = Math.min(1, Math.max(0, west / (west + east || 1)));
  const y = westY + t * (eastY - westY);
  const z = westZ + t * (eastZ - westZ);
  const end = (x: number): End => ({
    x,
    y,
    z,
    chain: newChain(0),
    isStart: false,
    next: undefined,
    poleY: undefined,
  });
  return { line: 0, y, left: end(minX), right: end(maxX) };
}

/** Says for each chain's end with which it is joined: the next crossing in y, or across the pole. */
export function linkAlongCut(crossings: Crossing[], nearNorth: boolean, options: CutOptions): void {
  // Each line is crossed an even number of times, so that no pair is of two.
  crossings.sort((a, b) => a.line - b.line || a.y - b.y);
  let at = 0;
  if (crossings.length % 2 === 1) {
    const lone = nearNorth ? crossings.at(-1)! : crossings[0]!;
    lone.left.next = lone.right;
    lone.right.next = lone.left;
    lone.left.poleY = lone.right.poleY = nearNorth ? options.northY : options.southY;
    if (!nearNorth) at = 1;
  }
  for (; at + 1 < crossings.length; at += 2) {
    const lower = crossings[at]!;
    const upper = crossings[at + 1]!;
    lower.left.next = upper.left;
    upper.left.next = lower.left;
    lower.right.next = upper.right;
    upper.right.next = lower.right;
  }
}

/** Rings, without closing vertex, from the chains and the links between their ends. */
export function traceRings(chains: Chain[], { minX, period }: CutOptions): Path[] {
  const maxX = minX + period;
  const rings: Path[] = [];
  for (const first of chains) {
    if (first.traced) continue;
    const ring: Path = { xy: [], z: [], turn: first.turn };
    let chain = first;
    let forward = true;
    while (!chain.traced) {
      chain.traced = true;
      const count = chain.z.length;
      for (let k = 0; k < count; k++) {
        const v = forward ? k : count - 1 - k;
        appendVertex(ring, chain.xy[2 * v]!, chain.xy[2 * v + 1]!, chain.z[v]!, minX, maxX);
      }
      const end: End = (forward ? chain.end : chain.start)!;
      const next: End = end.next!;
      appendVertex(ring, end.x, end.y, end.z, minX, maxX);
      if (end.poleY !== undefined) {
        appendVertex(ring, end.x, end.poleY, end.z, minX, maxX);
        appendVertex(ring, next.x, end.poleY, next.z, minX, maxX);
      }
      appendVertex(ring, next.x, next.y, next.z, minX, maxX);
      chain = next.chain;
      forward = next.isStart;
    }
    rings.push(ring);
  }
  return rings;
}

/** Appends a vertex; on the cut, without repeating one and without going there and back again. */
function appendVertex(
  ring: Path,
  x: number,
  y: number,
  z: number,
  minX: number,
  maxX: number,
): void {
  const { xy } = ring;
  if (x === minX || x === maxX) {
    while (xy.length >= 4 && xy.at(-2) === x && xy.at(-4) === x) {
      const middle = xy.at(-1)!;
      const before = xy.at(-3)!;
      if ((before < middle && middle < y) || (before > middle && middle > y)) break;
      xy.length -= 2;
      ring.z.length--;
    }
    if (xy.at(-2) === x && xy.at(-1) === y) return;
  }
  xy.push(x, y);
  ring.z.push(z);
}

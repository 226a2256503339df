/**
 * Cutting rings on a cyclic x axis where they cross the cut, and joining the pieces along it.
 *
 * The rings are taken apart where they cross the cut. Along the cut, in order of y, the inside
 * begins and ends by turns, which says which ends belong together on each side: no use is made of
 * the directions of the rings. With an odd number of crossings the inside holds a pole, and the
 * crossing next to it has the pole for its partner.
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
}

/** x moved by whole periods to [minX, minX + period]; both ends stay what they are. */
export function wrap(x: number, minX: number, period: number): number {
  if (x >= minX && x <= minX + period) return x;
  return x - period * Math.floor((x - minX) / period);
}

/** Vertices in the strip between the two sides of the cut. */
export interface Path {
  xy: number[];
  z: number[];
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
  { minX, period }: CutOptions,
  chains: Chain[],
  crossings: Crossing[],
): Path | null {
  const { xy, z } = source;
  const maxX = minX + period;
  const start = source.ringOffsets[ring]!;
  let count = source.ringOffsets[ring + 1]! - start;
  const last = start + count - 1;
  if (count > 1 && xy[2 * start] === xy[2 * last] && xy[2 * start + 1] === xy[2 * last + 1])
    count--;
  const xOf = (k: number) => wrap(xy[2 * (start + (k % count))]!, minX, period);
  let first = 0;
  while (first < count && (xOf(first) === minX || xOf(first) === maxX)) first++;
  if (first === count) first = 0;

  const opening = newChain();
  let chain = opening;
  let x1 = Number.NaN;
  let y1 = 0;
  let z1 = 0;
  for (let k = first; k <= first + count && count > 0; k++) {
    const v = start + (k % count);
    let x2 = xOf(k);
    const y2 = xy[2 * v + 1]!;
    const z2 = hasZ ? z[v]! : 0;
    if (Math.abs(x2 - x1) > period / 2) {
      if (x2 === minX || x2 === maxX) {
        x2 = x2 === minX ? maxX : minX;
      } else {
        const eastward = x2 < x1;
        const crossing = eastward
          ? crossingOf(x1, y1, z1, x2, y2, z2, minX, maxX)
          : crossingOf(x2, y2, z2, x1, y1, z1, minX, maxX);
        crossings.push(crossing);
        attachEnd(chain, eastward ? crossing.right : crossing.left);
        chain = newChain();
        chains.push(chain);
        chain.start = eastward ? crossing.left : crossing.right;
        chain.start.chain = chain;
        chain.start.isStart = true;
      }
    }
    if (k < first + count) {
      chain.xy.push(x2, y2);
      chain.z.push(z2);
    }
    x1 = x2;
    y1 = y2;
    z1 = z2;
  }
  if (chain === opening) return opening;
  // What came before the first crossing continues what came after the last.
  for (const value of opening.xy) chain.xy.push(value);
  for (const value of opening.z) chain.z.push(value);
  attachEnd(chain, opening.end!);
  return null;
}

function newChain(): Chain {
  return { xy: [], z: [], start: undefined, end: undefined, traced: false };
}

function attachEnd(chain: Chain, end: End): void {
  chain.end = end;
  end.chain = chain;
  end.isStart = false;
}

/**
 * The crossing of an edge between a vertex west of the cut (x near maxX) and one east of it (near
 * minX). Always from west to east, so that neighbours that share the edge get the same point.
 */
function crossingOf(
  westX: number,
  westY: number,
  westZ: number,
  eastX: number,
  eastY: number,
  eastZ: number,
  minX: number,
  maxX: number,
): Crossing {
  const t = (maxX - westX) / (maxX - westX + (eastX - minX));
  const y = westY + t * (eastY - westY);
  const z = westZ + t * (eastZ - westZ);
  const end = (x: number): End => ({
    x,
    y,
    z,
    chain: newChain(),
    isStart: false,
    next: undefined,
    poleY: undefined,
  });
  return { y, left: end(minX), right: end(maxX) };
}

/** Says for each chain's end with which it is joined: the next crossing in y, or across the pole. */
export function linkAlongCut(crossings: Crossing[], nearNorth: boolean, options: CutOptions): void {
  crossings.sort((a, b) => a.y - b.y);
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
    const ring: Path = { xy: [], z: [] };
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

/**
 * The angle from north to a point of the plane, by cubics of the arctangent: what Math.atan2 gives, in
 * degrees and in a third of the time. Not on the axes and the diagonals, where that gives round numbers.
 */

import { type Cubics, emptyCubics, fillAt } from './cubics.ts';

const INTERVALS = 2048;

let cubics: Cubics | null = null;

/** Those of a thread, for all projections. */
export function arctangents(): Cubics {
  cubics ??= emptyCubics(INTERVALS);
  return cubics;
}

/** Where the point is looked up: there are cubics for 0 < q < 2,048. NaN where a coordinate is. */
export function tangentOf(east: number, north: number): number {
  const x = Math.abs(east);
  const y = Math.abs(north);
  return (x > y ? y / x : x / y) * INTERVALS;
}

/** −180 … 180 degrees, clockwise. @param arctangent - what the cubics have where the point is */
export function angleFrom(arctangent: number, east: number, north: number): number {
  let angle = Math.abs(east) > Math.abs(north) ? 90 - arctangent : arctangent;
  if (north < 0) angle = 180 - angle;
  return east < 0 ? -angle : angle;
}

export function fillArctangent(q: number): void {
  fillAt(arctangents(), q, (x) => Math.atan(x) * (180 / Math.PI));
}

/** Sine and cosine of 0 to 2 radians, by cubics. */

import { type Cubics, emptyCubics, fillAt } from './cubics.ts';

const INTERVALS = 4096;

let cubics: { sines: Cubics; cosines: Cubics } | null = null;

/** Those of a thread, for all projections. */
export function sinesAndCosines(): { sines: Cubics; cosines: Cubics } {
  cubics ??= { sines: emptyCubics(INTERVALS), cosines: emptyCubics(INTERVALS) };
  return cubics;
}

/** @param q - 2,048 times the angle */
export function fillSines(q: number): void {
  const { sines, cosines } = sinesAndCosines();
  fillAt(sines, q, (half) => Math.sin(2 * half));
  fillAt(cosines, q, (half) => Math.cos(2 * half));
}

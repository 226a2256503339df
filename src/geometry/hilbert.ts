/** The Hilbert curve: D. Hilbert, Ueber die stetige Abbildung einer Linie auf ein Flächenstück, 1891. */

/**
 * One step along four levels of the curve: by state (bits 8 and 9), four bits of x and four of y, the
 * next state and eight bits of the distance. What a quadrant does to the curve in it is to swap x and
 * y (bit 8) and to count both from the other end (bit 9).
 */
export const HILBERT_STEPS = makeSteps();

function makeSteps(): Uint16Array {
  const steps = new Uint16Array(0x400);
  for (let i = 0; i < steps.length; i++) {
    let state = i >> 8;
    let distance = 0;
    for (let level = 3; level >= 0; level--) {
      const a = ((i >> (4 + level)) ^ (state >> 1)) & 1;
      const b = ((i >> level) ^ (state >> 1)) & 1;
      const [x, y] = state & 1 ? [b, a] : [a, b];
      distance = 4 * distance + ((3 * x) ^ y);
      if (y === 0) state ^= x === 1 ? 3 : 1;
    }
    steps[i] = (state << 8) | distance;
  }
  return steps;
}

/**
 * The state before the first step, if steps go through more levels than there are bits: each of these, in
 * quadrant (0, 0), swaps.
 */
export function firstHilbertState(bits: number): number {
  return (bits & 1) << 8;
}

/**
 * Distance along the curve, from (0, 0), of the cell (x, y) of 2^bits × 2^bits; up to 26 bits.
 * @param x - whole number, 0 ≤ x < 2^bits, as y
 */
export function hilbertDistance(x: number, y: number, bits: number): number {
  let step = firstHilbertState(bits);
  let distance = 0;
  for (let shift = (bits - 1) & ~3; shift >= 0; shift -= 4) {
    const cell = (((x >> shift) & 0xf) << 4) | ((y >> shift) & 0xf);
    step = HILBERT_STEPS[(step & 0x300) | cell]!;
    distance = 256 * distance + (step & 0xff);
  }
  return distance;
}

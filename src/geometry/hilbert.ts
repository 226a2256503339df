/**
 * Distance along the Hilbert curve of the cell (x, y) of 2^bits × 2^bits; Hilbert 1891, iterated bit
 * by bit. Of up to 26 bits it is exact.
 * @param x - whole number, 0 ≤ x < 2^bits, as y
 */
export function hilbertDistance(x: number, y: number, bits: number): number {
  const last = 2 ** bits - 1;
  let distance = 0;
  for (let s = 1 << (bits - 1); s > 0; s >>= 1) {
    const rx = (x & s) > 0 ? 1 : 0;
    const ry = (y & s) > 0 ? 1 : 0;
    distance += s * s * ((3 * rx) ^ ry);
    if (ry === 0) {
      if (rx === 1) {
        x = last ^ x;
        y = last ^ y;
      }
      const t = x;
      x = y;
      y = t;
    }
  }
  return distance;
}

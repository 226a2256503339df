/** Distance along the Hilbert curve of the cell (x, y) of 2^bits × 2^bits, one level after the other. */
export function bitByBit(x: number, y: number, bits: number): number {
  const last = 2 ** bits - 1;
  let distance = 0;
  for (let s = 2 ** (bits - 1); s >= 1; s /= 2) {
    const rx = (x & s) > 0 ? 1 : 0;
    const ry = (y & s) > 0 ? 1 : 0;
    distance += s * s * ((3 * rx) ^ ry);
    if (ry === 0) {
      if (rx === 1) [x, y] = [last ^ x, last ^ y];
      [x, y] = [y, x];
    }
  }
  return distance;
}

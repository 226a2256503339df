/** Seeded random numbers 0 ≤ r < 1 for tests: Marsaglia's xorshift on 32 bits (13, 17, 5). */
export function seededRandom(seed: number): () => number {
  let state = Math.imul(seed, 0x9e3779b1) | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

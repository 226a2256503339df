/**
 * Seeded random numbers: the same seed gives the same numbers on every machine, for sample data,
 * benchmarks and tests. Not for secrets.
 *
 * The generator is xoshiro128** (D. Blackman, S. Vigna, "Scrambled linear pseudorandom number
 * generators", ACM TOMS 47, 2021): 128 bits of state, period 2^128 − 1. The state is filled from
 * the seed by a Weyl sequence through MurmurHash3's 32-bit finalizer (A. Appleby).
 */

const GOLDEN_GAMMA = 0x9e3779b9;

/** MurmurHash3's finalizer: a bijection of 32-bit integers in which every bit affects all. */
function finalize(h: number): number {
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** A 32-bit hash, 0 ≤ h < 2^32, of three 32-bit integers: random numbers that belong to a place. */
export function hash32(a: number, b: number, c: number): number {
  let h = finalize((a | 0) + GOLDEN_GAMMA);
  h = finalize((h ^ b) + GOLDEN_GAMMA);
  return finalize((h ^ c) + GOLDEN_GAMMA) >>> 0;
}

export class Random {
  readonly #state = new Int32Array(4);
  #spare = Number.NaN;

  /** @param seed - any safe integer */
  constructor(seed: number) {
    if (!Number.isSafeInteger(seed)) throw new RangeError(`a seed is a safe integer, not ${seed}`);
    const low = seed | 0;
    const high = Math.floor(seed / 2 ** 32) | 0;
    for (let i = 0; i < 4; i++) {
      this.#state[i] = finalize(finalize(low + Math.imul(i + 1, GOLDEN_GAMMA)) ^ high);
    }
    // All zeros is the one state that the generator never leaves.
    if (this.#state.every((word) => word === 0)) this.#state[0] = GOLDEN_GAMMA;
  }

  /** A generator that continues from the four 32-bit words of a state, not all zero. */
  static fromState(words: readonly [number, number, number, number]): Random {
    if (words.every((word) => (word | 0) === 0)) throw new RangeError('the state is all zeros');
    const random = new Random(0);
    random.#state.set(words);
    return random;
  }

  /** The next 32 bits, 0 ≤ n < 2^32. */
  uint32(): number {
    const state = this.#state;
    const s1 = state[1]!;
    const five = Math.imul(s1, 5);
    const result = Math.imul((five << 7) | (five >>> 25), 9);
    const s2 = state[2]! ^ state[0]!;
    const s3 = state[3]! ^ s1;
    state[1] = s1 ^ s2;
    state[0] = state[0]! ^ s3;
    state[2] = s2 ^ (s1 << 9);
    state[3] = (s3 << 11) | (s3 >>> 21);
    return result >>> 0;
  }

  /** Uniform in [0, 1), with 53 random bits. */
  next(): number {
    const high = this.uint32() >>> 5;
    const low = this.uint32() >>> 6;
    return (high * 0x4000000 + low) / 2 ** 53;
  }

  /** A uniform integer in [0, n), for 0 < n ≤ 2^53; its bias is below n / 2^53. */
  integer(n: number): number {
    if (!(n > 0 && n <= 2 ** 53)) throw new RangeError(`integer(n) wants 0 < n ≤ 2^53, not ${n}`);
    return Math.floor(this.next() * n);
  }

  /** Normally distributed, mean 0 and standard deviation 1 (Marsaglia's polar method). */
  normal(): number {
    if (!Number.isNaN(this.#spare)) {
      const spare = this.#spare;
      this.#spare = Number.NaN;
      return spare;
    }
    for (;;) {
      const u = 2 * this.next() - 1;
      const v = 2 * this.next() - 1;
      const s = u * u + v * v;
      if (s > 0 && s < 1) {
        const scale = Math.sqrt((-2 * Math.log(s)) / s);
        this.#spare = v * scale;
        return u * scale;
      }
    }
  }
}

/** The sum of SummedMemory, written down plainly. */
export function fletcherOf(bytes: Uint8Array): number {
  const padded = new Uint8Array(Math.ceil(bytes.length / 32) * 32);
  padded.set(bytes);
  const words = new BigUint64Array(padded.buffer);
  const a = new BigUint64Array(8);
  const b = new BigUint64Array(8);
  const add = (lane: number, word: bigint): void => {
    a[lane] = a[lane]! + word;
    b[lane] = b[lane]! + a[lane]!;
  };
  for (const [i, word] of words.entries()) {
    add(i % 4, word);
    add(4 + (i % 4), word >> 32n);
  }
  let hash = 0n;
  for (const lane of [...a, ...b]) {
    for (const word of [lane & 0xffffffffn, lane >> 32n]) {
      hash = ((hash ^ word) * 0x9e3779b1n) & 0xffffffffn;
      hash ^= hash >> 15n;
    }
  }
  return Number(hash);
}

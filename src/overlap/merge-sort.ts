/** Orders of numbers, without a function that compares. */

/** Up to this many are sorted by insertion. */
const RUN = 16;

/**
 * The numbers 0 … count − 1 by their keys, ascending; equal ones in their order. A merge sort of runs.
 * @param order - takes them or what is on the way to them, as `scratch` does; both have room for `count`
 * @returns the one of the two that has them
 */
export function sortByKey(
  keys: Float64Array,
  count: number,
  order: Int32Array,
  scratch: Int32Array,
): Int32Array {
  for (let n = 0; n < count; n++) {
    const key = keys[n]!;
    let at = n;
    for (const low = n & -RUN; at > low && keys[order[at - 1]!]! > key; at--) {
      order[at] = order[at - 1]!;
    }
    order[at] = n;
  }
  let from = order;
  let to = scratch;
  for (let run = RUN; run < count; run *= 2) {
    for (let low = 0; low < count; low += 2 * run) {
      const middle = Math.min(low + run, count);
      const high = Math.min(middle + run, count);
      let a = low;
      let b = middle;
      for (let at = low; at < high; at++) {
        const takesA = a < middle && (b >= high || keys[from[a]!]! <= keys[from[b]!]!);
        to[at] = takesA ? from[a++]! : from[b++]!;
      }
    }
    [from, to] = [to, from];
  }
  return from;
}

/** How many pairs there would be by which tolerance. */

const OVERLAPS = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9];
const DISTANCES = [1, 2, 5, 10, 20, 50, 100];

/** @param measures - of each pair, the overlaps of the two and their distance */
export function overlapsOf(measures: Float64Array): { above: number; both: number; one: number }[] {
  return OVERLAPS.map((above) => {
    let both = 0;
    let one = 0;
    for (let at = 0; at < measures.length; at += 3) {
      const [a, b] = [measures[at]! > above, measures[at + 1]! > above];
      if (a && b) both++;
      if (a || b) one++;
    }
    return { above, both, one };
  });
}

export function distancesOf(measures: Float64Array): { within: number; pairs: number }[] {
  return DISTANCES.map((within) => {
    let pairs = 0;
    for (let at = 2; at < measures.length; at += 3) if (measures[at]! <= within) pairs++;
    return { within, pairs };
  });
}

/** How many tiles there are, from the tiles of some features. */

/**
 * Number of different tiles from a sample, by Chao's estimator (Chao 1984): the tiles that were met,
 * and f₁² / 2 f₂ that were not, where f₁ and f₂ are the numbers of tiles that were met once and
 * twice; with the correction for small samples, f₁ (f₁ − 1) / 2 (f₂ + 1).
 * @param counts - how often each tile was met
 * @param rows - rows that there are: there can be no more tiles
 * @param most - tiles that there can be, for example those that the extents cover
 */
export function countTiles(counts: Iterable<number>, rows: number, most = Infinity): number {
  let met = 0;
  let once = 0;
  let twice = 0;
  let sampled = 0;
  for (const count of counts) {
    met++;
    sampled += count;
    if (count === 1) once++;
    else if (count === 2) twice++;
  }
  // A sample of all features has met all tiles.
  if (sampled >= rows) return met;
  const unmet = (once * (once - 1)) / (2 * (twice + 1));
  return Math.max(met, Math.min(met + unmet, most, rows));
}

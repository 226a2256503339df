/** Which pairs of overlapping features count as duplicates of each other. */

/** What is measured of a pair. */
export interface PairMeasures {
  /** Area of the intersection over the area of the one, and of the other. */
  overlapA: number;
  overlapB: number;
  /** Between the centroids, in the unit of the CRS in which distances are taken. */
  distance: number;
}

export interface PairTests {
  overlapTolerance: number | null;
  overlapBoth: boolean;
  centroidTolerance: number | null;
}

/** Whether the pair passes both tests; one that is null is passed. A distance that is NaN is none. */
export function areDuplicates(
  { overlapA, overlapB, distance }: PairMeasures,
  { overlapTolerance, overlapBoth, centroidTolerance }: PairTests,
): boolean {
  if (overlapTolerance !== null) {
    const a = overlapA > overlapTolerance;
    const b = overlapB > overlapTolerance;
    if (!(overlapBoth ? a && b : a || b)) return false;
  }
  return centroidTolerance === null || distance <= centroidTolerance;
}

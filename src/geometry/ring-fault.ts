/** What keeps the vertices of a ring from being one. */

/** Names of reasons for which features are dropped: see core/drops.ts. */
export type RingFault = 'unclosed ring' | 'too few points';

/**
 * Looks at the vertices start ≤ v < end of interleaved x, y: the last must repeat the first, and there
 * must be four. Two that differ could not be closed to a ring either.
 */
export function ringFault(xy: Float64Array, start: number, end: number): RingFault | null {
  const a = 2 * start;
  const b = 2 * (end - 1);
  const isClosed = xy[a] === xy[b] && xy[a + 1] === xy[b + 1];
  if (end - start < (isClosed ? 4 : 3)) return 'too few points';
  return isClosed ? null : 'unclosed ring';
}

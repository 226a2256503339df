/**
 * What can be wrong with a polygonal geometry. All of it but the orientation makes it invalid by
 * the rules of OGC 06-103r4, as JTS and GEOS `isValid` read them; repeated vertices are no fault.
 *
 * The check goes in three steps, and a step is only taken when those before it found nothing, as
 * its questions would have no answer. Of what a step looks for, at least one kind is named.
 *
 * 1. Of each ring by itself:
 *    - `non-finite coordinate`: NaN or infinite.
 *    - `unclosed`: the last vertex is not the first.
 *    - `too few points`: fewer than four vertices, the closing one and no repeated ones counted.
 *    - `zero area`: all vertices lie on one line.
 *    - `spike`: an edge runs back on the one before it.
 * 2. Where edges meet:
 *    - `self-crossing`: a ring crosses, touches or follows itself.
 *    - `duplicate ring`: two rings have the same edges, in whatever direction and from wherever.
 *    - `crossing rings`: two rings of one polygon cross or share a part of an edge.
 *    - `overlapping polygons`: so do rings of two polygons.
 *    - `disconnected interior`: rings of one polygon touch so that they part its interior.
 * 3. What is in what:
 *    - `hole outside its shell`.
 *    - `nested holes`: a hole in another one of the same polygon.
 *    - `nested shells`: a polygon in the interior of another one.
 *    - `wrong orientation`: a shell runs clockwise, or a hole counter-clockwise. Only a remark.
 */
export const INVALID_KINDS = [
  'self-crossing',
  'spike',
  'unclosed',
  'too few points',
  'duplicate ring',
  'hole outside its shell',
  'nested shells',
  'zero area',
  'wrong orientation',
  'nested holes',
  'crossing rings',
  'overlapping polygons',
  'disconnected interior',
  'non-finite coordinate',
] as const;

export type InvalidKind = (typeof INVALID_KINDS)[number];

/** The bit of a kind in what `ValidityCheck.of` returns. */
export function bitOf(kind: InvalidKind): number {
  return 1 << INVALID_KINDS.indexOf(kind);
}

/** The bits of all kinds that make a geometry invalid. */
export const INVALID = (1 << INVALID_KINDS.length) - 1 - bitOf('wrong orientation');

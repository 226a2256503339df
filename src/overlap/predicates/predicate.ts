/** Predicates of OGC 06-103r4 between two areas, in this order: `within` is a that lies in b. */
export const PREDICATES = [
  'intersects',
  'within',
  'contains',
  'covers',
  'overlaps',
  'crosses',
  'touches',
] as const;

export type Predicate = (typeof PREDICATES)[number];

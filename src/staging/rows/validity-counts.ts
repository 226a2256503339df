/** What is counted of the validity of features, as data. */

import { DropCounter, type DropJson } from '../../core/drops.ts';
import type { InvalidKind } from '../../geometry/validity/kinds.ts';

/** What features are counted under besides the kinds of their faults. */
export type ValidityCount =
  | 'invalid'
  | 'repaired'
  | 'simplified less'
  | 'invalid after reprojection';

/** Of features that were checked: those of an input, a slice or a run. */
export interface ValidityCounts {
  /**
   * What is wrong with features as they were read, by kind: one may have several. A wrong orientation
   * makes none invalid.
   */
  kinds: DropJson;
  /**
   * How many are `invalid` as they were read; `repaired`; kept more vertices than the tolerance asks
   * for, so as to stay valid: `simplified less`; and were valid until their vertices were in another
   * CRS: `invalid after reprojection`.
   */
  features: DropJson;
}

/** Readers drop what is no ring, so these kinds are told by the reasons. */
export const KINDS_OF_DROPS: readonly [reason: string, kind: InvalidKind][] = [
  ['unclosed ring', 'unclosed'],
  ['too few points', 'too few points'],
];

/** Sums up counts; not there if some features were not checked, or none were. */
export function sumOfValidity(
  all: readonly (ValidityCounts | undefined)[],
): ValidityCounts | undefined {
  if (all.length === 0) return undefined;
  const kinds = new DropCounter<string>();
  const features = new DropCounter<string>();
  for (const counts of all) {
    if (counts === undefined) return undefined;
    kinds.merge(counts.kinds);
    features.merge(counts.features);
  }
  return { kinds: kinds.toJSON(), features: features.toJSON() };
}

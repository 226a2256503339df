/** Which footprints are better, by keep rules. */

import type { Value } from '../../../core/columns.ts';
import { compareTexts } from '../../../core/compare-texts.ts';
import type { KeepRule } from '../../configuration/deduplication.ts';
import { unusable } from './read-footprint.ts';

export interface RankedFootprint {
  path: string;
  /** The least name of the inputs that have it. */
  input: string;
  /** By rule. */
  values: readonly Value[];
}

/**
 * Indices from the most preferred to the least: rules in order, of which null loses; then the name of
 * the input.
 * @throws TilewrightError footprint-unusable for values that can't be compared
 */
export function rankFootprints(
  footprints: readonly RankedFootprint[],
  rules: readonly KeepRule[],
): number[] {
  for (const [k, { column }] of rules.entries()) {
    const known = footprints.filter(({ values }) => !isNone(values[k]!));
    const other = known.find(({ values }) => isText(values[k]!) !== isText(known[0]!.values[k]!));
    if (other === undefined) continue;
    const { path, values } = known[0]!;
    throw unusable(
      other.path,
      `has ${other.values[k]} for ${column}, where ${path} has ${values[k]}: text and numbers can't be ` +
        'compared',
    );
  }
  return footprints
    .map((_, index) => index)
    .sort((i, j) => {
      const a = footprints[i]!;
      const b = footprints[j]!;
      for (const [k, { keep }] of rules.entries()) {
        const order = compareValues(a.values[k]!, b.values[k]!, keep);
        if (order !== 0) return order;
      }
      return a.input < b.input ? -1 : 1;
    });
}

function isNone(value: Value): boolean {
  return value === null || Number.isNaN(value);
}

function isText(value: Value): boolean {
  return typeof value === 'string';
}

function compareValues(a: Value, b: Value, keep: KeepRule['keep']): number {
  if (isNone(a) || isNone(b)) return Number(isNone(a)) - Number(isNone(b));
  if (a === b) return 0;
  const isLess = typeof a === 'string' ? compareTexts(a, String(b)) < 0 : a! < b!;
  return isLess === (keep === 'smaller') ? -1 : 1;
}

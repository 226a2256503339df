/** Which of two features is preferred: by keep rules, then by the names of inputs, then by position. */

import type { Value } from '../../core/columns.ts';
import { compareTexts } from '../../core/compare-texts.ts';
import type { KeepRule } from '../configuration/deduplication.ts';
import type { RowFacts } from './tile-rows.ts';

/**
 * Whether `a` is preferred to `b`. A null loses; what is no number among numbers is none. Inputs are in
 * the order of their names, so this is an order over all features, whichever tile they meet in.
 */
export function isPreferred(a: RowFacts, b: RowFacts, rules: readonly KeepRule[]): boolean {
  for (const [i, { keep }] of rules.entries()) {
    const order = compare(comparable(a.values[i]!), comparable(b.values[i]!));
    if (order.known !== 0) return order.known > 0;
    if (order.larger !== 0) return order.larger > 0 === (keep === 'larger');
  }
  return a.input !== b.input ? a.input < b.input : a.position < b.position;
}

function comparable(value: Value): Value {
  return typeof value === 'number' && Number.isNaN(value) ? null : value;
}

/** `known`: which of the two is no null; `larger`: which is larger. */
function compare(a: Value, b: Value): { known: number; larger: number } {
  if (a === null || b === null) {
    return { known: Number(a !== null) - Number(b !== null), larger: 0 };
  }
  const [x, y] = [ordered(a), ordered(b)];
  // Numbers come before texts; one type holds all, so they are mixed only in damaged tiles.
  if (typeof x === 'string' || typeof y === 'string') {
    return { known: 0, larger: compareTexts(String(x), String(y)) };
  }
  return { known: 0, larger: x < y ? -1 : x > y ? 1 : 0 };
}

function ordered(value: Exclude<Value, null>): string | number | bigint {
  return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value;
}

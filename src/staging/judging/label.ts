/** The label of a row: whether it is a duplicate, the last of its values. */

import { EncodedRow, type EncodedValues, NOTHING } from '../../formats/encoded-row.ts';

/** The serial types of the integers 0 and 1. */
export const NOT_DUPLICATED = valuesOf(8);
export const DUPLICATED = valuesOf(9);
export const NO_LABEL = NOTHING;

function valuesOf(...types: number[]): EncodedValues {
  return {
    types: Uint8Array.from(types),
    typesLength: types.length,
    body: new Uint8Array(0),
    bodyLength: 0,
  };
}

/** A row without its label, the last of its values, which has no bytes but its type. */
export class Unlabelled {
  readonly #row = new EncodedRow();

  of(row: EncodedRow): EncodedRow {
    const without = Object.assign(this.#row, row);
    without.typesEnd--;
    return without;
  }
}

/** What the polygons of a cell have in the column that colours them. */

import { type Column, isNumeric } from '../../core/columns.ts';
import { printable } from '../../core/printable.ts';
import type { TileFile } from './tile-file.ts';

/** Texts of a cell that are told apart; those that come later are "others". */
export const MAX_LABELS = 1000;

export interface CellValues {
  /** As shared/cell-format.ts has them. */
  values: Float64Array;
  labels: string[] | null;
}

/**
 * @param by - a column; where the tile has none of this name, nothing has a value
 * @param keys - lists of rows, one after the other
 * @returns null if it was cancelled
 */
export function readCellValues(
  file: TileFile,
  by: string,
  keys: readonly ArrayLike<number>[],
  isCancelled: () => boolean,
): CellValues | null {
  const column = file.columns.find(({ name }) => name === by);
  const values = new Float64Array(keys.reduce((sum, { length }) => sum + length, 0));
  if (column === undefined) return { values: values.fill(Number.NaN), labels: null };
  const read = file.values(by);
  const numbers = new Map<string, number>();
  const isNumber = isNumeric(column.type);
  let at = 0;
  for (const list of keys) {
    for (let k = 0; k < list.length; k++) {
      if (at % 1024 === 0 && isCancelled()) return null;
      const value = read(list[k]!);
      if (isNumber) values[at] = typeof value === 'number' ? value : Number.NaN;
      else values[at] = value === null ? Number.NaN : numberOf(labelOf(value, column), numbers);
      at++;
    }
  }
  return { values, labels: isNumber ? null : [...numbers.keys()] };
}

function numberOf(label: string, numbers: Map<string, number>): number {
  const known = numbers.get(label);
  if (known !== undefined) return known;
  if (numbers.size === MAX_LABELS) return -1;
  numbers.set(label, numbers.size);
  return numbers.size - 1;
}

function labelOf(value: string | number, { type }: Column): string {
  if (type !== 'boolean') return printable(String(value));
  return value === 0 ? 'no' : value === 1 ? 'yes' : String(value);
}

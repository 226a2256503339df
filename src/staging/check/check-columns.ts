/** The columns of inputs together: what a tile that all of them share would have. */

import type { ColumnType } from '../../core/columns.ts';
import { columnKey, type StagedColumn, uniteColumns } from '../rows/schema-union.ts';
import type { CheckedColumn } from './check-result.ts';

/** @param schemas - by the inputs' names, in their order, with the types that values need */
export function checkColumns(
  schemas: ReadonlyMap<string, readonly StagedColumn[]>,
): CheckedColumn[] {
  const needs = new Map<string, Map<ColumnType, CheckedColumn['needs'][number]>>();
  for (const [example, columns] of schemas) {
    for (const { name, type } of columns) {
      const key = columnKey(name);
      const types = needs.get(key) ?? new Map();
      needs.set(key, types);
      const known = types.get(type);
      if (known === undefined) types.set(type, { type, inputs: 1, example });
      else known.inputs++;
    }
  }
  return uniteColumns([...schemas.values()]).map(({ name, type }) => {
    const own = [...needs.get(columnKey(name))!.values()].sort((a, b) => b.inputs - a.inputs);
    return { name, type, needs: own, clashes: own.some((need) => need.type !== type) };
  });
}

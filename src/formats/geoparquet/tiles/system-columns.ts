/** Columns of a file: the attributes, the geometry as WKB, and its box in a struct. */

import type { Column } from '../../../core/columns.ts';
import { type Leaf, PHYSICAL } from '../../parquet/write/layout.ts';
import { attributeLeaf } from './attribute-values.ts';

/** Fields of a box, in their order. */
export const BOX_SIDES = ['xmin', 'ymin', 'xmax', 'ymax'] as const;

/** Names of the geometry and of its box, which no attribute has, in upper or lower case. */
export function systemColumns(columns: readonly Column[]): { geometry: string; box: string } {
  const taken = new Set(columns.map((column) => column.name.toLowerCase()));
  const free = (base: string): string => {
    let name = base;
    for (let n = 1; taken.has(name); n++) name = `${base}_${n}`;
    return name;
  };
  return { geometry: free('geometry'), box: free('bbox') };
}

export function leavesOf(columns: readonly Column[]): Leaf[] {
  const { geometry, box } = systemColumns(columns);
  return [
    ...columns.map(attributeLeaf),
    { path: [geometry], type: PHYSICAL.BYTE_ARRAY, optional: false },
    ...BOX_SIDES.map((side) => ({ path: [box, side], type: PHYSICAL.FLOAT, optional: false })),
  ];
}

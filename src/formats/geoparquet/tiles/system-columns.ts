/** Columns that staging adds to the attributes. */

import type { Column } from '../../../core/columns.ts';

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

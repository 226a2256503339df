/** Columns that a selection names, and whether any input has them. */

import type { Column } from '../../core/columns.ts';
import { TilewrightError } from '../../core/errors.ts';
import { columnAdvice, findColumn } from '../../formats/selection/column-names.ts';
import type { Selection } from '../../formats/selection/selection.ts';
import type { Plan } from './plan.ts';

/** The names that none of the planned inputs has. */
export function unknownColumns(selection: Selection | null, { planned }: Plan): string[] {
  const names = [...(selection?.columns ?? []), ...(selection?.dropColumns ?? [])];
  return names.filter((name) => planned.every(({ layer }) => findColumn(layer.columns, name) < 0));
}

/**
 * Inputs that are staged already were looked at when they were staged, by the same selection.
 * @throws TilewrightError config-invalid for a name that no input has
 */
export function requireKnownColumns(selection: Selection | null, plan: Plan): void {
  if (plan.planned.length === 0 || plan.unchanged.length > 0) return;
  const [name] = unknownColumns(selection, plan);
  if (name === undefined) return;
  const all = new Map<string, Column>();
  for (const { layer } of plan.planned)
    for (const column of layer.columns) all.set(column.name, column);
  const key = selection?.columns?.includes(name) === true ? 'columns' : 'dropColumns';
  throw new TilewrightError(
    'config-invalid',
    `${key} has ${name}, and no input has a column of this name.${columnAdvice([...all.values()], name)}`,
  );
}

/** A condition for the rows of one layer. */

import { TilewrightError } from '../../core/errors.ts';
import { type BoundLayer, bindCondition } from './bind.ts';
import type { Condition } from './condition.ts';
import { columnsOf, compileCondition } from './evaluate.ts';
import { parseWhere } from './parse.ts';
import type { Where } from './read-selection.ts';

/**
 * @param where - in SQL's notation: see parse.ts
 * @param input - the name of the layer's input, for errors
 * @throws TilewrightError config-invalid for what is no condition, input-selection for one that asks for
 *   columns that the layer doesn't have or compares what can't be compared
 */
export function whereOf(where: string, layer: BoundLayer, input: string): Where {
  const syntax = parseWhere(where);
  let condition: Condition;
  try {
    condition = bindCondition(syntax, layer);
  } catch (cause) {
    const message = `${input} can't be selected from by where: ${(cause as Error).message}`;
    throw new TilewrightError('input-selection', message, { input, cause });
  }
  const columns = columnsOf(condition);
  return { condition, columns, isTrue: compileCondition(condition, columns) };
}

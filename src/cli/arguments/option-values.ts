/** From the texts of a command's options to values that their schema has checked. */

import type { z } from 'zod';
import { checkedOptions } from '../../core/checked-options.ts';
import { toTilewrightError } from '../../core/errors.ts';
import { COMMANDS, type CommandName } from './commands.ts';
import { usage } from './suggestions.ts';

/**
 * Values of the options that are given and set a key of a schema; each alone is what it has to be.
 * @throws TilewrightError `usage`
 */
export function givenValues(
  command: CommandName,
  given: ReadonlyMap<string, string[]>,
  { options } = COMMANDS[command],
): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const { name, key, field, read, expects, multiple } of options) {
    const texts = given.get(name);
    if (texts === undefined || key === undefined || field === undefined) continue;
    const plain = multiple ? texts : (texts[0] ?? true);
    const value = read === undefined ? plain : read(...texts);
    if (!field.safeParse(value).success) {
      const wanted = expects ?? String(field.meta()?.['expects']).replace(/ or null$/, '');
      throw usage(`--${name} must be ${wanted}, not "${texts.join(' ')}".`, command);
    }
    values[key] = value;
  }
  return values;
}

/**
 * The values with their defaults, where they go together.
 * @throws TilewrightError `usage`
 */
export function completed<S extends z.ZodObject>(
  schema: S,
  command: CommandName,
  values: Record<string, unknown>,
): z.output<S> {
  try {
    return checkedOptions(schema, values);
  } catch (error) {
    throw usage(`${toTilewrightError(error).message}.`, command);
  }
}

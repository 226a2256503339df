/** The error for a database file that SQLite could not have written. */

import { TilewrightError } from '../../core/errors.ts';

export function corrupt(path: string, what: string): TilewrightError {
  return new TilewrightError(
    'input-corrupt',
    `${path} is damaged: ${what}. SQLite's .recover command may save what is left`,
    { input: path },
  );
}

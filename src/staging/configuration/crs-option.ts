/** A CRS that an option names. */

import { TilewrightError, toTilewrightError } from '../../core/errors.ts';
import { parseCrs } from '../../crs/parse.ts';
import { type Crs, resolveCrs } from '../../crs/resolve.ts';

/**
 * @param option - what it is called in the error
 * @throws TilewrightError `config-invalid`
 */
export function crsOption(text: string, option: string): Crs {
  try {
    return resolveCrs(parseCrs(text));
  } catch (error) {
    const { message } = toTilewrightError(error);
    throw new TilewrightError('config-invalid', `${option}: ${message}`, { cause: error });
  }
}

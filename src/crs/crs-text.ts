/** A CRS as a text that means it when it is read again. */

import { parseCrs } from './parse.ts';
import { type Crs, resolveCrs } from './resolve.ts';
import { sameCrs } from './transform.ts';

/** Its code, or else its definition; null where neither gives the same CRS again. */
export function crsText(crs: Crs): string | null {
  return [crs.id, crs.wkt].find((text) => text !== null && isTextOf(text, crs)) ?? null;
}

function isTextOf(text: string, crs: Crs): boolean {
  try {
    return sameCrs(resolveCrs(parseCrs(text)), crs);
  } catch {
    // A code of its own that nobody else knows, for example.
    return false;
  }
}

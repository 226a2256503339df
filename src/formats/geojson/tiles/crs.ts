/** The CRS that tiles of GeoJSON may have. */

import { type Crs, resolveCrs } from '../../../crs/resolve.ts';
import { sameDefinition } from '../../../crs/same.ts';
import { DEFAULT_CRS } from '../crs.ts';

/** Why tiles can't be GeoJSON in a CRS, in a sentence; null if they can. */
export function refusal(crs: Crs): string | null {
  if (sameDefinition(crs.definition, resolveCrs(DEFAULT_CRS).definition)) return null;
  return (
    `GeoJSON is in longitude and latitude of WGS 84 (RFC 7946, section 4), and the TileMatrixSet in ${crs.name}. ` +
    'Say a TileMatrixSet that is, e.g. WorldCRS84Quad, or another format'
  );
}

/** The `crs` member of GeoJSON 2008, which RFC 7946 has no more, but which files in other CRSs have. */

import { parseCrs } from '../../crs/parse.ts';
import type { CrsReference } from '../../crs/reference.ts';

/** Longitude and latitude of WGS 84: what GeoJSON is in unless it says something else (RFC 7946, section 4). */
export const DEFAULT_CRS: CrsReference = { authority: 'OGC', code: 'CRS84' };

/**
 * @param value - of the member. Null says that the CRS is not known; what is not understood becomes a definition
 *   that nobody can resolve, so that the error names it
 */
export function crsOf(value: unknown): CrsReference | null {
  if (value === null) return null;
  const { type, properties } = Object(value) as { type?: unknown; properties?: unknown };
  const { name, code, href } = Object(properties) as Record<string, unknown>;
  if (typeof type === 'string' && /^epsg$/i.test(type) && Number.isInteger(code)) {
    return { authority: 'EPSG', code: String(code) };
  }
  if (type !== 'name' || typeof name !== 'string') {
    return { definition: typeof href === 'string' ? href : JSON.stringify(value) };
  }
  try {
    return parseCrs(name);
  } catch {
    return { definition: name };
  }
}

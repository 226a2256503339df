/** EPSG codes, from the files of epsg-index: one JSON for each code. */

import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

export interface EpsgEntry {
  code: string;
  /** For example `CRS-PROJCRS`. */
  kind: string;
  name: string;
  /** WKT1. */
  wkt: string | null;
  proj4: string | null;
  /** Name of the unit of the axes. */
  unit: string | null;
}

/** The entry of a code, or null when there is none. The code may come from an untrusted file. */
export function lookupEpsg(code: string): EpsgEntry | null {
  if (!/^\d{1,8}$/.test(code)) return null;
  try {
    return require(`epsg-index/s/${Number(code)}.json`) as EpsgEntry;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND') return null;
    throw error;
  }
}

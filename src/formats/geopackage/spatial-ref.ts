/** How a CRS is written into a GeoPackage. */

import { type Crs, resolveCrs } from '../../crs/resolve.ts';
import type { SpatialRefSys } from './layer-frame.ts';

/** srs_id of CRSs that have no EPSG code; below it, EPSG's codes are the ids. */
const CUSTOM_SRS_ID = 100_000;

/** WGS 84 longitude and latitude is 4326 in a GeoPackage, whose axes are always easting first. */
export function srsIdOf(crs: Crs): number {
  if (crs.id === 'OGC:CRS84') return 4326;
  const match = /^EPSG:(\d{1,6})$/.exec(crs.id ?? '');
  return match === null ? CUSTOM_SRS_ID : Number(match[1]);
}

export function spatialRefSys(crs: Crs): SpatialRefSys {
  const id = srsIdOf(crs);
  if (id === 4326) return wgs84();
  const known = id < CUSTOM_SRS_ID;
  return {
    id,
    name: crs.name,
    organization: known ? 'EPSG' : 'NONE',
    organizationId: id,
    definition: crs.wkt,
  };
}

let known: SpatialRefSys | undefined;

export function wgs84(): SpatialRefSys {
  known ??= {
    id: 4326,
    name: 'WGS 84 geodetic',
    organization: 'EPSG',
    organizationId: 4326,
    definition: resolveCrs({ authority: 'EPSG', code: '4326' }).wkt,
  };
  return known;
}

/** Geographic CRSs about a pole that is elsewhere, as PROJ, GRIB and netCDF say it. */

import type { CrsDefinition, Parameters } from '../definition.ts';
import { foldName } from './names.ts';
import { excerpt, refusal } from './refusal.ts';

type Rotation = Required<
  Pick<Parameters, 'latitudeOfPoint1' | 'longitudeOfPoint1' | 'longitudeOfOrigin'>
>;

/**
 * PROJ's parameters: o_lat_p, o_lon_p, lon_0.
 * @param projection - of the coordinates about the pole; only geographic ones are known
 * @throws TilewrightError `crs-unknown` for other projections, and for a pole that is none
 */
export function rotatedPole(
  projection: string | undefined,
  rotation: Rotation,
): Pick<CrsDefinition, 'method' | 'parameters'> {
  if (!/^(?:longlat|lonlat|latlong|latlon)$/.test(projection ?? '')) {
    throw refusal(`+proj=ob_tran of +o_proj=${excerpt(projection ?? '')} is not supported`);
  }
  const values = Object.values(rotation);
  if (!values.every(Number.isFinite) || Math.abs(rotation.latitudeOfPoint1) > 90) {
    throw refusal(`A pole can't be at ${values.join(', ')} degrees`);
  }
  return { method: 'rotated-pole', parameters: rotation };
}

/**
 * What a method of WKT 2 makes of its parameters.
 * @param values - in degrees, by their folded names
 */
export function rotatedPoleOf(
  method: string,
  values: ReadonlyMap<string, number>,
): Pick<CrsDefinition, 'method' | 'parameters'> {
  const used = new Set<string>();
  const take = (name: string): number => {
    used.add(foldName(name));
    return values.get(foldName(name)) ?? 0;
  };
  const rotation = rotationOf(method, take);
  const unknown = [...values.keys()].find((name) => !used.has(name));
  if (rotation === null || unknown !== undefined) {
    throw refusal(`The rotation "${excerpt(method)}" ${unknown ?? ''} is not supported`);
  }
  return rotatedPole('longlat', rotation);
}

/** The south pole of GRIB is opposite to PROJ's pole; netCDF has the north pole's own meridian. */
function rotationOf(method: string, take: (name: string) => number): Rotation | null {
  switch (foldName(method)) {
    case 'polerotationgribconvention':
      return {
        latitudeOfPoint1: -take('Latitude of the southern pole (GRIB convention)'),
        longitudeOfPoint1: -take('Axis rotation (GRIB convention)'),
        longitudeOfOrigin: take('Longitude of the southern pole (GRIB convention)'),
      };
    case 'polerotationnetcdfcfconvention':
      return {
        latitudeOfPoint1: take('Grid north pole latitude (netCDF CF convention)'),
        longitudeOfPoint1: take('North pole grid longitude (netCDF CF convention)'),
        longitudeOfOrigin: 180 + take('Grid north pole longitude (netCDF CF convention)'),
      };
  }
  if (!/^PROJ ob_tran o_proj=(?:longlat|lonlat|latlong|latlon)$/.test(method)) return null;
  return {
    latitudeOfPoint1: take('o_lat_p'),
    longitudeOfPoint1: take('o_lon_p'),
    longitudeOfOrigin: take('lon_0'),
  };
}

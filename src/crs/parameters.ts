/** What a definition means, read through proj4: projection, ellipsoid and datum as plain numbers. */

import proj4 from 'proj4';
import { MAX_ECCENTRICITY_SQUARED } from './projections/series.ts';

/** How a datum relates to WGS 84, as far as it is known. */
export type DatumShift =
  /** The same for the purpose (no parameters, or all zero). */
  | 'wgs84'
  /** Coordinates are WGS 84's whatever the ellipsoid (+nadgrids=@null, as in EPSG:3857). */
  | 'null-grid'
  /** A geocentric transformation with 3 or 7 parameters. */
  | 'geocentric'
  /** Unknown: no shift is applied. */
  | 'unknown';

export interface Datum {
  shift: DatumShift;
  /** Position Vector parameters as in +towgs84: metres, arc-seconds, parts per million. */
  towgs84: number[];
  /** Semi-major axis in metres and eccentricity squared. */
  a: number;
  es: number;
  /** As WKT names it. */
  name: string | null;
  /** The grid that would transform the datum best, but is not at hand. */
  grid: string | null;
}

/** Angles are in degrees, lengths in metres. */
export interface ProjectionParameters {
  /** Methods with loops of their own, or `other`. */
  method: 'geographic' | 'polar-stereographic' | 'transverse-mercator' | 'mercator' | 'other';
  /** proj4's name of the projection. */
  name: string;
  /** Ellipsoid of the projection's formulas; web Mercator's is a sphere, unlike its datum's. */
  a: number;
  es: number;
  lat0: number;
  lon0: number;
  /** Null when the scale is given instead. */
  latTs: number | null;
  k0: number;
  x0: number;
  y0: number;
  /** Metres in the CRS's own unit of length. */
  toMeter: number;
  /** Degrees in the CRS's own unit of angle, if it is geographic. */
  toDegree: number;
  /** Degrees east of Greenwich. */
  primeMeridian: number;
  /** Directions of x and y: `enu`, `wsu` (westing, southing) or `swu`. */
  axis: 'enu' | 'wsu' | 'swu';
  /** What else tells two projections of the same name apart. */
  rest: string;
  datum: Datum;
}

/** The members of proj4's projection objects that are used; its own types leave them out. */
export interface Proj4Projection {
  names?: string[];
  a: number;
  rf?: number;
  es: number;
  sphere?: boolean;
  lat0?: number;
  lat1?: number;
  lat2?: number;
  lat_ts?: number;
  long0?: number;
  longc?: number;
  alpha?: number;
  rectified_grid_angle?: number;
  k0?: number;
  x0?: number;
  y0?: number;
  to_meter?: number;
  from_greenwich?: number;
  long_wrap?: number;
  over?: boolean;
  R_A?: boolean;
  approx?: boolean;
  axis: string;
  datumCode?: string;
  datumName?: string;
  datum_params?: (number | string)[] | null;
  datum: { datum_type: number; a: number; es: number };
}

const DEGREES = 180 / Math.PI;
/** proj4's numbers for kinds of datum. */
const THREE_PARAMETERS = 1;
const SEVEN_PARAMETERS = 2;
const WGS84 = 4;

/** proj4's projection of a definition; throws what proj4 throws. */
export function proj4Projection(definition: string): Proj4Projection {
  // proj4 would look up a bare word in its own registry.
  if (!/^\+|\[/.test(definition)) throw new Error('neither a PROJ string nor WKT');
  return new proj4.Proj(definition) as unknown as Proj4Projection;
}

/** What proj4 silently replaced by WGS 84 in a PROJ string, as a sentence; null if nothing. */
export function passedOver(projection: Proj4Projection, definition: string): string | null {
  if (!definition.startsWith('+')) return null;
  const ellipsoid = /\+ellps=(\S+)/.exec(definition)?.[1];
  const isWgs84 = projection.a === 6378137 && projection.rf === 298.257223563;
  const replaced = isWgs84 && projection.datumName === undefined && !/\+rf=/.test(definition);
  if (ellipsoid !== undefined && replaced && ellipsoid.toUpperCase() !== 'WGS84') {
    return `the ellipsoid ${ellipsoid} is unknown`;
  }
  const datum = /\+datum=(\S+)/.exec(definition)?.[1];
  if (datum !== undefined && datum !== 'none' && projection.datumName === undefined) {
    return `the datum ${datum} is unknown`;
  }
  return null;
}

/** proj4's 3 or 7 parameters from the datum of a geographic CRS to WGS 84, if it knows them. */
export function knownTowgs84(epsgCode: string): number[] | null {
  const projection = proj4Projection(`+proj=longlat +ellps=WGS84 +datum=EPSG_${epsgCode}`);
  const parameters = projection.datum_params?.map(Number) ?? [];
  const usable = parameters.length === 3 || parameters.length === 7;
  return usable && parameters.every(Number.isFinite) ? parameters : null;
}

/**
 * @param toDegree - degrees in the unit of a geographic CRS
 * @throws Error for numbers that make no projection
 */
export function readParameters(
  projection: Proj4Projection,
  definition: string,
  toDegree: number,
  datumName: string | null,
  grid: string | null,
): ProjectionParameters {
  const names = projection.names ?? [];
  const axis = projection.axis === 'wsu' || projection.axis === 'swu' ? projection.axis : 'enu';
  const parameters: ProjectionParameters = {
    method: 'other',
    name: names[0] ?? '',
    a: projection.a,
    es: projection.sphere ? 0 : projection.es,
    lat0: degrees(projection.lat0),
    lon0: degrees(projection.long0),
    latTs: projection.lat_ts === undefined ? null : degrees(projection.lat_ts),
    k0: projection.k0 ?? 1,
    x0: projection.x0 ?? 0,
    y0: projection.y0 ?? 0,
    toMeter: projection.to_meter ?? 1,
    toDegree,
    primeMeridian: degrees(projection.from_greenwich),
    axis,
    rest: [
      projection.lat1,
      projection.lat2,
      projection.longc,
      projection.alpha,
      projection.rectified_grid_angle,
      projection.long_wrap,
      projection.over,
      projection.R_A,
      projection.approx,
    ].join(),
    datum: readDatum(projection, definition, datumName, grid),
  };
  if (names.includes('longlat')) {
    // proj4 reads a WKT's unit as metres on the equator, which it then does not use.
    parameters.toMeter = 1;
    parameters.method = 'geographic';
  } else {
    parameters.method = ownMethod(projection, parameters, names);
  }
  const { a, es, lat0, lon0, k0, x0, y0, toMeter, primeMeridian } = parameters;
  const numbers = [a, es, lat0, lon0, k0, x0, y0, toMeter, toDegree, primeMeridian];
  if (!numbers.every(Number.isFinite) || a <= 0 || es < 0 || es >= 1 || toMeter <= 0) {
    throw new Error('its parameters are not finite numbers or not in their range');
  }
  return parameters;
}

/** The method with own loops that covers the projection, or `other`. */
function ownMethod(
  projection: Proj4Projection,
  parameters: ProjectionParameters,
  names: string[],
): ProjectionParameters['method'] {
  const { es, axis, primeMeridian, lat0, latTs, k0 } = parameters;
  // +approx asks for a shorter series; on the sphere there is none.
  const special = projection.over || projection.R_A || (projection.approx && es > 0);
  if (special || axis !== 'enu' || primeMeridian !== 0 || k0 <= 0) return 'other';
  if (!(es >= 0 && es <= MAX_ECCENTRICITY_SQUARED)) return 'other';
  if (names.includes('etmerc') || names.includes('utm')) return 'transverse-mercator';
  if (names.includes('merc') && Math.abs(latTs ?? 0) < 90) return 'mercator';
  const polar = names.includes('stere') && Math.abs(Math.abs(lat0) - 90) < 1e-8;
  if (polar && (latTs === null || latTs * lat0 > 0)) return 'polar-stereographic';
  return 'other';
}

function readDatum(
  projection: Proj4Projection,
  definition: string,
  name: string | null,
  grid: string | null,
): Datum {
  const { datum_type, a, es } = projection.datum;
  let shift: DatumShift = 'unknown';
  if (datum_type === WGS84) shift = 'wgs84';
  else if (datum_type === THREE_PARAMETERS || datum_type === SEVEN_PARAMETERS) shift = 'geocentric';
  else if (definition.includes('nadgrids=@null')) shift = 'null-grid';
  const towgs84 = shift === 'geocentric' ? (projection.datum_params ?? []).map(Number) : [];
  return { shift, towgs84, a, es, name, grid };
}

function degrees(radians: number | undefined): number {
  if (radians === undefined) return 0;
  // Back to the number that was written, e.g. -45 and not -45.00000000000001.
  return Number((radians * DEGREES).toPrecision(15));
}

/**
 * What a CRS is, as plain data: a datum, and for a projected CRS a method with its parameters.
 * Every notation is read into this, and every transformation is made of it.
 */

/** Methods with formulas in src/crs/projections; EPSG's names, or PROJ's where EPSG has none. */
export type MethodName =
  // conformal
  | 'transverse-mercator'
  | 'mercator-a'
  | 'mercator-b'
  | 'mercator-c'
  | 'pseudo-mercator'
  | 'polar-stereographic-a'
  | 'polar-stereographic-b'
  | 'polar-stereographic-c'
  | 'stereographic'
  | 'oblique-stereographic'
  | 'lambert-conformal-1sp'
  | 'lambert-conformal-1sp-b'
  | 'lambert-conformal-2sp'
  | 'lambert-conformal-2sp-belgium'
  | 'lambert-conformal-2sp-michigan'
  | 'lambert-near-conformal'
  | 'hotine-a'
  | 'hotine-b'
  | 'hotine-two-point'
  | 'laborde'
  | 'krovak'
  | 'krovak-modified'
  | 'new-zealand-map-grid'
  | 'gauss-schreiber'
  | 'colombia-urban'
  | 'swiss-oblique-mercator'
  // equidistant and others of surveys
  | 'cassini-soldner'
  | 'cassini-soldner-hyperbolic'
  | 'american-polyconic'
  | 'bonne'
  | 'equidistant-conic'
  | 'azimuthal-equidistant'
  | 'modified-azimuthal-equidistant'
  | 'guam'
  | 'tunisia-mining'
  | 'two-point-equidistant'
  | 'equidistant-cylindrical'
  | 'equidistant-cylindrical-spherical'
  // equal area
  | 'albers'
  | 'lambert-azimuthal-equal-area'
  | 'lambert-azimuthal-equal-area-spherical'
  | 'cylindrical-equal-area'
  | 'cylindrical-equal-area-spherical'
  | 'equal-earth'
  // perspective
  | 'orthographic'
  | 'orthographic-spherical'
  | 'gnomonic'
  | 'vertical-perspective'
  | 'geostationary-x'
  | 'geostationary-y'
  // the world
  | 'miller'
  | 'compact-miller'
  | 'gall'
  | 'patterson'
  | 'sinusoidal'
  | 'mollweide'
  | 'robinson'
  | 'natural-earth'
  | 'natural-earth-2'
  | 'eckert-1'
  | 'eckert-2'
  | 'eckert-3'
  | 'eckert-4'
  | 'eckert-5'
  | 'eckert-6'
  | 'winkel-1'
  | 'winkel-2'
  | 'winkel-tripel'
  | 'wagner-4'
  | 'wagner-5'
  | 'wagner-7'
  | 'van-der-grinten'
  | 'craster'
  | 'flat-polar-quartic'
  | 'quartic-authalic'
  | 'loximuthal'
  | 'times'
  | 'aitoff'
  | 'hammer'
  | 'goode-homolosine'
  | 'interrupted-goode-homolosine'
  | 'interrupted-goode-homolosine-ocean'
  | 'adams-square-2'
  | 'peirce-quincuncial'
  | 'polar-azimuthal-equidistant'
  // a pole that is elsewhere
  | 'rotated-pole';

/**
 * Parameters of a method. Angles are in degrees, longitudes from Greenwich, lengths in metres.
 * EPSG's names, without what tells "natural origin", "false origin" and "projection centre" apart.
 */
export type ParameterName =
  | 'latitudeOfOrigin'
  | 'longitudeOfOrigin'
  | 'standardParallel1'
  | 'standardParallel2'
  | 'scaleFactor'
  | 'falseEasting'
  | 'falseNorthing'
  /** Of the initial line, clockwise from north. */
  | 'azimuth'
  /** From rectified to skew grid. */
  | 'rectifiedGridAngle'
  /** Of Krovak. */
  | 'colatitudeOfConeAxis'
  /**
   * Two points that define a line, or the projection's poles of distance. Of a rotated pole the first
   * is the Earth's north pole in the turned coordinates, and longitudeOfOrigin the meridian that
   * becomes their first, before longitudeOfPoint1 is added (PROJ's o_lat_p, o_lon_p and lon_0).
   */
  | 'latitudeOfPoint1'
  | 'longitudeOfPoint1'
  | 'latitudeOfPoint2'
  | 'longitudeOfPoint2'
  /** Colombia Urban: of the plane; perspectives: of the eye, above the ellipsoid. */
  | 'height'
  /** LCC (2SP Michigan). */
  | 'ellipsoidScale'
  /** LCC (1SP variant B): of the natural origin, whose scale is given; latitudeOfOrigin is that of false origin. */
  | 'latitudeOfNaturalOrigin'
  /** +lon_wrap: the longitude in the middle of the range that a geographic CRS uses. */
  | 'middleLongitude';

export type Parameters = { [name in ParameterName]?: number };

/** Where the axes of coordinates point to, in the order in which files hold them. */
export type AxisDirection = 'east' | 'north' | 'west' | 'south';

export interface Ellipsoid {
  /** As it was named; may be empty. */
  name: string;
  /** Semi-major axis in metres. */
  a: number;
  /** Eccentricity squared; 0 on a sphere. */
  es: number;
  /** As it was written, for texts: 0 on a sphere. */
  inverseFlattening: number;
  /** For example `EPSG:7030`. */
  id?: string | null;
}

/** A way to WGS 84 that comes with a definition (+towgs84, +nadgrids, TOWGS84, BOUNDCRS). */
export type GivenShift =
  /**
   * Position Vector: translations in metres, rotations in arc-seconds, scale difference in parts
   * per million; 3 or 7 numbers.
   */
  | { kind: 'position-vector'; parameters: number[] }
  /** Names of grids, as written; `@null` says that coordinates are those of WGS 84 already. */
  | { kind: 'grids'; names: string[] };

export interface Datum {
  /** As it was named; null when it is not. */
  name: string | null;
  /** For example `EPSG:6326`. */
  id: string | null;
  ellipsoid: Ellipsoid;
  /** Degrees east of Greenwich. */
  primeMeridian: number;
  primeMeridianName: string;
  /** For example `EPSG:8901`. */
  primeMeridianId?: string | null;
  given: GivenShift | null;
}

/** One CRS of two horizontal axes. */
export interface CrsDefinition {
  name: string;
  /** Authority and code, as the definition says or as it was identified: `EPSG:3413`. */
  id: string | null;
  /** Name and id of the geographic CRS that a projected one is based on; of itself otherwise. */
  baseName: string;
  baseId: string | null;
  datum: Datum;
  /** Null for a geographic CRS. */
  method: MethodName | null;
  parameters: Parameters;
  /** Metres in a unit of the axes; degrees for a geographic CRS. */
  unit: number;
  unitName: string;
  /** For example `EPSG:9001`. */
  unitId?: string | null;
  /** Of the geographic CRS that a projected one is based on, in degrees; degrees where it is left out. */
  baseUnit?: { size: number; name: string; id: string | null };
  /** Of the coordinates as files hold them: easting or longitude first, if there is one. */
  axes: readonly [AxisDirection, AxisDirection];
  /** Whether the CRS itself has northing or latitude first, which files turn round. */
  northingFirst?: boolean;
}

/** Crs × Crs → a function over batches of vertices. */

import proj4 from 'proj4';
import { datumWarning, needsDatumShift, sameDatum } from './datum.ts';
import { type Proj4Projection, type ProjectionParameters, proj4Projection } from './parameters.ts';
import { forwardMercator, inverseMercator, mercator } from './projections/mercator.ts';
import {
  forwardPolarStereographic,
  inversePolarStereographic,
  polarStereographic,
} from './projections/polar-stereographic.ts';
import {
  forwardTransverseMercator,
  inverseTransverseMercator,
  transverseMercator,
} from './projections/transverse-mercator.ts';
import type { Crs } from './resolve.ts';

export interface Transform {
  /** `own`: loops over the arrays; `proj4`: point by point through that library. */
  readonly method: 'identity' | 'own' | 'proj4';
  /**
   * Transforms vertices start ≤ v < end of interleaved x, y in place. Easting or longitude comes
   * first, in degrees or in the CRS's own unit; a point that can't be projected becomes NaN, NaN.
   */
  apply(xy: Float64Array, start: number, end: number): void;
  /** What the user should know about the accuracy, or null. */
  readonly warning: string | null;
}

type Loop = (xy: Float64Array, start: number, end: number) => void;

/** Whether coordinates in `a` are coordinates in `b` as they are. */
export function sameCrs(a: Crs, b: Crs): boolean {
  if (a.id !== null && a.id === b.id) return true;
  const p = a.projection;
  const q = b.projection;
  if (!sameDatum(p.datum, q.datum) || p.method !== q.method) return false;
  if (p.axis !== q.axis || p.toDegree !== q.toDegree || p.primeMeridian !== q.primeMeridian) {
    return false;
  }
  if (p.method === 'geographic') return p.rest === q.rest;
  return (
    // Own methods have one formula, whether it is called utm or tmerc.
    (p.method !== 'other' || (p.name === q.name && p.rest === q.rest)) &&
    close(p.a, q.a) &&
    Math.abs(p.es - q.es) < 5e-11 &&
    close(p.lat0, q.lat0) &&
    close(p.lon0, q.lon0) &&
    sameScale(p, q) &&
    close(p.x0, q.x0) &&
    close(p.y0, q.y0) &&
    close(p.toMeter, q.toMeter)
  );
}

/** @returns a transform whose `apply` allocates nothing per vertex when its method is `own` */
export function createTransform(from: Crs, to: Crs): Transform {
  const nothing: Loop = () => undefined;
  if (sameCrs(from, to)) return { method: 'identity', apply: nothing, warning: null };
  const warning = datumWarning(from, to) ?? sphericalWarning(from) ?? sphericalWarning(to);
  if (!needsDatumShift(from.projection.datum, to.projection.datum)) {
    const inverse = inverseLoop(from.projection);
    const forward = forwardLoop(to.projection);
    if (inverse !== null && forward !== null) {
      if (inverse === IDENTITY && forward === IDENTITY) {
        return { method: 'identity', apply: nothing, warning };
      }
      const apply: Loop = (xy, start, end) => {
        inverse(xy, start, end);
        forward(xy, start, end);
      };
      return { method: 'own', apply, warning };
    }
  }
  return { method: 'proj4', apply: proj4Loop(from, to), warning };
}

/** proj4 computes eqc on a sphere of radius a; EPSG method 1028 wants the ellipsoid. */
function sphericalWarning(crs: Crs): string | null {
  const { name, es } = crs.projection;
  if (!EQUIDISTANT_CYLINDRICAL.test(name) || es === 0) return null;
  return (
    `${crs.id ?? crs.name} is computed with the spherical Equidistant Cylindrical formulas, as ` +
    'older versions of PROJ do: northings may differ from the ellipsoidal ones by up to 25 km.'
  );
}

/**
 * The x axis of a CRS that goes round the Earth: coordinates x and x + period are the same
 * meridian, and x runs from minX to minX + period. Null for every other CRS.
 */
export function cyclicX(crs: Crs): { period: number; minX: number } | null {
  const p = crs.projection;
  if (p.lon0 !== 0 || p.primeMeridian !== 0 || p.axis !== 'enu') return null;
  if (p.method === 'geographic') return { period: 360 / p.toDegree, minX: -180 / p.toDegree };
  if (p.method !== 'mercator') return null;
  const half = Math.PI * mercatorOf(p).radius;
  return { period: 2 * half, minX: p.x0 / p.toMeter - half };
}

/** proj4's name of eqc. */
const EQUIDISTANT_CYLINDRICAL = /^(?:equirectangular|equidistant_cylindrical)$/i;

const IDENTITY: Loop = () => undefined;

function inverseLoop(p: ProjectionParameters): Loop | null {
  switch (p.method) {
    case 'geographic':
      return plainDegrees(p) ? IDENTITY : null;
    case 'polar-stereographic':
      return inversePolarStereographic.bind(null, polarStereographicOf(p));
    case 'transverse-mercator':
      return inverseTransverseMercator.bind(null, transverseMercatorOf(p));
    case 'mercator':
      return inverseMercator.bind(null, mercatorOf(p));
    default:
      return null;
  }
}

function forwardLoop(p: ProjectionParameters): Loop | null {
  switch (p.method) {
    case 'geographic':
      return plainDegrees(p) ? IDENTITY : null;
    case 'polar-stereographic':
      return forwardPolarStereographic.bind(null, polarStereographicOf(p));
    case 'transverse-mercator':
      return forwardTransverseMercator.bind(null, transverseMercatorOf(p));
    case 'mercator':
      return forwardMercator.bind(null, mercatorOf(p));
    default:
      return null;
  }
}

/** Longitude and latitude in degrees from Greenwich, without further wishes. */
function plainDegrees(p: ProjectionParameters): boolean {
  return p.toDegree === 1 && p.primeMeridian === 0 && p.axis === 'enu' && !/[^,]/.test(p.rest);
}

function polarStereographicOf(p: ProjectionParameters) {
  const u = p.toMeter;
  const pole = Math.sign(p.lat0);
  const latTs = p.latTs === null ? null : radians(p.latTs);
  return polarStereographic(p.a / u, p.es, pole, p.lon0, latTs, p.k0, p.x0 / u, p.y0 / u);
}

function transverseMercatorOf(p: ProjectionParameters) {
  const u = p.toMeter;
  return transverseMercator(p.a / u, p.es, p.lat0, p.lon0, p.k0, p.x0 / u, p.y0 / u);
}

function mercatorOf(p: ProjectionParameters) {
  const u = p.toMeter;
  const latTs = p.latTs === null ? null : radians(p.latTs);
  return mercator(p.a / u, p.es, p.lon0, latTs, p.k0, p.x0 / u, p.y0 / u);
}

function proj4Loop(from: Crs, to: Crs): Loop {
  const source = preparedProjection(from);
  const target = preparedProjection(to);
  const toDegree = from.geographic ? from.projection.toDegree : 1;
  const fromDegree = to.geographic ? 1 / to.projection.toDegree : 1;
  const maxY = from.geographic ? 90 + 1e-9 : Number.POSITIVE_INFINITY;
  const transform = proj4.transform as unknown as (
    source: Proj4Projection,
    target: Proj4Projection,
    point: { x: number; y: number },
    enforceAxis: boolean,
  ) => { x: number; y: number } | undefined;
  const point = { x: 0, y: 0 };
  return (xy, start, end) => {
    for (let i = start * 2; i < end * 2; i += 2) {
      point.x = xy[i]! * toDegree;
      point.y = xy[i + 1]! * toDegree;
      let x = Number.NaN;
      let y = Number.NaN;
      if (Number.isFinite(point.x) && Math.abs(point.y) <= maxY) {
        try {
          // A copy is made by proj4, so one point serves all.
          const result = transform(source, target, point, true);
          x = (result?.x ?? Number.NaN) * fromDegree;
          y = (result?.y ?? Number.NaN) * fromDegree;
        } catch {
          // proj4 throws for some points outside a projection's domain
          x = Number.NaN;
        }
      }
      const valid = Number.isFinite(x) && Number.isFinite(y);
      xy[i] = valid ? x : Number.NaN;
      xy[i + 1] = valid ? y : Number.NaN;
    }
  };
}

function preparedProjection(crs: Crs): Proj4Projection {
  const projection = proj4Projection(crs.definition);
  // Only westing and southing are kept: easting comes first whatever the CRS says of the order.
  projection.axis = crs.projection.axis;
  return projection;
}

/** The scale that results, however it was given. */
function sameScale(p: ProjectionParameters, q: ProjectionParameters): boolean {
  if (p.method === 'polar-stereographic') {
    return close(polarStereographicOf(p).radius, polarStereographicOf(q).radius);
  }
  if (p.method === 'mercator') return close(mercatorOf(p).radius, mercatorOf(q).radius);
  return close(p.k0, q.k0) && close(p.latTs ?? 0, q.latTs ?? 0);
}

/** Equal but for rounding in the text: 1e-12 of the value. */
function close(a: number, b: number): boolean {
  return a === b || Math.abs(a - b) <= 1e-12 * Math.max(Math.abs(a), Math.abs(b));
}

function radians(degrees: number): number {
  return (degrees * Math.PI) / 180;
}

/** Lengths on the ground, and round numbers for scales. */

import { type Crs, resolveCrs } from '../crs/resolve.ts';
import { createTransform } from '../crs/transform.ts';

const RADIANS = Math.PI / 180;
/** WGS 84 (NIMA TR8350.2): semi-major axis in metres, first eccentricity squared. */
const WGS84_A = 6_378_137;
const WGS84_E2 = 0.00669437999014;
/** Half the length over which a scale is measured, in metres of the CRS. */
const STEP = 50;

export interface GroundScale {
  /** Metres on the ellipsoid in one unit of the CRS, along its x axis and its y axis. */
  metersX: number;
  metersY: number;
  /** Degrees, of the place where this holds; null where the CRS says no latitude. */
  latitude: number | null;
}

/**
 * How long a unit of the CRS is on the ground at a place: distances between points on the WGS 84
 * ellipsoid a few metres around it. That is true for degrees, for Web Mercator far from the equator
 * and for polar projections alike. Where the place can't be projected: the nominal unit.
 */
export function groundScale(crs: Crs, x: number, y: number): GroundScale {
  return groundScales(crs)(x, y);
}

/** The same for many places. */
export function groundScales(crs: Crs): (x: number, y: number) => GroundScale {
  const step = STEP / crs.metersPerUnit;
  const transform = createTransform(crs, resolveCrs({ authority: 'EPSG', code: '4326' }));
  const nominal = { metersX: crs.metersPerUnit, metersY: crs.metersPerUnit, latitude: null };
  return (x, y) => {
    const xy = Float64Array.of(x - step, y, x + step, y, x, y - step, x, y + step, x, y);
    transform.apply(xy, 0, 5);
    const metersX = distance(xy, 0, 1) / (2 * step);
    const metersY = distance(xy, 2, 3) / (2 * step);
    const usable = metersX > 0 && metersY > 0 && Number.isFinite(metersX + metersY);
    return usable ? { metersX, metersY, latitude: xy[9]! } : nominal;
  };
}

/** Length in metres of the straight line between points p and q of longitudes and latitudes. */
function distance(degrees: Float64Array, p: number, q: number): number {
  const [a, b] = [p, q].map((i) => geocentric(degrees[2 * i]!, degrees[2 * i + 1]!));
  return Math.hypot(...a!.map((value, k) => value - b![k]!));
}

/** Geocentric X, Y, Z in metres of a point on the ellipsoid (EPSG method 9602). */
function geocentric(longitude: number, latitude: number): number[] {
  const sine = Math.sin(latitude * RADIANS);
  const cosine = Math.cos(latitude * RADIANS);
  const normal = WGS84_A / Math.sqrt(1 - WGS84_E2 * sine * sine);
  return [
    normal * cosine * Math.cos(longitude * RADIANS),
    normal * cosine * Math.sin(longitude * RADIANS),
    normal * (1 - WGS84_E2) * sine,
  ];
}

export interface ScaleBar {
  meters: number;
  /** In pixels. */
  length: number;
  label: string;
}

/**
 * The longest bar of 1, 2 or 5 times a power of ten metres that is not longer than `most` pixels.
 * @param metersPerPixel - on the ground
 */
export function scaleBar(metersPerPixel: number, most: number): ScaleBar {
  const meters = roundDown(metersPerPixel * most);
  return { meters, length: meters / metersPerPixel, label: lengthLabel(meters) };
}

function lengthLabel(meters: number): string {
  if (meters >= 1000) return `${formatNumber(meters / 1000)} km`;
  if (meters >= 1) return `${formatNumber(meters)} m`;
  if (meters >= 0.01) return `${formatNumber(meters * 100)} cm`;
  return `${formatNumber(meters * 1000)} mm`;
}

/** The unit in which areas up to `most` square metres are easy to read. */
export function areaUnit(most: number): { name: string; squareMeters: number } {
  if (most >= 1e5) return { name: 'km²', squareMeters: 1e6 };
  return { name: 'm²', squareMeters: 1 };
}

/** The largest number of 1, 2, 5 × 10^n that is not above a number > 0. */
export function roundDown(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value * (1 + 1e-9)));
  const lead = (value / power) * (1 + 1e-9);
  return (lead >= 5 ? 5 : lead >= 2 ? 2 : 1) * power;
}

/** Round numbers in [low, high], at most about `count`, and the step between them. */
export function ticks(
  low: number,
  high: number,
  count: number,
): { step: number; values: number[] } {
  const span = high - low;
  let step = roundDown(span / count);
  for (const factor of [1, 2, 2.5, 5, 10]) {
    if (span / (step * factor) > count + 0.8) continue;
    step *= factor;
    break;
  }
  const values: number[] = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + step * 1e-9; k++) {
    values.push(Number((k * step).toPrecision(12)));
  }
  return { step, values };
}

/** With thousands separated, and only the decimals that are there. */
export function formatNumber(value: number): string {
  return value.toLocaleString('en', { maximumFractionDigits: 6 });
}

/**
 * What the coordinates of an input suggest where it lands nowhere, or in an odd place: another CRS
 * than the one it names, axes that are swapped, coordinates that are missing.
 */

import type { DropJson } from '../../core/drops.ts';
import { coordinatesOf } from '../../crs/coordinates.ts';
import type { Crs } from '../../crs/resolve.ts';
import type { Bounds } from '../../tms/tile-matrix.ts';

export interface PlacedInput {
  /** Of the input. */
  crs: Crs;
  /** Of its coordinates: minX, minY, maxX, maxY, in its CRS. */
  extent: Bounds;
  rowsRead: number;
  featuresStaged: number;
  drops: DropJson;
}

/** What it was to be staged into. */
export interface TilesPlace {
  tms: string;
  crs: Crs;
  /** Of the tile matrix, in its CRS. */
  extent: Bounds;
}

/** No coordinate is as near to 0 by chance. */
const NOWHERE = 1e-9;
/** Longitudes go round once at the most in files that are sound. */
const MOST_DEGREES = 360;
/** Degrees beyond a CRS's area of use that are not yet odd. */
const BEYOND = 10;
/** Points along each side of an extent that are looked at. */
const SIDE = 8;

/** @returns a sentence without its full stop; null if nothing is odd */
export function extentHint(input: PlacedInput, tiles: TilesPlace): string | null {
  const { crs, extent, drops, rowsRead, featuresStaged } = input;
  if (!extent.every(Number.isFinite)) return null;
  const [west, south, east, north] = extent;
  const farX = Math.max(Math.abs(west), Math.abs(east));
  const farY = Math.max(Math.abs(south), Math.abs(north));
  if (Math.max(farX, farY) <= NOWHERE) {
    return (
      'All of it is at 0, 0, where features come to lie whose coordinates are missing or could not ' +
      'be converted: look at how the file was made'
    );
  }
  const outside = countOf(drops, 'outside the CRS') + countOf(drops, 'outside the TileMatrixSet');
  const mostly = outside > 0 && 2 * outside >= rowsRead;
  const said = `x from ${short(west)} to ${short(east)}, y from ${short(south)} to ${short(north)}`;
  if (crs.geographic) {
    if (!mostly) return null;
    const { unit } = crs.definition;
    if (Math.max(farX, farY) * unit > MOST_DEGREES) {
      const code = isLikeUtm(extent) ? 'EPSG:32633' : 'EPSG:3413';
      return (
        `Its coordinates (${said}) are no degrees, which its CRS ${crs.name} has, but most likely ` +
        `metres: say which CRS they are in, for example --override-crs ${code}`
      );
    }
    if (farX * unit <= 90 && farY * unit > 90) return swapped(said);
  } else {
    if (farX <= MOST_DEGREES && farY <= 90 && (mostly || crs.areas.length > 0)) {
      return (
        `Its coordinates (${said}) look like degrees, but its CRS ${crs.name} has metres or feet: ` +
        'if they are longitudes and latitudes, stage it with --override-crs EPSG:4326'
      );
    }
    const [x, y] = [(west + east) / 2, (south + north) / 2];
    if (!isInArea(crs, x, y, BEYOND) && isInArea(crs, y, x, 0)) return swapped(said);
  }
  if (featuresStaged > 0 || !mostly) return null;
  const place = rangeText(crs, extent);
  const reach = rangeText(tiles.crs, tiles.extent);
  if (countOf(drops, 'outside the TileMatrixSet') === outside && place !== null && reach !== null) {
    return (
      `It lies at ${place}, and the TileMatrixSet ${tiles.tms} reaches over ${reach}: choose another ` +
      'with --tms or, if it lies elsewhere in truth, say its CRS with --override-crs'
    );
  }
  return (
    `Its coordinates (${said}) are not where its CRS ${crs.name} can be used: say the right one ` +
    'with --override-crs'
  );
}

function swapped(said: string): string {
  return (
    `Its coordinates (${said}) look like latitude before longitude, or northing before easting: ` +
    "exchange them, for example by ogr2ogr -ct '+proj=axisswap +order=2,1' NEW.gpkg FILE"
  );
}

function countOf(drops: DropJson, reason: string): number {
  return drops[reason]?.count ?? 0;
}

/** Whether eastings and northings are in the range of a zone, on either hemisphere. */
function isLikeUtm([west, south, east, north]: Bounds): boolean {
  return west >= 100_000 && east <= 900_000 && south >= 0 && north <= 10_000_000;
}

/** Whether a point in the CRS's coordinates is in an area that it is for; false where none is known. */
function isInArea(crs: Crs, x: number, y: number, beyond: number): boolean {
  const at = Float64Array.of(x, y);
  coordinatesOf(crs.definition).toDegrees?.(at, 0, 1);
  const [longitude, latitude] = at as unknown as [number, number];
  return crs.areas.some(([west, south, east, north]) => {
    const width = (((east - west) % 360) + 360) % 360 || 360;
    const from = (((longitude - west + beyond) % 360) + 360) % 360;
    return from <= width + 2 * beyond && latitude >= south - beyond && latitude <= north + beyond;
  });
}

/** Longitudes and latitudes of an extent in words; null where it has none. */
function rangeText(crs: Crs, [west, south, east, north]: Bounds): string | null {
  const count = SIDE + 1;
  const xy = new Float64Array(2 * count * count);
  for (let i = 0; i < count * count; i++) {
    xy[2 * i] = west + ((east - west) * (i % count)) / SIDE;
    xy[2 * i + 1] = south + ((north - south) * Math.floor(i / count)) / SIDE;
  }
  coordinatesOf(crs.definition).toDegrees?.(xy, 0, count * count);
  const range = [Infinity, Infinity, -Infinity, -Infinity];
  for (let i = 0; i < xy.length; i += 2) {
    for (const axis of [0, 1]) {
      const value = xy[i + axis]!;
      if (value < range[axis]!) range[axis] = value;
      if (value > range[axis + 2]!) range[axis + 2] = value;
    }
  }
  if (!range.every(Number.isFinite)) return null;
  const [first, lowest, last, highest] = range as [number, number, number, number];
  const longitudes =
    last - first > 359 ? 'all longitudes' : `longitudes ${short(first)} to ${short(last)}`;
  return `${longitudes} and latitudes ${short(lowest)} to ${short(highest)}`;
}

/** Six digits, as a number of files has them. */
function short(value: number): string {
  return String(Number(value.toPrecision(6)));
}

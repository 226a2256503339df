/**
 * Where things are on the page: the map, its scales and labels. Nothing is drawn here; boxes are
 * data, which tests can look at. Lengths are in pixels.
 */

import type { Crs } from '../crs/resolve.ts';
import type { Bounds } from '../tms/tile-matrix.ts';
import type { Box, PlacedText } from './drawing.ts';
import { ASCENT, DESCENT, textWidth } from './lettering.ts';
import { formatNumber, type GroundScale, groundScale, scaleBar, ticks } from './scale.ts';
import type { StagedTile } from './staged-tiles.ts';
import { lengthOfLongitude } from './true-shape.ts';

export const INK = '#1f2933';
export const FAINT = '#5f6b78';
export const MARGIN = 22;
export const TITLE_SIZE = 20;
export const NOTE_SIZE = 12.5;
const TICK_SIZE = 11;
const LABEL_SIZES = [12, 11, 10, 9, 8];
/** The map is as large as fits into this. */
const MAP_WIDTH = 980;
const MAP_HEIGHT = 800;
/** No side of the map is shorter than this part of the other: more ground is shown. */
const NARROWEST = 1 / 16;
/** Room for a title. */
const LEAST_CONTENT = 440;
/** Ground around all that is drawn, as a part of the longer side. */
const SURROUNDINGS = 0.012;
/** Features may reach so far beyond the tiles, in parts of the tiles' extent; then they are cut. */
const BEYOND = 0.5;
const LABEL_PADDING = 4;

/** The part of the ground that is shown, in coordinates of the CRS. */
export interface MapView {
  bounds: Bounds;
  /** How long a unit of x is in units of y, on the page. */
  squeeze: number;
  scale: GroundScale;
  /** Whether features reach out of it. */
  cut: boolean;
}

/**
 * @param tiles - bounds of the tiles that are drawn
 * @param rows - bounds of the features in them
 */
export function mapView(crs: Crs, tiles: readonly Bounds[], rows: readonly Bounds[]): MapView {
  const [west, south, east, north] = unite(tiles);
  const all = unite([...tiles, ...rows]);
  const beyondX = (east - west) * BEYOND;
  const beyondY = (north - south) * BEYOND;
  const limits = [west - beyondX, south - beyondY, east + beyondX, north + beyondY] as const;
  const shown: Bounds = [
    Math.max(all[0], limits[0]),
    Math.max(all[1], limits[1]),
    Math.min(all[2], limits[2]),
    Math.min(all[3], limits[3]),
  ];
  const cut = shown.some((value, i) => value !== all[i]);
  const middleX = (shown[0] + shown[2]) / 2;
  const middleY = (shown[1] + shown[3]) / 2;
  const squeeze = crs.geographic ? lengthOfLongitude(crs.definition, middleY) : 1;
  const spanX = (shown[2] - shown[0]) * squeeze;
  const spanY = shown[3] - shown[1];
  const longer = (1 + 2 * SURROUNDINGS) * Math.max(spanX, spanY);
  const around = SURROUNDINGS * Math.max(spanX, spanY);
  const halfX = Math.max(spanX / 2 + around, (NARROWEST * longer) / 2) / squeeze;
  const halfY = Math.max(spanY / 2 + around, (NARROWEST * longer) / 2);
  const bounds: Bounds = [middleX - halfX, middleY - halfY, middleX + halfX, middleY + halfY];
  return { bounds, squeeze, scale: groundScale(crs, middleX, middleY), cut };
}

export interface Layout {
  width: number;
  height: number;
  map: Box;
  /** Pixels in a unit of the CRS. */
  scaleX: number;
  scaleY: number;
  ticks: PlacedText[];
  tickLines: Box[];
  scaleBar: { line: Box[]; label: PlacedText };
}

/**
 * @param legend - width and height of what stands to the right of the map; 0 for none
 * @param noteLines - lines below the title
 */
export function layOut(
  view: MapView,
  crs: Crs,
  legend: { width: number; height: number },
  noteLines: number,
): Layout {
  const [west, south, east, north] = view.bounds;
  const spanX = (east - west) * view.squeeze;
  const spanY = north - south;
  const scale = Math.min(MAP_WIDTH / spanX, MAP_HEIGHT / spanY);
  const mapWidth = Math.round(spanX * scale);
  const mapHeight = Math.round(spanY * scale);
  const scaleX = mapWidth / (east - west);
  const scaleY = mapHeight / spanY;

  const rowTicks = ticks(south, north, Math.max(1, Math.floor(mapHeight / 90)));
  const rowTexts = rowTicks.values.map((value) => coordinate(crs, value, rowTicks.step, 'y'));
  const gutter = Math.max(0, ...rowTexts.map((text) => textWidth(text, TICK_SIZE))) + 10;
  const map: Box = {
    x: Math.ceil(MARGIN + gutter),
    y: MARGIN + TITLE_SIZE + 10 + noteLines * Math.round(NOTE_SIZE * 1.45) + 8,
    width: mapWidth,
    height: mapHeight,
  };
  const legendWidth = legend.width === 0 ? 0 : 24 + legend.width;
  const content = Math.max(LEAST_CONTENT, map.x - MARGIN + mapWidth + legendWidth);
  const width = Math.ceil(2 * MARGIN + content);

  const placed: PlacedText[] = [];
  const lines: Box[] = [];
  for (const [i, text] of rowTexts.entries()) {
    const y = map.y + (north - rowTicks.values[i]!) * scaleY;
    lines.push({ x: map.x - 5, y: y - 0.5, width: 5, height: 1 });
    const x = map.x - 8 - textWidth(text, TICK_SIZE);
    placed.push({ text, x, y: y + TICK_SIZE * 0.36, size: TICK_SIZE, color: FAINT });
  }
  const bottom = map.y + mapHeight;
  const columnTicks = ticks(west, east, Math.max(1, Math.floor(mapWidth / 110)));
  let free = MARGIN;
  for (const value of columnTicks.values) {
    const x = map.x + (value - west) * scaleX;
    const text = coordinate(crs, value, columnTicks.step, 'x');
    const length = textWidth(text, TICK_SIZE);
    lines.push({ x: x - 0.5, y: bottom, width: 1, height: 5 });
    if (x - length / 2 < free || x + length / 2 > width - MARGIN / 2) continue;
    free = x + length / 2 + 14;
    placed.push({ text, x: x - length / 2, y: bottom + 18, size: TICK_SIZE, color: FAINT });
  }
  const barY = bottom + 46;
  const height = Math.ceil(Math.max(barY + 8, map.y + legend.height) + MARGIN);
  return {
    width,
    height,
    map,
    scaleX,
    scaleY,
    ticks: placed,
    tickLines: lines,
    scaleBar: placeScaleBar(view, map, barY, scaleX, width),
  };
}

function placeScaleBar(
  view: MapView,
  map: Box,
  y: number,
  scaleX: number,
  pageWidth: number,
): Layout['scaleBar'] {
  const { metersX, latitude } = view.scale;
  const bar = scaleBar(metersX / scaleX, Math.min(200, Math.max(80, map.width * 0.3)));
  const place =
    latitude === null ? '' : ` at the middle of the map, ${degrees(latitude, 'N', 'S', 1)}`;
  const thick = 1.5;
  const line: Box[] = [
    { x: map.x, y: y - thick, width: bar.length, height: thick },
    { x: map.x, y: y - 9, width: thick, height: 9 },
    { x: map.x + bar.length - thick, y: y - 9, width: thick, height: 9 },
  ];
  const full = `${bar.label}${place}`;
  const x = map.x + bar.length + 10;
  const fits = x + textWidth(full, NOTE_SIZE) <= pageWidth - MARGIN;
  const text = fits ? full : bar.label;
  return { line, label: { text, x, y, size: NOTE_SIZE, color: INK } };
}

/** A coordinate with its unit, in degrees with the direction. */
function coordinate(crs: Crs, value: number, step: number, axis: 'x' | 'y'): string {
  if (crs.geographic) {
    const { unit: toDegree } = crs.definition;
    const decimals = toDegree === 1 ? decimalsOf(step) : 4;
    const [positive, negative] = axis === 'x' ? ['E', 'W'] : ['N', 'S'];
    return degrees(value * toDegree, positive!, negative!, decimals);
  }
  return `${formatNumber(value).replace('-', '−')}${crs.metersPerUnit === 1 ? ' m' : ''}`;
}

function degrees(value: number, positive: string, negative: string, decimals: number): string {
  const text = Math.abs(value).toFixed(decimals);
  return `${text}°${Number(text) === 0 ? '' : ` ${value < 0 ? negative : positive}`}`;
}

/** How many decimals multiples of a step have. */
function decimalsOf(step: number): number {
  for (let decimals = 0; decimals < 9; decimals++) {
    const scaled = step * 10 ** decimals;
    if (Math.abs(scaled - Math.round(scaled)) < 1e-6 * scaled) return decimals;
  }
  return 9;
}

/** Box of a tile on the page. */
export function tileBox(tile: StagedTile, view: MapView, { map, scaleX, scaleY }: Layout): Box {
  const [west, south, east, north] = tile.bounds;
  return {
    x: map.x + (west - view.bounds[0]) * scaleX,
    y: map.y + (view.bounds[3] - north) * scaleY,
    width: (east - west) * scaleX,
    height: (north - south) * scaleY,
  };
}

/**
 * Names of tiles, each within its own tile, so that none is on another: z/x/y where there is room,
 * else x/y, all alike and of one size; none where not even these fit.
 */
export function tileLabels(
  tiles: readonly { tile: StagedTile; box: Box }[],
  z: number,
): PlacedText[] {
  const forms = [
    (tile: StagedTile) => `${z}/${tile.x}/${tile.y}`,
    (tile: StagedTile) => `${tile.x}/${tile.y}`,
  ];
  for (const size of LABEL_SIZES) {
    for (const form of forms) {
      const texts = tiles.map(({ tile }) => form(tile));
      const fits = tiles.every(
        ({ box }, i) =>
          textWidth(texts[i]!, size) + 2 * LABEL_PADDING <= box.width &&
          (ASCENT + DESCENT) * size + 2 * LABEL_PADDING <= box.height,
      );
      if (!fits) continue;
      return tiles.map(({ box }, i) => ({
        text: texts[i]!,
        x: box.x + LABEL_PADDING,
        y: box.y + LABEL_PADDING + ASCENT * size,
        size,
        color: INK,
        halo: '#ffffff',
      }));
    }
  }
  return [];
}

function unite(all: readonly Bounds[]): Bounds {
  const bounds: Bounds = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [minX, minY, maxX, maxY] of all) {
    bounds[0] = Math.min(bounds[0], minX);
    bounds[1] = Math.min(bounds[1], minY);
    bounds[2] = Math.max(bounds[2], maxX);
    bounds[3] = Math.max(bounds[3], maxY);
  }
  return bounds;
}

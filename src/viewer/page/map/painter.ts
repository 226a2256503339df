/** Paints the map: tiles, polygons, what is selected. Lengths are in dots of the screen. */

import type { Box } from '../../shared/messages.ts';
import type { TileGrid } from '../panels/tile-grid.ts';
import { drawCell, type PolygonColors, type PolygonPaint } from './cell-image.ts';
import type { CellStore, LoadedCell, WantedCell } from './cell-store.ts';
import { type Frame, place, viewOf } from './frame.ts';
import type { Ground } from './ground/ground.ts';
import { type GroundColors, paintGround, paintLabels } from './ground/ground-painter.ts';

/** Milliseconds of a frame for drawing cells anew. */
const BUDGET_MS = 14;

export interface Theme {
  ramp: readonly string[];
  /** Opacity of tiles behind their polygons: there the colour only tells them apart. */
  tint: number;
  polygons: PolygonColors;
  /** Of classes, then of others, then of polygons without a value. */
  classes: readonly PolygonColors[];
  /** From low to high, then of others, then of polygons without a value. */
  steps: readonly PolygonColors[];
  ground: GroundColors;
  line: string;
  halo: string;
  ink: string;
  selection: string;
}

export interface Scene {
  grid: TileGrid;
  /** A colour's number for each tile. */
  levels: Uint8Array;
  /** Cells that are in view, if polygons are shown. */
  cells: readonly WantedCell[];
  store: CellStore;
  /** null: all polygons are alike. */
  paint: PolygonPaint | null;
  /** Coastlines and graticule. */
  ground: Ground;
  selectedTile: Box | null;
  /** Rings of the selected feature. */
  outline: readonly (readonly number[])[];
}

/** @returns whether there was not enough time for all of it */
export function paint(
  context: CanvasRenderingContext2D,
  frame: Frame,
  scene: Scene,
  theme: Theme,
): boolean {
  context.clearRect(0, 0, frame.width, frame.height);
  const { grid, cells } = scene;
  const tiles = tilesInView(grid, frame);
  paintGround(context, frame, scene.ground, theme.ground);
  paintTiles(context, frame, scene, tiles, theme);
  const isUnfinished = paintCells(context, frame, scene, theme.polygons);
  paintBorders(context, frame, grid, tiles, theme, cells.length > 0);
  paintLabels(context, frame, scene.ground, theme.ground, theme.halo);
  if (scene.selectedTile !== null) {
    const [x, y, width, height] = place(frame, scene.selectedTile);
    outlined(context, frame, theme, () => context.rect(x, y, width, height));
  }
  if (scene.outline.length > 0) {
    outlined(context, frame, theme, () => {
      for (const ring of scene.outline) {
        for (let k = 0; k < ring.length; k += 2) {
          const x = (ring[k]! - frame.originX) * frame.scaleX;
          const y = (frame.originY - ring[k + 1]!) * frame.scaleY;
          if (k === 0) context.moveTo(x, y);
          else context.lineTo(x, y);
        }
        context.closePath();
      }
    });
  }
  if (frame.isMarked) {
    const [x, y, arm] = [frame.width / 2, frame.height / 2, 9 * frame.ratio];
    outlined(context, frame, theme, () => {
      context.moveTo(x - arm, y);
      context.lineTo(x + arm, y);
      context.moveTo(x, y - arm);
      context.lineTo(x, y + arm);
    });
  }
  return isUnfinished;
}

function tilesInView(grid: TileGrid, frame: Frame): number[] {
  return grid.in(viewOf(frame));
}

function paintTiles(
  context: CanvasRenderingContext2D,
  frame: Frame,
  { grid, levels, cells, paint }: Scene,
  tiles: readonly number[],
  theme: Theme,
): void {
  // Where polygons have colours of their own, these are not mixed with others.
  if (cells.length > 0 && paint !== null) return;
  context.globalAlpha = cells.length > 0 ? theme.tint : 0.9;
  for (const c of tiles) {
    context.fillStyle = theme.ramp[levels[c]!]!;
    context.fillRect(...place(frame, grid.box(c)));
  }
  context.globalAlpha = 1;
}

function paintBorders(
  context: CanvasRenderingContext2D,
  frame: Frame,
  grid: TileGrid,
  tiles: readonly number[],
  theme: Theme,
  withNames: boolean,
): void {
  const first = tiles[0];
  if (first === undefined || place(frame, grid.box(first))[2] < 7 * frame.ratio) return;
  context.strokeStyle = theme.line;
  context.lineWidth = frame.ratio;
  context.beginPath();
  for (const c of tiles) {
    const [x, y, width, height] = place(frame, grid.box(c));
    context.rect(x + 0.5, y + 0.5, width, height);
  }
  context.stroke();
  if (!withNames || grid.grid.factor > 1) return;
  context.font = `600 ${11 * frame.ratio}px system-ui, sans-serif`;
  context.textBaseline = 'top';
  context.lineJoin = 'round';
  context.lineWidth = 3 * frame.ratio;
  context.strokeStyle = theme.halo;
  context.fillStyle = theme.ink;
  for (const c of tiles) {
    const [left, top, width] = place(frame, grid.box(c));
    const name = grid.name(c);
    // Kept in sight while any of its tile is.
    const gap = 6 * frame.ratio;
    const x = Math.max(left, 0) + gap;
    if (context.measureText(name).width + 2 * gap > left + width - Math.max(left, 0)) continue;
    context.strokeText(name, x, top + gap);
    context.fillText(name, x, top + gap);
  }
}

function paintCells(
  context: CanvasRenderingContext2D,
  frame: Frame,
  { cells, store, paint }: Scene,
  plain: PolygonColors,
): boolean {
  const colors = paint ?? { key: plain.fill, plain, colorsOf: null, palette: [] };
  const start = performance.now();
  let isUnfinished = false;
  for (const wanted of cells) {
    const [x, y, width, height] = place(frame, wanted.box);
    const found = store.get(wanted.key);
    if (found === undefined) {
      for (const other of store.standIns(wanted)) standIn(context, frame, other, wanted.box);
      continue;
    }
    const [minX, minY, maxX, maxY] = wanted.box;
    const scaleX = (width * wanted.pixel) / (maxX - minX);
    const scaleY = (height * wanted.pixel) / (maxY - minY);
    const isOther = found.colors !== colors.key;
    const isStale = found.image === null || found.image.width !== width || isOther;
    if (isStale && (found.image === null || !frame.isMoving)) {
      if (performance.now() - start < BUDGET_MS) {
        const image = drawCell(found.cell, width, height, scaleX, scaleY, colors);
        store.setImage(found, image, colors.key);
      } else isUnfinished = true;
    }
    if (found.image !== null) context.drawImage(found.image, x, y, width, height);
  }
  return isUnfinished;
}

/** Draws what an image of another level has of the box. */
function standIn(
  context: CanvasRenderingContext2D,
  frame: Frame,
  { image, box }: LoadedCell,
  target: Box,
): void {
  if (image === null) return;
  const minX = Math.max(box[0], target[0]);
  const maxX = Math.min(box[2], target[2]);
  const minY = Math.max(box[1], target[1]);
  const maxY = Math.min(box[3], target[3]);
  if (!(minX < maxX && minY < maxY)) return;
  const dotsX = image.width / (box[2] - box[0]);
  const dotsY = image.height / (box[3] - box[1]);
  context.drawImage(
    image,
    (minX - box[0]) * dotsX,
    (box[3] - maxY) * dotsY,
    (maxX - minX) * dotsX,
    (maxY - minY) * dotsY,
    ...place(frame, [minX, minY, maxX, maxY]),
  );
}

/** Strokes a path twice, so that it stands out from whatever is behind it. */
function outlined(
  context: CanvasRenderingContext2D,
  { ratio }: Frame,
  { halo, selection }: Theme,
  path: () => void,
): void {
  context.lineJoin = 'round';
  for (const [color, width] of [
    [halo, 5.5],
    [selection, 2.5],
  ] as const) {
    context.beginPath();
    path();
    context.strokeStyle = color;
    context.lineWidth = width * ratio;
    context.stroke();
  }
}

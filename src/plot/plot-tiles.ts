/** Draws a map of what is staged in a folder. */

import { resolve } from 'node:path';
import { checkedOptions } from '../core/checked-options.ts';
import { TilewrightError } from '../core/errors.ts';
import { writeOutput } from '../core/files/write-output.ts';
import { printable } from '../core/printable.ts';
import type { ConfigInputSnakeCase } from '../staging/configuration/config-input.ts';
import { type Job, TileStager } from '../staging/tile-stager.ts';
import type { Bounds } from '../tms/tile-matrix.ts';
import { mix } from './color.ts';
import { DOTS, type Drawing } from './drawing.ts';
import {
  FAINT,
  INK,
  type Layout,
  layOut,
  MARGIN,
  type MapView,
  mapView,
  NOTE_SIZE,
  TITLE_SIZE,
  tileBox,
  tileLabels,
} from './layout.ts';
import { type Coloring, colorTiles, type DrawnCounts } from './legend.ts';
import { shorten, textWidth } from './lettering.ts';
import type { PlotOptions } from './plot-options.ts';
import { formatOf, type PictureFormat, type PlotColor, plotSchema } from './plot-schema.ts';
import { pngDrawing } from './png-drawing.ts';
import { boundsOfRows, FeatureReader } from './read-features.ts';
import { readStagedTiles, type StagedTile, type StagedTiles } from './staged-tiles.ts';
import { svgDrawing } from './svg-drawing.ts';

/** Borders of narrower tiles would cover what is in them; in pixels. */
const NARROWEST_TILE = 4;
/** The part of a tile's colour in its ground. */
const TINT = 0.16;

/** A map that was drawn. */
export interface Plot {
  format: 'png' | 'svg';
  /** Bytes of the file. */
  image: Uint8Array;
  /** Pixels of the PNG, or of the SVG's own page. */
  width: number;
  height: number;
  /** Tiles that are drawn, and that there are. */
  tiles: number;
  tilesTotal: number;
  /** Polygons that are drawn, each counted once, however many tiles it is in. */
  polygons: number;
  /** What is written above the map: both numbers. */
  title: string;
}

/**
 * Draws the staged polygons of a stager's folder, tile by tile in the tile's colour: a polygon on a
 * border once for each tile that holds it. Title, scales and the names of tiles are on the map.
 * Jupyter kernels that know `Symbol.for('Jupyter.display')` show the result as a picture.
 * @param job - a stager, a configuration or values for one: its `dirStaged` counts
 * @throws TilewrightError `staged-folder` where nothing is staged, `usage` for wrong options, and for
 *   the colour of duplicates where nothing is labelled, `output-unwritable`
 */
export function plotTiles(job: ConfigInputSnakeCase, options?: PlotOptions): Promise<Plot>;
export function plotTiles(job: Job, options?: PlotOptions): Promise<Plot>;
export async function plotTiles(
  job: Job | ConfigInputSnakeCase,
  options: PlotOptions = {},
): Promise<Plot> {
  const checked = checkedOptions(plotSchema, options);
  const { output, tiles, color, seed, grid } = checked;
  const format = formatOf(checked);
  const folder = TileStager.of(job).config.values.dirStaged;
  const staged = readStagedTiles(resolve(folder));
  if (color === 'duplicated' && !staged.isLabelled) throw unlabelled(folder, staged);
  const drawn = staged.tiles.slice(0, tiles);
  const rows = drawn.map((tile) => boundsOfRows(tile)).filter((bounds) => bounds !== null);
  const plot = draw(staged, drawn, rows, { color, seed, grid, format });
  if (output !== undefined) writeOutput(output, plot.image);
  return Object.assign(plot, display(plot));
}

function draw(
  { settings, crs, tiles }: StagedTiles,
  drawn: readonly StagedTile[],
  rows: readonly Bounds[],
  options: { color: PlotColor; seed: number; grid: boolean; format: PictureFormat },
): Plot {
  const view = mapView(
    crs,
    drawn.map(({ bounds }) => bounds),
    rows,
  );
  const coloring = colorTiles(options.color, drawn, options.seed, crs);
  const notes = notesOf(coloring, view, drawn.length < tiles.length);
  const layout = layOut(view, crs, coloring.legend, notes.length + 1);
  const { width, height, map } = layout;
  const drawing = options.format === 'svg' ? svgDrawing(width, height) : pngDrawing(width, height);
  drawing.fill(map, '#fbfbfa');

  const boxes = drawn.map((tile) => ({ tile, box: tileBox(tile, view, layout) }));
  const borders = options.grid
    ? boxes.filter(({ box }) => Math.min(box.width, box.height) >= NARROWEST_TILE)
    : [];
  for (const [i, { box }] of boxes.entries()) {
    if (options.grid) drawing.fill(box, mix('#ffffff', coloring.tiles?.[i] ?? '#ffffff', TINT));
  }
  const counts = drawFeatures(drawing, drawn, view, layout, coloring, settings);
  if (borders.length > 0) {
    const smallest = Math.min(...borders.map(({ box }) => Math.min(box.width, box.height)));
    const line = smallest < 16 ? 0.5 : 1;
    drawing.frames(
      borders.map(({ box }) => box),
      INK,
      line,
      smallest < 16 ? 0.4 : 0.6,
    );
    for (const label of tileLabels(borders, settings.z)) drawing.text(label);
  }
  const title = titleOf(drawn.length, tiles.length, counts, coloring);
  const crsName = crs.id === null || crs.name === crs.id ? crs.name : `${crs.id}, ${crs.name}`;
  const about = printable(`z ${settings.z} of ${settings.tms} (${crsName})`);
  drawFrame(drawing, layout, title, [about, ...notes]);
  if (coloring.legend.width > 0) {
    coloring.drawLegend(drawing, map.x + map.width + 24, map.y, counts);
  }
  const dots = options.format === 'png' ? DOTS : 1;
  return {
    format: options.format,
    image: drawing.finish(title),
    width: width * dots,
    height: height * dots,
    tiles: drawn.length,
    tilesTotal: tiles.length,
    polygons: counts.count,
    title,
  };
}

function drawFeatures(
  drawing: Drawing,
  drawn: readonly StagedTile[],
  view: MapView,
  layout: Layout,
  coloring: Coloring,
  settings: StagedTiles['settings'],
): DrawnCounts {
  const painter = drawing.shapes(layout.map);
  const reader = new FeatureReader(settings);
  const toDots = {
    originX: view.bounds[0],
    originY: view.bounds[3],
    scaleX: layout.scaleX * DOTS,
    scaleY: -layout.scaleY * DOTS,
  };
  const { labels, inputs, tiles } = coloring;
  if (labels === null) {
    for (const [i, tile] of drawn.entries()) {
      reader.draw(tile, toDots, painter, inputs ?? tiles![i]!);
    }
    return reader;
  }
  // Duplicates lie on what stays, in other tiles too: they come last.
  for (const only of ['others', 'duplicates'] as const) {
    for (const tile of drawn) reader.draw(tile, toDots, painter, labels[only], only);
  }
  return reader;
}

/** What keeps a folder's duplicates from being told apart, and what to do. */
function unlabelled(folder: string, { settings }: StagedTiles): TilewrightError {
  const { deduplication } = settings;
  let what = 'its polygons have no label that says so. `tilewright deduplicate` gives them one';
  if (deduplication?.duplicates === 'remove') {
    what =
      'it leaves them out of its tiles. `tilewright deduplicate` with the same rules and ' +
      '`--duplicates label` brings them back, labelled';
  } else if (deduplication !== undefined) {
    what =
      'not all of them are judged yet: wait for the run to end, or run the command again if it was ' +
      'stopped';
  }
  return new TilewrightError('usage', `Duplicates of ${folder} can't be shown: ${what}`);
}

/** What surrounds the map: title, notes, scales. */
function drawFrame(drawing: Drawing, layout: Layout, title: string, notes: string[]): void {
  const { width, map, scaleBar } = layout;
  drawing.frames([map], FAINT, 1);
  for (const line of layout.tickLines) drawing.fill(line, FAINT);
  for (const tick of layout.ticks) drawing.text(tick);
  for (const line of scaleBar.line) drawing.fill(line, INK);
  drawing.text(scaleBar.label);
  const room = width - 2 * MARGIN;
  const size = Math.min(TITLE_SIZE, (TITLE_SIZE * room) / textWidth(title, TITLE_SIZE));
  drawing.text({ text: title, x: MARGIN, y: MARGIN + TITLE_SIZE * 0.8, size, color: INK });
  for (const [i, note] of notes.entries()) {
    const y = MARGIN + TITLE_SIZE + 10 + NOTE_SIZE + i * Math.round(NOTE_SIZE * 1.45);
    const text = shorten(note, NOTE_SIZE, room);
    drawing.text({ text, x: MARGIN, y, size: NOTE_SIZE, color: FAINT });
  }
}

function notesOf(coloring: Coloring, view: MapView, isPart: boolean): string[] {
  const part = isPart ? '; the first tiles in Z-order from the north-west' : '';
  const cut = view.cut ? ['Polygons that reach far beyond the tiles are cut at the frame'] : [];
  return [coloring.note + part, ...cut];
}

function titleOf(
  drawn: number,
  total: number,
  { count: polygons, duplicates }: DrawnCounts,
  { labels }: Coloring,
): string {
  const number = (n: number): string => n.toLocaleString('en');
  const of = drawn < total ? `${number(drawn)} of ` : '';
  const tiles = total === 1 ? 'tile' : 'tiles';
  const gone = labels === null ? '' : `, of them ${number(duplicates)} labelled as duplicates`;
  return `${of}${number(total)} ${tiles}, ${number(polygons)} ${polygons === 1 ? 'polygon' : 'polygons'}${gone}`;
}

/** What notebooks show. */
function display({ format, image, title }: Plot): object {
  const bytes = Buffer.from(image.buffer, image.byteOffset, image.byteLength);
  const picture =
    format === 'png'
      ? { 'image/png': bytes.toString('base64') }
      : { 'image/svg+xml': bytes.toString('utf8') };
  return { [Symbol.for('Jupyter.display')]: () => ({ ...picture, 'text/plain': title }) };
}

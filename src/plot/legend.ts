/** Colours of tiles and inputs, and what explains them beside the map. */

import { printable } from '../core/printable.ts';
import type { Crs } from '../crs/resolve.ts';
import { CATEGORY_COUNT, categoryColor, OTHERS, rampColor, randomColors } from './color.ts';
import type { Box, Drawing } from './drawing.ts';
import { FAINT, INK, NOTE_SIZE } from './layout.ts';
import { shorten, textWidth } from './lettering.ts';
import type { PlotColor } from './plot-schema.ts';
import { areaUnit, formatNumber, groundScale, ticks } from './scale.ts';
import type { StagedTile } from './staged-tiles.ts';

/** The least and the most. */
const WIDTH = 150;
const WIDEST = 330;
const BAR_WIDTH = 16;
const BAR_HEIGHT = 180;
const ROW = 20;
const SWATCH = 12;
/** Where the first row or the bar begins, below the heading. */
const TOP = 26;

/** Features that were drawn, each counted once, and the duplicates among them. */
export interface DrawnCounts {
  count: number;
  duplicates: number;
}

export interface Coloring {
  /** A colour of each tile; or, for `input`, of the features of an input. */
  tiles: string[] | null;
  inputs: ((input: string) => string) | null;
  /** Of features by their label: then duplicates are drawn over all others. */
  labels: { others: string; duplicates: string } | null;
  /** A sentence for below the title. */
  note: string;
  legend: { width: number; height: number };
  /** @param x - left end, @param y - top of the legend */
  drawLegend(drawing: Drawing, x: number, y: number, drawn: DrawnCounts): void;
}

/** @param tiles - those that are drawn */
export function colorTiles(
  color: PlotColor,
  tiles: readonly StagedTile[],
  seed: number,
  crs: Crs,
): Coloring {
  if (color === 'random') {
    return {
      tiles: randomColors(tiles, seed),
      inputs: null,
      labels: null,
      note: 'A random colour for each tile',
      legend: { width: 0, height: 0 },
      drawLegend: () => undefined,
    };
  }
  if (color === 'input') return colorInputs(tiles);
  if (color === 'duplicated') return colorLabels(tiles);
  if (color === 'count') {
    const counts = tiles.map(({ rows }) => rows);
    return colorValues(
      counts,
      1,
      'Polygons in a tile',
      'Coloured by the number of polygons in the tile',
    );
  }
  const areas = tiles.map(({ area, bounds }) => {
    const scale = groundScale(crs, (bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2);
    return area * scale.metersX * scale.metersY;
  });
  const unit = areaUnit(areas.reduce((most, area) => Math.max(most, area), 0));
  return colorValues(
    areas.map((area) => area / unit.squareMeters),
    0,
    `Area of polygons, ${unit.name}`,
    'Coloured by the area of the polygons in the tile, on the ground',
  );
}

/** @param leastStep - between ticks */
function colorValues(
  values: readonly number[],
  leastStep: number,
  heading: string,
  note: string,
): Coloring {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const isOne = low === high;
  // The scale begins and ends with a tick.
  const step = Math.max(leastStep, ticks(low, isOne ? low + 1 : high, 5).step);
  if (!isOne) [low, high] = [Math.floor(low / step) * step, Math.ceil(high / step) * step];
  const span = high - low;
  const partOf = (value: number): number => (span === 0 ? 0.5 : (value - low) / span);
  return {
    tiles: values.map((value) => rampColor(partOf(value))),
    inputs: null,
    labels: null,
    note,
    legend: { width: Math.max(WIDTH, textWidth(heading, NOTE_SIZE)), height: TOP + BAR_HEIGHT + 8 },
    drawLegend(drawing, x, y) {
      drawing.text({ text: heading, x, y: y + NOTE_SIZE, size: NOTE_SIZE, color: INK });
      const bar: Box = { x, y: y + TOP, width: BAR_WIDTH, height: BAR_HEIGHT };
      if (span === 0) {
        drawing.fill({ ...bar, height: BAR_WIDTH }, rampColor(0.5));
        label(drawing, x, y + TOP + BAR_WIDTH / 2, rounded(low));
        return;
      }
      // A pixel row each: the scale's steps can't be seen.
      for (let k = 0; k < BAR_HEIGHT; k++) {
        const color = rampColor(1 - (k + 0.5) / BAR_HEIGHT);
        drawing.fill({ x, y: bar.y + k, width: BAR_WIDTH, height: 1 }, color);
      }
      for (const value of ticks(low, high, Math.round(span / step)).values) {
        label(drawing, x, bar.y + BAR_HEIGHT * (1 - partOf(value)), formatNumber(value));
      }
    },
  };
}

/** A tick beside the scale, and its number. */
function label(drawing: Drawing, x: number, y: number, text: string): void {
  const right = x + BAR_WIDTH;
  drawing.fill({ x: right, y: y - 0.5, width: 4, height: 1 }, FAINT);
  drawing.text({ text, x: right + 8, y: y + NOTE_SIZE * 0.36, size: NOTE_SIZE, color: INK });
}

/** The inputs with the most rows have colours of their own. */
function colorInputs(tiles: readonly StagedTile[]): Coloring {
  const rows = new Map<string, number>();
  for (const tile of tiles) {
    for (const [input, count] of tile.inputs) rows.set(input, (rows.get(input) ?? 0) + count);
  }
  const sorted = [...rows].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  const named = sorted.slice(
    0,
    sorted.length <= CATEGORY_COUNT ? CATEGORY_COUNT : CATEGORY_COUNT - 1,
  );
  // Colours are in the order of names: files of one series come in their order.
  const names = named.map(([name]) => name).sort();
  const colors = new Map(names.map((name, i) => [name, categoryColor(i)] as const));
  const others = sorted.length - names.length;
  const texts = shortNames(names.map(printable), WIDEST - SWATCH - 8);
  const lines: Line[] = names.map((name, i) => ({ text: texts[i]!, color: colors.get(name)! }));
  if (others > 0) lines.push({ text: `${formatNumber(others)} others`, color: OTHERS });
  return {
    tiles: null,
    inputs: (input) => colors.get(input) ?? OTHERS,
    labels: null,
    note: `Coloured by input, of which there are ${formatNumber(sorted.length)} here`,
    legend: sizeOf(lines),
    drawLegend: (drawing, x, y) => drawLines(drawing, x, y, 'Inputs', lines),
  };
}

/** Duplicates apart from the features that stay. */
function colorLabels(tiles: readonly StagedTile[]): Coloring {
  const labels = { others: categoryColor(0), duplicates: categoryColor(1) };
  const lines = ({ count, duplicates }: DrawnCounts): Line[] => [
    { text: `stay: ${formatNumber(count - duplicates)}`, color: labels.others },
    { text: `duplicates: ${formatNumber(duplicates)}`, color: labels.duplicates },
  ];
  const rows = tiles.reduce((sum, tile) => sum + tile.rows, 0);
  return {
    tiles: null,
    inputs: null,
    labels,
    note: 'Coloured by their label: duplicates are drawn over the polygons that stay',
    // There can't be more of either.
    legend: sizeOf(lines({ count: 2 * rows, duplicates: rows })),
    drawLegend: (drawing, x, y, drawn) => drawLines(drawing, x, y, 'Polygons', lines(drawn)),
  };
}

interface Line {
  text: string;
  color: string;
}

function sizeOf(lines: readonly Line[]): Coloring['legend'] {
  const widest = Math.max(...lines.map(({ text }) => textWidth(text, NOTE_SIZE)));
  return { width: Math.max(WIDTH, SWATCH + 8 + widest), height: TOP + ROW * lines.length };
}

function drawLines(
  drawing: Drawing,
  x: number,
  y: number,
  heading: string,
  lines: readonly Line[],
): void {
  drawing.text({ text: heading, x, y: y + NOTE_SIZE, size: NOTE_SIZE, color: INK });
  for (const [i, { text, color }] of lines.entries()) {
    const top = y + TOP + i * ROW;
    drawing.fill({ x, y: top, width: SWATCH, height: SWATCH }, color);
    drawing.text({
      text,
      x: x + SWATCH + 8,
      y: top + SWATCH / 2 + NOTE_SIZE * 0.36,
      size: NOTE_SIZE,
      color: INK,
    });
  }
}

/** Names that fit the width and stay apart: what they begin and end with alike goes first. */
export function shortNames(names: readonly string[], width: number): string[] {
  if (names.length < 2 || names.every((name) => textWidth(name, NOTE_SIZE) <= width)) {
    return names.map((name) => shorten(name, NOTE_SIZE, width));
  }
  const [first, last] = [names[0]!, names.at(-1)!];
  // They are sorted: what these two begin with, all do.
  let begin = 0;
  while (begin < first.length && first[begin] === last[begin]) begin++;
  const shortest = Math.min(...names.map(({ length }) => length));
  let end = 0;
  while (
    end < shortest - begin &&
    names.every((name) => name.at(-1 - end) === first.at(-1 - end))
  ) {
    end++;
  }
  // A few letters of it stay, so that a date keeps its year.
  const from = Math.max(0, begin - 4);
  const cut = Math.max(0, end - 4);
  return names.map((name) => {
    const middle = name.slice(from, name.length - cut);
    const text = `${from > 1 ? '…' : name.slice(0, from)}${middle}${cut > 1 ? '…' : name.slice(name.length - cut)}`;
    return shorten(text, NOTE_SIZE, width);
  });
}

/** Three digits. */
function rounded(value: number): string {
  return formatNumber(Number(value.toPrecision(3)));
}

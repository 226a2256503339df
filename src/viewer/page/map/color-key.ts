/** What the colours of tiles and polygons stand for. */

import { byId, make } from '../dom.ts';
import { area, count, rounded } from '../format.ts';
import type { ColorBy } from '../state.ts';
import type { PolygonColors } from './cell-image.ts';
import type { Legend, LegendItem } from './coloring.ts';
import { type Scale, scaleTicks } from './ramp.ts';

/** What the page shows beside the map, and a saved picture in it. */
export interface Key {
  title: string;
  /** Colours of a ramp from left to right, with what is written below it. */
  ramp: { colors: readonly string[]; ticks: string[] } | null;
  items: { fill: string; line: string; label: string; whole: string; count: string }[];
  note: string;
}

/** @param factor - columns and rows of tiles in a block; 1: tiles */
export function tileKey(
  color: ColorBy,
  factor: number,
  scale: Scale,
  ramp: readonly string[],
  isEmpty: boolean,
): Key {
  const per = factor === 1 ? 'tile' : `block of ${factor} × ${factor} tiles`;
  const titles: Record<ColorBy, string> = {
    count: `Polygons per ${per}`,
    area: `Area of polygons per ${per}`,
    density: 'Polygons per km² of ground',
  };
  const text = color === 'area' ? area : color === 'count' ? wholeOrRounded : rounded;
  const isOne = scale.high <= scale.low;
  const colors = isOne ? [ramp[ramp.length >> 1]!, ramp[ramp.length >> 1]!] : ramp;
  return {
    title: titles[color] + (scale.isLog ? ', logarithmic' : ''),
    ramp: isEmpty ? null : { colors, ticks: scaleTicks(scale).map(text) },
    items: [],
    note: '',
  };
}

/** @param isShaded - whether some are too small to be drawn and counted */
export function polygonKey(
  title: string,
  legend: Legend,
  palette: readonly PolygonColors[],
  isShaded: boolean,
): Key {
  const isCounted = legend.items.some((item) => item.count > 0);
  const prefix = sharedPrefix(legend.items.filter(({ isText }) => isText));
  const shading = isCounted ? 'Shading is not counted.' : 'Shading: the largest of each spot.';
  return {
    title,
    ramp: null,
    items: legend.items.map((item) => ({
      fill: palette[item.color]!.fill,
      line: palette[item.color]!.line,
      label: item.isText && prefix > 0 ? `…${item.label.slice(prefix)}` : item.label,
      whole: item.label,
      count: isCounted ? count(item.count) : '',
    })),
    note: isShaded ? shading : '',
  };
}

/** Characters of a label that may be too many. */
const LONG = 24;
let shown = '';

export function showKey(key: Key): void {
  const text = JSON.stringify(key);
  if (text === shown) return;
  shown = text;
  const { title, ramp, items, note } = key;
  byId('key-title').textContent = title;
  const bar = byId('key-ramp');
  bar.hidden = ramp === null;
  if (ramp !== null) bar.style.background = `linear-gradient(to right, ${ramp.colors.join(', ')})`;
  const ticks = ramp?.ticks ?? [];
  byId('key-ticks').replaceChildren(...ticks.map((text) => make('span', {}, text)));
  byId('key-items').replaceChildren(
    ...items.map((item) => {
      const swatch = make('span', { class: 'swatch' });
      swatch.style.background = item.fill;
      swatch.style.borderColor = item.line;
      const name = make('span', { class: 'label', title: item.whole }, item.label);
      return make(
        'li',
        { class: 'key-item' },
        swatch,
        name,
        make('span', { class: 'count' }, item.count),
      );
    }),
  );
  byId('key-note').textContent = note;
  byId('key-note').hidden = note === '';
}

/** Length of what long texts begin with alike, up to a mark: names of files, mostly. */
function sharedPrefix(items: readonly LegendItem[]): number {
  const [first, ...others] = items.map(({ label }) => label);
  if (first === undefined || others.length === 0 || first.length < LONG) return 0;
  let end = 0;
  while (end < first.length && others.every((label) => label[end] === first[end])) end++;
  return Math.max(
    0,
    ...[...first.slice(0, end).matchAll(/[_/. -]/g)].map(({ index }) => index + 1),
  );
}

function wholeOrRounded(value: number): string {
  return count(Math.round(value));
}

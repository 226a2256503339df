/** What a link restores, and how it is written in the address after #. */

import { formatInputSet, parseInputSet } from '../shared/input-set.ts';

export const COLORS = ['count', 'area', 'density'] as const;
export type ColorBy = (typeof COLORS)[number];
export const TABS = ['tiles', 'polygons', 'inputs', 'run', 'report'] as const;
export type Tab = (typeof TABS)[number];
export const THEMES = ['auto', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

export const SPREADS = ['quantile', 'linear'] as const;
/** How numbers are cut into steps of a ramp: as many polygons in each, or of equal width. */
export type Spread = (typeof SPREADS)[number];
const SHAPES = ['own', 'true'] as const;
/** In the CRS as it is, or with longitudes shortened. */
export type Shape = (typeof SHAPES)[number];
export const LAYERS = ['land', 'graticule', 'duplicates'] as const;
export type LayerName = (typeof LAYERS)[number];

interface SelectedFeature {
  /** z/x/y of the tile that it is looked for in. */
  tile: string;
  fid: number;
  identifier: string;
}

export interface State {
  /** null: all tiles are shown. */
  view: { x: number; y: number; zoom: number } | null;
  color: ColorBy;
  /** Column that polygons are coloured by; empty: all have one colour. */
  by: string;
  spread: Spread;
  shape: Shape;
  /** What is not drawn. */
  hidden: readonly LayerName[];
  tab: Tab;
  theme: Theme;
  /** Whether each input counts; null: all. */
  inputs: boolean[] | null;
  tile: string | null;
  feature: SelectedFeature | null;
}

export const START: State = {
  view: null,
  color: 'count',
  by: '',
  spread: 'quantile',
  shape: 'own',
  hidden: [],
  tab: 'tiles',
  theme: 'auto',
  inputs: null,
  tile: null,
  feature: null,
};

/** Inputs that are written by name: then the link also holds when there are others besides. */
const MAX_NAMED = 20;
const TILE = /^-?\d+\/\d+\/\d+$/;

export function formatHash(state: State, names: readonly string[]): string {
  const { view, color, by, spread, shape, hidden, tab, theme, inputs, tile, feature } = state;
  const parts = new URLSearchParams();
  if (view !== null) {
    parts.set('at', [view.x, view.y].map((n) => Number(n.toPrecision(10))).join());
    parts.set('zoom', view.zoom.toFixed(2));
  }
  if (color !== START.color) parts.set('color', color);
  if (by !== START.by) parts.set('by', by);
  if (spread !== START.spread) parts.set('spread', spread);
  if (shape !== START.shape) parts.set('shape', shape);
  if (hidden.length > 0) parts.set('hide', hidden.join());
  if (tab !== START.tab) parts.set('tab', tab);
  if (theme !== START.theme) parts.set('theme', theme);
  if (tile !== null) parts.set('tile', tile);
  if (feature !== null) {
    parts.set('polygon', `${feature.tile}/${feature.fid}`);
    parts.set('id', feature.identifier);
  }
  if (inputs !== null) {
    const isIn = (i: number): boolean => inputs[i] ?? false;
    const chosen = names.filter((_, i) => isIn(i));
    const others = names.filter((_, i) => !isIn(i));
    if (chosen.length <= MAX_NAMED) {
      for (const name of chosen) parts.append('input', name);
      if (chosen.length === 0) parts.append('inputs', 'none');
    } else if (others.length <= MAX_NAMED) {
      for (const name of others) parts.append('not', name);
    } else parts.set('inputs', `${names.length}.${formatInputSet(inputs)}`);
  }
  return parts.toString().replaceAll('%2F', '/').replaceAll('%2C', ',');
}

/** What is not understood is passed over: a link may be old, or cut short. */
export function parseHash(hash: string, names: readonly string[]): State {
  const parts = new URLSearchParams(hash.replace(/^#/, ''));
  const one = <T extends string>(name: string, values: readonly T[], standard: T): T =>
    values.find((value) => value === parts.get(name)) ?? standard;
  const [x, y, ...more] = (parts.get('at') ?? '').split(',').map(Number);
  const zoom = Number(parts.get('zoom') ?? Number.NaN);
  const isPlace = parts.has('at') && more.length === 0;
  const tile = parts.get('tile');
  return {
    view: isPlace && [x, y, zoom].every(Number.isFinite) ? { x: x!, y: y!, zoom } : null,
    color: one('color', COLORS, START.color),
    by: parts.get('by') ?? START.by,
    spread: one('spread', SPREADS, START.spread),
    shape: one('shape', SHAPES, START.shape),
    hidden: LAYERS.filter((name) => parts.get('hide')?.split(',').includes(name)),
    tab: one('tab', TABS, START.tab),
    theme: one('theme', THEMES, START.theme),
    inputs: readInputs(parts, names),
    tile: tile !== null && TILE.test(tile) ? tile : null,
    feature: readFeature(parts),
  };
}

function readFeature(parts: URLSearchParams): SelectedFeature | null {
  const match = /^(-?\d+\/\d+\/\d+)\/(\d{1,10})$/.exec(parts.get('polygon') ?? '');
  if (match === null) return null;
  return { tile: match[1]!, fid: Number(match[2]), identifier: parts.get('id') ?? '' };
}

function readInputs(parts: URLSearchParams, names: readonly string[]): boolean[] | null {
  const coded = parts.get('inputs');
  if (coded === 'none') return names.map(() => false);
  if (coded !== null) {
    const [length, text = ''] = coded.split('.');
    return Number(length) === names.length ? (parseInputSet(text, names.length) ?? null) : null;
  }
  const chosen = new Set(parts.getAll('input'));
  const others = new Set(parts.getAll('not'));
  if (chosen.size === 0 && others.size === 0) return null;
  const inputs = names.map((name) => (chosen.size > 0 ? chosen.has(name) : !others.has(name)));
  // None of them is here any more.
  return inputs.includes(true) && inputs.includes(false) ? inputs : null;
}

/** What is on the map: the tiles, the polygons in view, and a sentence about them. */

import type { Box, FeatureDetails } from '../../shared/messages.ts';
import type { RunTile } from '../../shared/run-tiles-format.ts';
import * as api from '../api.ts';
import { byId } from '../dom.ts';
import { count, counted } from '../format.ts';
import type { Host } from '../host.ts';
import { boxOf, TileGrid } from '../panels/tile-grid.ts';
import type { PolygonPaint } from './cell-image.ts';
import { CellStore, polygonsInView } from './cell-store.ts';
import { type Key, polygonKey, showKey, tileKey } from './color-key.ts';
import { Coloring, Tally } from './coloring.ts';
import { Ground } from './ground/ground.ts';
import type { MapView } from './map-view.ts';

/** With no more tiles in view, colours of polygons are shown from narrower ones on. */
const FEW_TILES = 60;
/** Values of the label of duplicates, in the order of their colours. */
const LABELS = [
  ['no', 'stay'],
  ['yes', 'duplicates'],
] as const;
const LEAST_COLORED_PIXELS = 12;

export class MapContent {
  /** Called when other tiles are there. */
  onGrid: () => void = () => undefined;
  grid: TileGrid | null = null;
  /** What the colours stand for now. */
  key: Key | null = null;
  readonly #ground: Ground;
  #coloring = new Coloring();
  readonly #host: Host;
  readonly #map: MapView;
  readonly #store: CellStore;
  #request = new AbortController();
  #failures = 0;

  constructor(host: Host, map: MapView) {
    this.#host = host;
    this.#map = map;
    this.#store = new CellStore(host.info.matrix.spanX, () => {
      if (!this.#store.isLoading) this.#chooseColors();
      this.#map.repaint();
      this.#tell();
    });
    this.#ground = new Ground(host.info.crs.definition);
  }

  /** Level of the polygons in view; null where only tiles are shown. */
  get level(): number | null {
    if (this.grid === null || this.grid.grid.factor > 1) return null;
    const { resolution, bounds } = this.#map;
    const level = this.#store.levelFor(resolution);
    if (level !== null || this.#host.state.by === '') return level;
    const isFew = this.grid.in(bounds).length <= FEW_TILES;
    return isFew ? this.#store.levelFor(resolution, LEAST_COLORED_PIXELS) : null;
  }

  /** Shows everything anew: the folder or the choice of inputs has changed. */
  reset(): void {
    this.#forget();
    void this.#load(null);
  }

  /** Colours polygons by another column. */
  recolorBy(): void {
    this.#forget();
    this.recolor();
    this.#update();
  }

  #forget(): void {
    const { by } = this.#host.state;
    this.#store.clear(this.#host.inputs, by);
    const isLabel = by !== '' && by === this.#host.info.duplicates?.column;
    this.#coloring = new Coloring(isLabel ? LABELS : []);
    this.#failures = 0;
  }

  /** Takes the colours of the theme, of what tiles are coloured by, and of polygons in view. */
  recolor(): void {
    const { grid } = this;
    const { theme } = this.#map;
    if (grid === null || theme === null) return;
    const { color, tile } = this.#host.state;
    const { levels } = grid.levels(color);
    this.#map.scene = {
      cells: [],
      outline: [],
      ...this.#map.scene,
      grid,
      levels,
      store: this.#store,
      paint: null,
      ground: this.#ground,
      selectedTile: tile === null ? null : this.boxOf(tile),
    };
    this.#chooseColors();
    this.#map.repaint();
  }

  /** Gives polygons the colours that suit those in view, and says what they are. */
  #chooseColors(): void {
    const { scene, theme } = this.#map;
    if (scene === null || theme === null) return;
    const { by, spread } = this.#host.state;
    let paint: PolygonPaint | null = null;
    if (by !== '') {
      const coloring = this.#coloring;
      const { drawn, shaded } = this.#tally();
      coloring.choose(drawn, shaded, spread);
      const palette = coloring.legend.isRamp ? theme.steps : theme.classes;
      paint = {
        key: `${by} ${theme.ink} ${coloring.key}`,
        plain: theme.polygons,
        colorsOf: (cell) => coloring.colorsOf(cell),
        palette,
      };
    }
    this.#map.scene = { ...scene, paint };
    byId('spread').hidden = paint === null || !this.#coloring.legend.isRamp;
    this.#showKey();
  }

  /** Tiles have a key as long as they have colours. */
  #showKey(): void {
    const { grid } = this;
    const { theme, scene } = this.#map;
    if (grid === null || theme === null || scene === null) return;
    const { color, by } = this.#host.state;
    const { paint } = scene;
    if (paint === null || this.level === null) {
      const { scale } = grid.levels(color);
      this.key = tileKey(color, grid.grid.factor, scale, theme.ramp, grid.grid.count === 0);
      if (paint !== null) this.key.note = 'Polygons have their colours further in.';
    } else {
      const isShaded = scene.cells.some(({ key }) => (this.#store.get(key)?.cell.leftOut ?? 0) > 0);
      const { properties, duplicates } = this.#host.info;
      const names = {
        [properties['filename']!]: 'input',
        [duplicates?.column ?? '']: 'duplicates',
      };
      const title = `Polygons by ${names[by] ?? by}`;
      this.key = polygonKey(title, this.#coloring.legend, paint.palette, isShaded);
      if (this.key.items.length === 0) {
        this.key.note = this.#store.isLoading ? 'Reading…' : 'No polygons in view.';
      }
    }
    byId('color-by').hidden = paint !== null && this.level !== null;
    showKey(this.key);
  }

  /** What polygons in view have in the column that colours; copies count once. */
  #tally(): { drawn: Tally; shaded: Tally } {
    const [drawn, shaded] = [new Tally(), new Tally()];
    const seen = new Set<number>();
    const { bounds, scene } = this.#map;
    for (const { key, pixel } of scene?.cells ?? []) {
      const found = this.#store.get(key);
      if (found === undefined) continue;
      const { values, labels, ids, polygons } = found.cell;
      for (const p of polygonsInView(found, pixel, bounds)) {
        if (values.length === 0 || seen.has(ids[p]!)) continue;
        seen.add(ids[p]!);
        drawn.add(values[p]!, labels);
      }
      for (let k = polygons; k < values.length; k++) shaded.add(values[k]!, labels);
    }
    return { drawn, shaded };
  }

  /** Takes what is to be seen below the tiles, for the view as it is. */
  showGround(): void {
    this.#ground.update(this.#map.bounds, this.#host.state.hidden);
    this.#map.repaint();
  }

  /** The view has come to rest at another place. */
  moved(): void {
    this.showGround();
    const grid = this.grid?.grid;
    if (grid === undefined || (grid.factor === 1 && grid.complete)) this.#update();
    else {
      // A little more than is seen, so that a small move shows no gap.
      const [minX, minY, maxX, maxY] = this.#map.bounds;
      const [x, y] = [(maxX - minX) / 4, (maxY - minY) / 4];
      void this.#load([minX - x, minY - y, maxX + x, maxY + y]);
    }
  }

  select(tile: string | null): void {
    const { scene } = this.#map;
    if (scene === null) return;
    this.#map.scene = { ...scene, selectedTile: tile === null ? null : this.boxOf(tile) };
    this.#map.repaint();
  }

  outline(feature: FeatureDetails | null): void {
    const { scene } = this.#map;
    if (scene === null) return;
    this.#map.scene = { ...scene, outline: feature?.outline ?? [] };
    this.#map.repaint();
  }

  /** Bounds of a tile. @param name - z/x/y */
  boxOf(name: string): Box {
    const [, x = 0, y = 0] = name.split('/').map(Number);
    const { grid } = this;
    const c = grid?.grid.factor === 1 ? grid.find(x, y) : -1;
    return grid !== null && c >= 0 ? grid.box(c) : boxOf(this.#host.info, x, y, 1, 1);
  }

  /** @param view - null: all; a part is asked for where tiles are sent in blocks */
  async #load(view: Box | null): Promise<void> {
    this.#request.abort();
    this.#request = new AbortController();
    try {
      const grid = await api.grid(view, this.#host.inputs, this.#request.signal);
      this.grid = new TileGrid(grid, this.#host.info);
      this.recolor();
      this.#update();
      this.onGrid();
      if (performance.getEntriesByName('tiles-shown').length > 0) return;
      // In the next frame they have been painted.
      requestAnimationFrame(() => requestAnimationFrame(() => performance.mark('tiles-shown')));
    } catch (error) {
      this.#host.report(error);
    }
  }

  /** Tiles of a run that goes on; none when it has ended. */
  showRun(tiles: readonly RunTile[]): void {
    this.#map.runTiles = tiles;
    this.#map.repaint();
    this.#tell();
  }

  /** Wants the cells that are in view. */
  #update(): void {
    const { grid, level } = this;
    const { scene, bounds } = this.#map;
    if (grid === null || scene === null) return;
    const tiles = level === null ? [] : grid.in(bounds).map((c) => grid.place(c));
    const cells = level === null ? [] : this.#store.cellsIn(tiles, bounds, level);
    this.#map.scene = { ...scene, cells };
    this.#store.want(cells);
    if (!this.#store.isLoading) this.#chooseColors();
    this.#showKey();
    this.#map.repaint();
    this.#tell();
  }

  #tell(): void {
    const { grid } = this;
    if (grid === null) return;
    const { failed, isLoading } = this.#store;
    if (failed.size > this.#failures) {
      this.#host.report(new Error([...failed.values()].at(-1)));
    }
    this.#failures = failed.size;
    const empty = byId('empty');
    empty.hidden = grid.grid.count > 0 || this.#map.runTiles.length > 0;
    empty.textContent =
      this.#host.info.tiles === 0
        ? 'No tiles are staged in this folder now. They appear here as soon as a run has ended.'
        : 'The chosen inputs have no polygons here. Choose others in the tab Inputs.';
    const text = this.level === null ? this.#tilesInView(grid) : this.#polygonsInView();
    const status = byId('status');
    if (text !== null && status.textContent !== text) status.textContent = text;
    document.body.dataset['state'] = isLoading ? 'loading' : 'ready';
  }

  #tilesInView(grid: TileGrid): string {
    const n = grid.in(this.#map.bounds).length;
    const { factor } = grid.grid;
    if (grid.grid.count === 0) {
      return this.#map.runTiles.length > 0 ? 'Tiles of the run that goes on.' : 'No tiles.';
    }
    const tiles =
      factor === 1 ? counted(n, 'tile') : `${counted(n, 'block')} of ${factor} × ${factor} tiles`;
    return `${tiles} in view. Zoom in to see polygons.`;
  }

  /** null while some are still being read: what is said stays. */
  #polygonsInView(): string | null {
    if (this.#store.isLoading) return byId('status').textContent === '' ? 'Reading…' : null;
    const ids = new Set<number>();
    let leftOut = 0;
    const { bounds, scene } = this.#map;
    for (const { key, pixel } of scene?.cells ?? []) {
      const found = this.#store.get(key);
      if (found === undefined) continue;
      leftOut += found.cell.leftOut;
      for (const p of polygonsInView(found, pixel, bounds)) ids.add(found.cell.ids[p]!);
    }
    const drawn = `${counted(ids.size, 'polygon')} drawn`;
    if (leftOut === 0) return `${drawn}.`;
    return `${drawn}; about ${count(leftOut)} smaller ones are shown as shading.`;
  }
}

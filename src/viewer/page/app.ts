/** Holds the state of the page together: what the link says, the map shows and the tabs tell. */

import { formatInputSet } from '../shared/input-set.ts';
import type { Box, FeatureDetails, FeatureSummary, FolderInfo } from '../shared/messages.ts';
import * as api from './api.ts';
import { CellStore } from './cell-store.ts';
import { showKey } from './color-key.ts';
import { byId } from './dom.ts';
import { coordinate, count, counted, lonLat, shortId } from './format.ts';
import { InputFilter } from './input-filter.ts';
import { MapView } from './map-view.ts';
import { PolygonPanel } from './polygon-panel.ts';
import { makeScale, type Scale } from './ramp.ts';
import { showReport } from './report-panel.ts';
import { COLORS, formatHash, parseHash, type State, THEMES } from './state.ts';
import { TileTable } from './table.ts';
import { Tabs } from './tabs.ts';
import { applyTheme, onSystemChange } from './themes.ts';
import { tileCard } from './tile-card.ts';
import { boxOf, TileGrid } from './tile-grid.ts';

const POLL_MS = 4000;
/** Pixels around the pointer within which a polygon is hit that is smaller than that. */
const HIT_PIXELS = 4;
/** A polygon that is zoomed to fills this part of the map's width. */
const ZOOMED = 4;

export class App {
  #info: FolderInfo;
  #state: State;
  readonly #map: MapView;
  readonly #store: CellStore;
  readonly #tabs: Tabs;
  readonly #table: TileTable;
  readonly #filter: InputFilter;
  readonly #polygons: PolygonPanel;
  #grid: TileGrid | null = null;
  #scale: Scale = makeScale(new Float64Array(0));
  /** Polygons at the place that was clicked, and the one of them that is shown. */
  #among: { features: FeatureSummary[]; index: number } | null = null;
  #hasReport = false;
  #gridRequest = new AbortController();
  #tileRequest = new AbortController();
  #featureRequest = new AbortController();
  #clickRequest = new AbortController();
  #selected: FeatureDetails | null = null;

  constructor(info: FolderInfo) {
    this.#info = info;
    this.#state = parseHash(location.hash, this.#names);
    this.#map = new MapView(byId('map'), byId('scale'), info);
    this.#store = new CellStore(info.matrix.spanX, () => this.#onCells());
    this.#tabs = new Tabs((tab) => this.change({ tab }));
    this.#table = new TileTable(
      info.z,
      info.area > 1e5 * info.tiles,
      (tile) => {
        this.change({ tile, feature: null });
        this.#map.fit(this.#boxOfTile(tile));
      },
      (error) => this.#problem(error),
    );
    this.#filter = new InputFilter((inputs) => this.change({ inputs }));
    this.#polygons = new PolygonPanel(info.z, (feature) => {
      this.#among = null;
      this.#select(feature, true);
    });
  }

  async start(): Promise<void> {
    this.#map.onMoved = () => this.#onMoved();
    this.#map.onClick = (x, y) => void this.#click(x, y);
    this.#map.onPointer = (place) => this.#point(place);
    byId('zoom-in').addEventListener('click', () => this.#map.zoomBy(1));
    byId('zoom-out').addEventListener('click', () => this.#map.zoomBy(-1));
    byId('zoom-all').addEventListener('click', () => this.#map.showAll());
    for (const color of COLORS) {
      const radio = document.querySelector<HTMLInputElement>(`input[value="${color}"]`)!;
      radio.addEventListener('change', () => this.change({ color }));
    }
    const theme = byId<HTMLSelectElement>('theme');
    theme.addEventListener('change', () => {
      this.change({ theme: THEMES.find((name) => name === theme.value) ?? 'auto' });
    });
    onSystemChange(() => this.#applyTheme());
    byId('copy-link').addEventListener('click', () => void this.#copyLink());
    addEventListener('popstate', () => {
      this.#apply(parseHash(location.hash, this.#names), this.#state);
    });
    setInterval(() => void this.#poll(), POLL_MS);
    this.#describe();
    this.#apply(this.#state, null);
    await this.#poll();
  }

  /** Changes the state, and writes it into the address as a new step of the history. */
  change(part: Partial<State>): void {
    const before = this.#state;
    const state = { ...before, ...part };
    history.pushState(null, '', `#${formatHash(state, this.#names)}`);
    this.#apply(state, before);
  }

  get #names(): string[] {
    return this.#info.inputs.map(({ name }) => name);
  }

  /** The choice of inputs as the server takes it. */
  get #inputs(): string {
    return formatInputSet(this.#state.inputs);
  }

  /** Does what has changed. @param before - null: everything */
  #apply(state: State, before: State | null): void {
    this.#state = state;
    const isNew = <K extends keyof State>(key: K): boolean =>
      before === null || JSON.stringify(before[key]) !== JSON.stringify(state[key]);
    if (isNew('theme')) this.#applyTheme();
    if (isNew('tab')) this.#tabs.show(state.tab);
    if (isNew('view')) {
      if (state.view === null) this.#map.showAll(false);
      else this.#map.goTo(state.view);
    }
    if (isNew('inputs')) this.#applyInputs();
    if (isNew('color')) {
      document.querySelector<HTMLInputElement>(`input[value="${state.color}"]`)!.checked = true;
      this.#recolor();
    }
    if (isNew('tile')) void this.#applyTile();
    if (isNew('feature')) void this.#applyFeature();
    this.#showTab();
  }

  #applyTheme(): void {
    byId<HTMLSelectElement>('theme').value = this.#state.theme;
    this.#map.theme = applyTheme(this.#state.theme);
    this.#store.clearImages();
    this.#recolor();
  }

  #applyInputs(): void {
    const inputs = this.#inputs;
    this.#store.clear(inputs);
    this.#filter.show(this.#info.inputs, this.#state.inputs);
    void this.#loadGrid(null);
    void this.#table.show(inputs);
    if (this.#state.tile !== null) void this.#applyTile();
  }

  /** @param view - null: all; a part is asked for where tiles are sent in blocks */
  async #loadGrid(view: Box | null): Promise<void> {
    this.#gridRequest.abort();
    this.#gridRequest = new AbortController();
    try {
      const grid = await api.grid(view, this.#inputs, this.#gridRequest.signal);
      this.#grid = new TileGrid(grid, this.#info);
      this.#recolor();
      this.#update();
      if (!('shown' in document.body.dataset)) {
        document.body.dataset['shown'] = '';
        performance.mark('tiles-shown');
      }
    } catch (error) {
      this.#problem(error);
    }
  }

  #recolor(): void {
    const grid = this.#grid;
    if (grid === null || this.#map.theme === null) return;
    const { scale, levels } = grid.levels(this.#state.color);
    this.#scale = scale;
    const cells = this.#map.scene?.cells ?? [];
    this.#map.scene = { ...this.#emptyScene(grid), levels, cells };
    const { ramp } = this.#map.theme;
    showKey(this.#state.color, grid.grid.factor, this.#scale, ramp, grid.grid.count === 0);
    this.#map.repaint();
  }

  #emptyScene(grid: TileGrid) {
    const { tile } = this.#state;
    return {
      grid,
      store: this.#store,
      selectedTile: tile === null ? null : this.#boxOfTile(tile),
      outline: this.#selected?.outline ?? [],
      crosshair: () => this.#map.isFocused,
    };
  }

  #onMoved(): void {
    const view = this.#map.place;
    this.#state = { ...this.#state, view };
    history.replaceState(null, '', `#${formatHash(this.#state, this.#names)}`);
    const grid = this.#grid?.grid;
    if (grid !== undefined && (grid.factor > 1 || !grid.complete)) {
      // A little more than is seen, so that a small move shows no gap.
      const [minX, minY, maxX, maxY] = this.#map.bounds;
      const [x, y] = [(maxX - minX) / 4, (maxY - minY) / 4];
      void this.#loadGrid([minX - x, minY - y, maxX + x, maxY + y]);
    } else this.#update();
  }

  /** Wants the cells that are in view. */
  #update(): void {
    const grid = this.#grid;
    const { scene } = this.#map;
    if (grid === null || scene === null) return;
    const level = this.#level;
    const view = this.#map.bounds;
    const cells =
      level === null
        ? []
        : this.#store.cellsIn(
            grid.in(view).map((c) => grid.place(c)),
            view,
            level,
          );
    this.#store.want(cells);
    this.#map.scene = { ...scene, cells };
    this.#map.repaint();
    this.#tellStatus();
    this.#showTab();
  }

  /** Level of the polygons in view; null where only tiles are shown. */
  get #level(): number | null {
    const grid = this.#grid?.grid;
    if (grid === undefined || grid.factor > 1) return null;
    return this.#store.levelFor(this.#map.resolution);
  }

  #onCells(): void {
    this.#map.repaint();
    this.#tellStatus();
  }

  #tellStatus(): void {
    const { scene } = this.#map;
    const grid = this.#grid;
    if (scene === null || grid === null) return;
    const status = byId('status');
    const { count: tiles, factor } = grid.grid;
    byId('empty').hidden = tiles > 0;
    byId('empty').textContent =
      this.#info.tiles === 0
        ? 'No tiles are staged in this folder now. They appear here as soon as a run has ended.'
        : 'The chosen inputs have no polygons. Choose others in the tab Inputs.';
    const [failure] = this.#store.failed.values();
    if (failure !== undefined) this.#problem(new Error(failure));
    if (scene.cells.length === 0) {
      const inView = grid.in(this.#map.bounds).length;
      const what =
        factor === 1
          ? counted(inView, 'tile')
          : `${counted(inView, 'block')} of ${factor} × ${factor} tiles`;
      status.textContent = `${what} in view. Zoom in to see polygons.`;
    } else if (this.#store.isLoading) {
      if (status.textContent === '') status.textContent = 'Reading polygons…';
    } else {
      const ids = new Set<number>();
      let leftOut = 0;
      for (const { key } of scene.cells) {
        const cell = this.#store.get(key)?.cell;
        leftOut += cell?.leftOut ?? 0;
        for (const id of cell?.ids ?? []) ids.add(id);
      }
      const drawn = `${counted(ids.size, 'polygon')} drawn`;
      status.textContent =
        leftOut === 0
          ? `${drawn}.`
          : `${drawn}; about ${count(leftOut)} smaller ones are shown as shading.`;
    }
    document.body.dataset['state'] = this.#store.isLoading ? 'loading' : 'ready';
  }

  async #click(x: number, y: number): Promise<void> {
    const grid = this.#grid;
    const c = grid?.at(x, y) ?? -1;
    if (grid === null || c < 0) {
      this.change({ tile: null, feature: null });
      return;
    }
    if (grid.grid.factor > 1) {
      this.#map.fit(grid.box(c));
      return;
    }
    const tile = grid.name(c);
    if (this.#level !== null) {
      this.#clickRequest.abort();
      this.#clickRequest = new AbortController();
      const tolerance = HIT_PIXELS * this.#map.resolution;
      try {
        const { signal } = this.#clickRequest;
        const features = await api.at(tile, [x, y], tolerance, this.#inputs, signal);
        if (features.length > 0) {
          this.#among = { features, index: 0 };
          this.#select(features[0]!);
          return;
        }
      } catch (error) {
        this.#problem(error);
        return;
      }
    }
    this.change({ tile, feature: null, tab: 'tiles' });
  }

  #select({ x, y, fid, identifier, bounds }: FeatureSummary, isFromList = false): void {
    const tile = `${this.#info.z}/${x}/${y}`;
    this.change({ tile, feature: { tile, fid, identifier }, tab: 'polygons' });
    if (!isFromList) return;
    this.#focusNext = true;
    this.#map.fit(bounds, true, ZOOMED);
  }

  #focusNext = false;

  async #applyTile(): Promise<void> {
    const { tile } = this.#state;
    const { scene } = this.#map;
    if (scene !== null) {
      this.#map.scene = { ...scene, selectedTile: tile === null ? null : this.#boxOfTile(tile) };
      this.#map.repaint();
    }
    void this.#table.select(tile);
    this.#tileRequest.abort();
    this.#tileRequest = new AbortController();
    const card = byId('tile-card');
    if (tile === null) {
      card.replaceChildren();
      return;
    }
    try {
      const info = await api.tile(tile, this.#inputs, this.#tileRequest.signal);
      const zoomTo = (): void => this.#map.fit(info.bounds);
      const close = (): void => this.change({ tile: null, feature: null });
      card.replaceChildren(tileCard(tile, info, zoomTo, close));
    } catch (error) {
      card.replaceChildren();
      this.#problem(error);
    }
  }

  async #applyFeature(): Promise<void> {
    const { feature } = this.#state;
    this.#featureRequest.abort();
    this.#featureRequest = new AbortController();
    if (feature === null) {
      this.#selected = null;
      this.#setOutline();
      this.#polygons.showMessage('Select a polygon on the map, or in the list below.');
      return;
    }
    try {
      const { tile, fid, identifier } = feature;
      const id = identifier === '' ? undefined : identifier;
      this.#selected = await api.feature(tile, fid, id, this.#featureRequest.signal);
      this.#setOutline();
      this.#showFeature(this.#selected);
      byId('status').textContent = `Polygon ${shortId(this.#selected.identifier)} is selected.`;
    } catch (error) {
      if (api.isAbort(error)) return;
      this.#selected = null;
      this.#setOutline();
      this.#polygons.showMessage((error as Error).message);
    }
  }

  #setOutline(): void {
    const { scene } = this.#map;
    if (scene === null) return;
    this.#map.scene = { ...scene, outline: this.#selected?.outline ?? [] };
    this.#map.repaint();
  }

  #showFeature(feature: FeatureDetails): void {
    const among = this.#among;
    const [minX, minY, maxX, maxY] = feature.bounds;
    this.#polygons.showFeature(
      feature,
      {
        z: this.#info.z,
        step: Math.max(maxX - minX, maxY - minY) / 1000,
        lonLat: (x, y) => this.#map.lonLat(x, y),
        among: among === null ? null : { index: among.index, count: among.features.length },
      },
      {
        zoomTo: () => this.#map.fit(feature.bounds, true, ZOOMED),
        close: () => {
          this.change({ feature: null });
          byId('map').focus();
        },
        openCopy: ({ x, y, fid, bounds }) => {
          this.#among = null;
          const { identifier } = feature;
          this.#focusNext = true;
          const tile = `${this.#info.z}/${x}/${y}`;
          this.change({ tile, feature: { tile, fid, identifier } });
          this.#map.fit(bounds);
        },
        step: (by) => {
          if (among === null) return;
          const { length } = among.features;
          this.#among = { ...among, index: (among.index + by + length) % length };
          this.#focusNext = true;
          this.#select(among.features[this.#among.index]!);
        },
      },
    );
    if (this.#focusNext) this.#polygons.focusFeature();
    this.#focusNext = false;
  }

  #showTab(): void {
    const { tab } = this.#state;
    if (tab === 'report') showReport(this.#hasReport, this.#info.version);
    if (tab !== 'polygons' || this.#grid === null) return;
    const box = this.#level === null ? null : this.#map.bounds;
    void this.#polygons.list(box, this.#inputs, this.#info.version);
  }

  #boxOfTile(name: string): Box {
    const [, x = 0, y = 0] = name.split('/').map(Number);
    const c = this.#grid?.grid.factor === 1 ? this.#grid.find(x, y) : -1;
    return c >= 0 ? this.#grid!.box(c) : boxOf(this.#info, x, y, 1, 1);
  }

  #point(place: { x: number; y: number } | null): void {
    const pointer = byId('pointer');
    if (place === null) {
      pointer.textContent = '';
      return;
    }
    const { x, y } = place;
    const step = this.#map.resolution;
    const own = `${coordinate(x, step)}, ${coordinate(y, step)}`;
    const c = this.#grid?.grid.factor === 1 ? this.#grid.at(x, y) : -1;
    const tile = c < 0 ? '' : `${this.#grid!.name(c)} · `;
    const isGeographic = this.#info.crs.geographic;
    pointer.textContent = tile + (isGeographic ? lonLat([x, y]) : own);
    pointer.title = isGeographic ? own : lonLat(this.#map.lonLat(x, y));
  }

  #describe(): void {
    const { name, tiles, rows, z, tms, crs, inputs } = this.#info;
    document.title = `${name} – Tilewright`;
    byId('folder').textContent = name;
    byId('facts').textContent = [
      counted(tiles, 'tile'),
      counted(rows, 'row'),
      counted(inputs.length, 'input'),
      `z ${z} of ${tms}`,
      crs.name,
    ].join(' · ');
  }

  /** Asks whether something was staged meanwhile, and shows it. */
  async #poll(): Promise<void> {
    if (document.hidden) return;
    try {
      const { version, report } = await api.version();
      this.#hasReport = report;
      if (version !== this.#info.version) await this.#reload();
      else if (byId('problem').dataset['kind'] === 'away') byId('problem').hidden = true;
      this.#showTab();
    } catch (error) {
      const isAway = error instanceof TypeError;
      this.#problem(isAway ? new Error('The server does not answer. Is it still running?') : error);
      byId('problem').dataset['kind'] = isAway ? 'away' : '';
    }
  }

  async #reload(): Promise<void> {
    const hash = formatHash(this.#state, this.#names);
    this.#info = await api.folder();
    byId('problem').hidden = true;
    if (this.#info.problem !== null) this.#problem(new Error(this.#info.problem));
    this.#describe();
    this.#map.setAll(this.#info);
    // Inputs have other numbers now.
    this.#state = parseHash(hash, this.#names);
    this.#applyInputs();
    void this.#applyFeature();
    byId('status').textContent = 'The folder has changed, and was read again.';
  }

  async #copyLink(): Promise<void> {
    const copy = byId('copy-link');
    try {
      await navigator.clipboard.writeText(location.href);
      copy.textContent = 'Copied';
      byId('status').textContent = 'The link is copied.';
    } catch {
      // Without permission, or over plain HTTP from another machine.
      byId('status').textContent = 'The browser does not allow copying: take the address above.';
    }
    setTimeout(() => {
      copy.textContent = 'Copy link';
    }, 2000);
  }

  #problem(error: unknown): void {
    if (api.isAbort(error)) return;
    const problem = byId('problem');
    problem.textContent = (error as Error).message;
    problem.dataset['kind'] = '';
    problem.hidden = false;
  }
}

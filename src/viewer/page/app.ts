/** Holds the page together: the state, its link, and what has to follow when it changes. */

import { formatRowChoice } from '../shared/input-set.ts';
import type { FolderInfo } from '../shared/messages.ts';
import { runTilesOf } from '../shared/run-tiles-format.ts';
import * as api from './api.ts';
import { button, byId, make } from './dom.ts';
import { coordinate, counted, lonLat } from './format.ts';
import type { Host } from './host.ts';
import { MapContent } from './map/map-content.ts';
import { MapView } from './map/map-view.ts';
import { savePicture } from './map/picture.ts';
import { applyTheme, onSystemChange } from './map/themes.ts';
import { duplicatesText } from './panels/duplicates.ts';
import { InputFilter } from './panels/input-filter.ts';
import { MapOptions } from './panels/map-options.ts';
import { showReport } from './panels/report-panel.ts';
import { Tabs } from './panels/tabs.ts';
import { RunView } from './run/run-view.ts';
import { goesOn } from './run/run-words.ts';
import { Selection } from './selection.ts';
import { COLORS, formatHash, parseHash, START, type State, THEMES } from './state.ts';

const POLL_MS = 4000;
const AWAY = 'The server does not answer. Is it still running?';

export class App implements Host {
  info: FolderInfo;
  state: State;
  readonly #map: MapView;
  readonly #content: MapContent;
  readonly #selection: Selection;
  readonly #tabs: Tabs;
  readonly #filter: InputFilter;
  readonly #run: RunView;
  readonly #options: MapOptions;
  #hasReport = false;
  /** Whether the map shows what a run into an empty folder has come to, until it is moved by hand. */
  #isFollowing = false;

  constructor(info: FolderInfo) {
    this.info = info;
    this.state = parseHash(location.hash, this.#names);
    this.#map = new MapView(byId('map'), byId('scale'), info);
    this.#content = new MapContent(this, this.#map);
    this.#selection = new Selection(this, this.#map, this.#content);
    this.#tabs = new Tabs((tab) => this.change({ tab }));
    this.#filter = new InputFilter((inputs) => this.change({ inputs }));
    this.#run = new RunView(
      (tab) => this.change({ tab }),
      (error) => this.report(error),
    );
    this.#options = new MapOptions(this, () => void this.#savePicture());
  }

  get inputs(): string {
    return formatRowChoice(this.state.inputs, this.state.hidden.includes('duplicates'));
  }

  get #names(): string[] {
    return this.info.inputs.map(({ name }) => name);
  }

  start(): void {
    this.#map.onMoved = () => this.#moved();
    this.#map.onClick = (x, y) => void this.#selection.click(x, y);
    this.#map.onPointer = (place) => this.#point(place);
    this.#content.onGrid = () => this.#showTab();
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
    document.querySelector('.skip')!.addEventListener('click', (event) => {
      // What is after # is the state.
      event.preventDefault();
      byId('panel').focus();
    });
    byId('copy-link').addEventListener('click', () => void this.#copyLink());
    addEventListener('popstate', () => {
      this.#apply(parseHash(location.hash, this.#names), this.state);
    });
    this.#startRun();
    setInterval(() => void this.#poll(), POLL_MS);
    document.addEventListener('visibilitychange', () => void this.#poll());
    this.#describe();
    this.#apply(this.state, null);
    void this.#options.load();
    void this.#poll();
  }

  #startRun(): void {
    const { watch } = this.#run;
    const { tab, view } = this.state;
    let isFirst = tab === START.tab;
    this.#isFollowing = this.info.tiles === 0 && view === null;
    for (const kind of ['pointerdown', 'wheel', 'keydown']) {
      byId('map-area').addEventListener(kind, () => {
        this.#isFollowing = false;
      });
    }
    watch.onTiles = (tiles) => {
      this.#content.showRun(tiles === null ? [] : runTilesOf(tiles));
      const bounds = watch.run?.tiles?.bounds ?? null;
      if (!this.#isFollowing || bounds === null) return;
      this.#map.setAll({ ...this.info, bounds });
      this.#map.showAll(false);
    };
    // Who comes to a run that goes on wants to see it.
    this.#run.onRun = (run) => {
      if (isFirst && goesOn(run)) this.change({ tab: 'run' });
      isFirst = false;
    };
    this.#run.onEnd = () => void this.#poll();
  }

  change(part: Partial<State>): void {
    const before = this.state;
    const state = { ...before, ...part };
    const hash = `#${formatHash(state, this.#names)}`;
    if (hash !== location.hash) history.pushState(null, '', hash);
    this.#apply(state, before);
  }

  report(error: unknown): void {
    if (api.isAbort(error)) return;
    const problem = byId('problem');
    const close = button('×', () => this.#clearProblem(), 'Close this message');
    problem.replaceChildren(make('span', {}, (error as Error).message), close);
    problem.hidden = false;
  }

  #clearProblem(): void {
    byId('problem').hidden = true;
  }

  /** Does what has changed. @param before - null: everything */
  #apply(state: State, before: State | null): void {
    this.state = state;
    const isNew = <K extends keyof State>(key: K): boolean =>
      before === null || JSON.stringify(before[key]) !== JSON.stringify(state[key]);
    if (isNew('theme')) this.#applyTheme();
    if (isNew('tab')) this.#tabs.show(state.tab);
    if (isNew('shape')) this.#map.setShape(state.shape);
    if (isNew('view')) {
      if (state.view === null) this.#map.showAll(false);
      else this.#map.goTo(state.view);
    }
    if (isNew('color')) {
      document.querySelector<HTMLInputElement>(`input[value="${state.color}"]`)!.checked = true;
      this.#content.recolor();
    }
    this.#options.show(state);
    if (isNew('hidden') || isNew('shape')) this.#content.showGround();
    const hides = (some: State | null): boolean | undefined => some?.hidden.includes('duplicates');
    const areOthers = isNew('inputs') || hides(before) !== hides(state);
    if (areOthers) this.#applyInputs();
    else if (isNew('by')) this.#content.recolorBy();
    else if (isNew('spread')) this.#content.recolor();
    if (isNew('tile') || areOthers) void this.#selection.showTile();
    if (isNew('feature')) void this.#selection.showFeature();
    this.#showTab();
  }

  #applyTheme(): void {
    byId<HTMLSelectElement>('theme').value = this.state.theme;
    this.#map.theme = applyTheme(this.state.theme);
    this.#content.recolor();
  }

  #applyInputs(): void {
    this.#filter.show(this.info.inputs, this.state.inputs, this.info.duplicates);
    this.#content.reset();
    this.#selection.showTable();
  }

  #moved(): void {
    this.state = { ...this.state, view: this.#map.place };
    history.replaceState(null, '', `#${formatHash(this.state, this.#names)}`);
    this.#content.moved();
    this.#showTab();
  }

  #showTab(): void {
    const { tab } = this.state;
    if (tab === 'report') showReport(this.#hasReport, this.info.version);
    if (tab === 'polygons' && this.#content.grid !== null) this.#selection.list();
  }

  #point(place: { x: number; y: number } | null): void {
    const pointer = byId('pointer');
    if (place === null) {
      pointer.textContent = '';
      return;
    }
    const { x, y } = place;
    const { grid } = this.#content;
    const step = this.#map.resolution;
    const c = grid?.grid.factor === 1 ? grid.at(x, y) : -1;
    const tile = grid === null || c < 0 ? '' : `${grid.name(c)} · `;
    const position = this.info.crs.geographic
      ? lonLat([x, y])
      : `${coordinate(x, step)}, ${coordinate(y, step)} · ${lonLat(this.#map.lonLat(x, y))}`;
    pointer.textContent = tile + position;
  }

  #describe(): void {
    const { name, tiles, rows, z, tms, crs, inputs, duplicates } = this.info;
    document.title = `${name} – Tilewright`;
    document.body.toggleAttribute('data-empty', tiles === 0);
    byId('folder').textContent = name;
    byId('facts').textContent = [
      counted(tiles, 'tile'),
      counted(rows, 'row'),
      counted(inputs.length, 'input'),
      ...(duplicates === null ? [] : [duplicatesText(duplicates)]),
      `z ${z} of ${tms}`,
      crs.name,
    ].join(' · ');
  }

  /** Asks whether something was staged meanwhile, and shows it. */
  async #poll(): Promise<void> {
    if (document.hidden) return;
    try {
      const { version, report, run } = await api.version();
      if (byId('problem').textContent?.startsWith(AWAY)) this.#clearProblem();
      const isNew = report !== this.#hasReport;
      this.#hasReport = report;
      this.#run.hasReport = report;
      this.#run.watch.check(run);
      if (version !== this.info.version) await this.#reload();
      else if (isNew) this.#showTab();
    } catch (error) {
      this.report(error instanceof TypeError ? new Error(AWAY) : error);
    }
  }

  async #reload(): Promise<void> {
    const hash = formatHash(this.state, this.#names);
    const before = this.info;
    const info = await api.folder();
    if ('waiting' in info) return location.reload();
    this.info = info;
    const { tms, z, crs } = this.info;
    if (tms !== before.tms || z !== before.z || crs.name !== before.crs.name) {
      // Everything on the map has another place.
      location.reload();
      return;
    }
    this.#clearProblem();
    if (this.info.problem !== null) this.report(new Error(this.info.problem));
    this.#describe();
    void this.#options.load();
    this.#map.setAll(this.info);
    // Inputs may have other numbers now.
    this.state = parseHash(hash, this.#names);
    this.#applyInputs();
    void this.#selection.showTile();
    void this.#selection.showFeature();
    byId('news').textContent = 'The folder has changed, and was read again.';
  }

  async #savePicture(): Promise<void> {
    try {
      await savePicture(this.#map, this.#content.key, this.info, this.state);
    } catch (error) {
      this.report(error);
    }
  }

  async #copyLink(): Promise<void> {
    const copy = byId('copy-link');
    try {
      await navigator.clipboard.writeText(location.href);
      copy.textContent = 'Copied';
      byId('news').textContent = 'The link is copied.';
    } catch {
      // Without permission, or over plain HTTP from another machine.
      this.report(new Error('The browser does not allow copying: take the address of this page.'));
    }
    setTimeout(() => {
      copy.textContent = 'Copy link';
    }, 2000);
  }
}

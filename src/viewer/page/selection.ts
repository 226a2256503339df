/** The selected tile and polygon: on the map, in the table, in their cards. */

import type { FeatureDetails, FeatureSummary } from '../shared/messages.ts';
import * as api from './api.ts';
import { byId } from './dom.ts';
import { shortId } from './format.ts';
import type { Host } from './host.ts';
import type { MapContent } from './map/map-content.ts';
import type { MapView } from './map/map-view.ts';
import { PolygonPanel } from './panels/polygon-panel.ts';
import { TileTable } from './panels/table.ts';
import { tileCard } from './panels/tile-card.ts';

/** Pixels around the pointer within which a polygon is hit that is smaller than that. */
const HIT_PIXELS = 4;
/** A polygon that is zoomed to fills this part of the map's width. */
const ZOOMED = 4;

export class Selection {
  readonly #host: Host;
  readonly #map: MapView;
  readonly #content: MapContent;
  readonly #table: TileTable;
  readonly #polygons: PolygonPanel;
  /** Polygons at the place that was clicked, and the one of them that is shown. */
  #among: { features: FeatureSummary[]; index: number } | null = null;
  /** Whether who chose the polygon reads on in its card. */
  #isFocusWanted = false;
  #tileRequest = new AbortController();
  #featureRequest = new AbortController();
  #clickRequest = new AbortController();

  constructor(host: Host, map: MapView, content: MapContent) {
    this.#host = host;
    this.#map = map;
    this.#content = content;
    const { z, area, tiles } = host.info;
    this.#table = new TileTable(
      z,
      area > 1e5 * tiles,
      (tile) => {
        host.change({ tile, feature: null });
        map.fit(content.boxOf(tile));
      },
      (error) => host.report(error),
    );
    this.#polygons = new PolygonPanel(z, (feature) => {
      this.#among = null;
      this.#isFocusWanted = true;
      this.#select(feature);
      map.fit(feature.bounds, true, ZOOMED);
    });
  }

  /** The choice of inputs, or the folder, is another one. */
  showTable(): void {
    void this.#table.show(this.#host.inputs, this.#host.state.tile);
  }

  /** Lists the polygons that are in view. */
  list(): void {
    const box = this.#content.level === null ? null : this.#map.bounds;
    void this.#polygons.list(box, this.#host.inputs, this.#host.info.version);
  }

  /** Selects what is at a place: a polygon, if they are shown, or a tile. */
  async click(x: number, y: number): Promise<void> {
    const { grid, level } = this.#content;
    const c = grid?.at(x, y) ?? -1;
    if (grid === null || c < 0) {
      this.#host.change({ tile: null, feature: null });
      return;
    }
    if (grid.grid.factor > 1) {
      this.#map.fit(grid.box(c));
      return;
    }
    const tile = grid.name(c);
    const features = level === null ? [] : await this.#at(tile, x, y);
    if (features === null) return;
    if (features.length > 0) {
      this.#among = { features, index: 0 };
      this.#select(features[0]!);
    } else this.#host.change({ tile, feature: null, tab: 'tiles' });
  }

  /** null if the answer is not to be had, or not waited for. */
  async #at(tile: string, x: number, y: number): Promise<FeatureSummary[] | null> {
    this.#clickRequest.abort();
    this.#clickRequest = new AbortController();
    const { signal } = this.#clickRequest;
    const [perX, perY] = this.#map.resolutions;
    const tolerance = [HIT_PIXELS * perX, HIT_PIXELS * perY] as const;
    try {
      return await api.at(tile, [x, y], tolerance, this.#host.inputs, signal);
    } catch (error) {
      this.#host.report(error);
      return null;
    }
  }

  #select({ x, y, fid, identifier }: FeatureSummary): void {
    const tile = `${this.#host.info.z}/${x}/${y}`;
    this.#host.change({ tile, feature: { tile, fid, identifier }, tab: 'polygons' });
  }

  /** Shows the tile that the state names. */
  async showTile(): Promise<void> {
    const { tile } = this.#host.state;
    this.#content.select(tile);
    void this.#table.select(tile);
    this.#tileRequest.abort();
    this.#tileRequest = new AbortController();
    const card = byId('tile-card');
    if (tile === null) {
      card.replaceChildren();
      return;
    }
    try {
      const info = await api.tile(tile, this.#host.inputs, this.#tileRequest.signal);
      const zoomTo = (): void => this.#map.fit(info.bounds);
      const close = (): void => this.#host.change({ tile: null, feature: null });
      card.replaceChildren(tileCard(tile, info, zoomTo, close));
      this.#table.reveal();
      byId('news').textContent = `Tile ${tile} is selected.`;
    } catch (error) {
      card.replaceChildren();
      this.#host.report(error);
    }
  }

  /** Shows the polygon that the state names. */
  async showFeature(): Promise<void> {
    const { feature } = this.#host.state;
    this.#featureRequest.abort();
    this.#featureRequest = new AbortController();
    if (feature === null) {
      this.#content.outline(null);
      this.#polygons.showMessage('Select a polygon on the map, or in the list below.');
      return;
    }
    try {
      const { tile, fid, identifier } = feature;
      const id = identifier === '' ? undefined : identifier;
      const details = await api.feature(tile, fid, id, this.#featureRequest.signal);
      this.#content.outline(details);
      this.#showCard(details);
      byId('news').textContent = `Polygon ${shortId(details.identifier)} is selected.`;
    } catch (error) {
      if (api.isAbort(error)) return;
      this.#content.outline(null);
      this.#polygons.showMessage((error as Error).message);
    }
  }

  #showCard(feature: FeatureDetails): void {
    const among = this.#among;
    const [minX, minY, maxX, maxY] = feature.bounds;
    const context = {
      z: this.#host.info.z,
      step: Math.max(maxX - minX, maxY - minY) / 1000,
      lonLat: (x: number, y: number) => this.#map.lonLat(x, y),
      label: this.#host.info.duplicates?.column ?? null,
      among: among === null ? null : { index: among.index, count: among.features.length },
    };
    this.#polygons.showFeature(feature, context, {
      zoomTo: () => this.#map.fit(feature.bounds, true, ZOOMED),
      close: () => {
        this.#host.change({ feature: null });
        byId('map').focus();
      },
      openCopy: (copy) => {
        this.#among = null;
        this.#isFocusWanted = true;
        this.#select({ ...feature, ...copy });
        this.#map.fit(copy.bounds);
      },
      step: (by) => {
        if (among === null) return;
        const { length } = among.features;
        this.#among = { ...among, index: (among.index + by + length) % length };
        this.#isFocusWanted = true;
        this.#select(among.features[this.#among.index]!);
      },
    });
    if (this.#isFocusWanted) this.#polygons.focusFeature();
    this.#isFocusWanted = false;
  }
}

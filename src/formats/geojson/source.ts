/** GeoJSON (RFC 7946) as an input, also as a text sequence (RFC 8142) or on lines: one layer, named after the file. */

import { basename, extname } from 'node:path';
import { TilewrightError, toTilewrightError } from '../../core/errors.ts';
import type { FeatureBatch } from '../../geometry/batch.ts';
import type { Bounds } from '../../tms/tile-matrix.ts';
import { FileWindow } from '../file-window.ts';
import { HEAD_BYTES } from '../input-format.ts';
import { sampledExtents } from '../sampled-extent.ts';
import type { LayerInfo, OpenOptions, ReadOptions, Slice, VectorSource } from '../source.ts';
import { BoxSampler } from './box-sampler.ts';
import { asUtf8, JsonCursor, OPEN_BRACE } from './json-cursor.ts';
import { readFeatures } from './read-features.ts';
import { isGeoJson, wideEncodingOf } from './recognise.ts';
import { KnownPlaces } from './split-places.ts';
import { type GeoJsonLayer, surveyFile } from './survey.ts';

/** Positions are numbers of features in the file, from 1. */
export class GeoJsonSource implements VectorSource {
  readonly format = 'GeoJSON';
  readonly path: string;
  readonly #name: string;
  readonly #window: FileWindow;
  readonly #keepKeys: boolean;
  #layer: GeoJsonLayer | null = null;

  /** @throws TilewrightError input-missing, input-empty, input-format, input-unreadable */
  constructor(path: string, { keepPrimaryKey = false, known = [] }: OpenOptions = {}) {
    this.path = path;
    this.#name = basename(path, extname(path));
    this.#keepKeys = keepPrimaryKey;
    this.#window = new FileWindow(path, path);
    this.#layer =
      (known.find(({ name }) => name === this.#name) as GeoJsonLayer | undefined) ?? null;
    try {
      if (this.#layer === null) this.#checkHead();
    } catch (error) {
      this.close();
      throw error;
    }
  }

  layerNames(): string[] {
    return [this.#name];
  }

  layer(name: string): GeoJsonLayer {
    this.#checkLayer(name);
    this.#layer ??= surveyFile(this.#cursor(), name, this.#window.size, this.#keepKeys);
    return this.#layer;
  }

  layers(): LayerInfo[] {
    return [this.layer(this.#name)];
  }

  slices(name: string, targetBytes: number): Slice[] {
    const { featureCount: count, places, bytes } = this.layer(name);
    if (count === 0) return [];
    const known = new KnownPlaces(places);
    const shares = Math.min(count, Math.max(1, Math.ceil(bytes / Math.max(1, targetBytes))));
    const slices: Slice[] = [];
    let start = 1;
    for (let k = 1; k <= shares; k++) {
      const edge = known.recordAt((bytes * k) / shares, bytes, count, bytes / shares);
      const end = k === shares ? count + 1 : Math.max(start, edge);
      if (end > start) slices.push({ start, end });
      start = end;
    }
    return slices;
  }

  extents(name: string, slices: readonly Slice[], most?: number): (Bounds | null)[] {
    const sampler = new BoxSampler(this.#window, this.layer(name));
    return sampledExtents(slices, null, sampler.boxNear, most);
  }

  *read(
    name: string,
    slice: Slice,
    batch: FeatureBatch,
    options: ReadOptions,
  ): Iterable<FeatureBatch> {
    const layer = this.layer(name);
    try {
      yield* readFeatures(this.#cursor(), layer, slice, batch, options);
    } catch (error) {
      throw toTilewrightError(error, { input: this.path });
    }
  }

  close(): void {
    this.#window.close();
  }

  #cursor(): JsonCursor {
    return new JsonCursor(this.#window, this.path);
  }

  #checkHead(): void {
    const { path } = this;
    const { size } = this.#window;
    const head = new Uint8Array(Math.min(size, HEAD_BYTES));
    this.#window.copy(0, head.length, head, 0);
    const details = { input: path };
    if (size === 0) throw new TilewrightError('input-empty', `${path} is empty`, details);
    const wide = wideEncodingOf(head);
    if (wide !== null) {
      const how = `GeoJSON has to be UTF-8. To make it that: ${asUtf8(wide, path)}`;
      throw new TilewrightError('input-encoding', `${path} is ${wide}, and ${how}`, details);
    }
    if (isGeoJson(head)) return;
    const cursor = this.#cursor();
    cursor.seek(0);
    if (cursor.separators() === OPEN_BRACE || cursor.at >= cursor.end) return;
    throw new TilewrightError(
      'input-format',
      `${path} is no GeoJSON, which begins with "{"`,
      details,
    );
  }

  #checkLayer(name: string): void {
    if (name === this.#name) return;
    throw new TilewrightError(
      'input-layer',
      `${this.path} has no layer "${name}"; the one layer of GeoJSON has the file's name: "${this.#name}"`,
      { input: this.path },
    );
  }
}

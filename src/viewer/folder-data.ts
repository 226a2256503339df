/**
 * What is asked of a folder, answered by threads: one that holds the index, some that read tiles.
 * Every method that takes a tile gives null where the journal has no such tile.
 */

import { realpathSync } from 'node:fs';
import type { Crs } from '../crs/resolve.ts';
import type { Bounds } from '../tms/tile-matrix.ts';
import type { IndexMethods } from './index-thread.ts';
import type { ReadMethods } from './read-thread.ts';
import { pixelSize } from './shared/cell-format.ts';
import type {
  FeatureDetails,
  FeatureList,
  FeatureSummary,
  FolderInfo,
  TablePage,
  TileInfo,
} from './shared/messages.ts';
import type { TableQuery } from './table.ts';
import { ThreadPool } from './thread-pool.ts';

/** A tile's features are listed, and copies looked for, in this many tiles at the most. */
const MAX_LIST_TILES = 64;
const MAX_COPY_TILES = 256;
const READERS = 2;

/** A tile and the inputs that count: see shared/input-set.ts. */
export interface TileKey {
  z: number;
  x: number;
  y: number;
  inputs: string;
}

export class FolderData {
  /** Real path of the folder. */
  readonly root: string;
  readonly #index: ThreadPool<IndexMethods>;
  readonly #readers: ThreadPool<ReadMethods>;

  /** @param folder - is there */
  constructor(folder: string) {
    this.root = realpathSync(folder);
    this.#index = new ThreadPool<IndexMethods>('index-thread', 1, { folder: this.root });
    this.#readers = new ThreadPool<ReadMethods>('read-thread', READERS, { root: this.root });
  }

  async close(): Promise<void> {
    await Promise.all([this.#index.close(), this.#readers.close()]);
  }

  /** Grows when the journal has changed. @throws TilewrightError staged-folder */
  version(): Promise<number> {
    return this.#index.run('version', []);
  }

  async describe(): Promise<FolderInfo> {
    await this.version();
    return this.#index.run('describe', []);
  }

  grid(view: Bounds | null, inputs: string): Promise<Uint8Array<ArrayBuffer>> {
    return this.#index.run('grid', [view, inputs]);
  }

  table(query: TableQuery, inputs: string): Promise<TablePage> {
    return this.#index.run('table', [query, inputs]);
  }

  tile({ z, x, y, inputs }: TileKey): Promise<TileInfo | null> {
    return this.#index.run('tile', [z, x, y, inputs]);
  }

  async cell(
    { z, x, y, inputs }: TileKey,
    cell: { level: number; i: number; j: number },
    signal: AbortSignal,
  ): Promise<Uint8Array<ArrayBuffer> | null> {
    const found = await this.#index.run('tileRef', [z, x, y, inputs]);
    if (found === null) return null;
    const { level, i, j } = cell;
    const request = { pixel: pixelSize(found.spanX, level), i, j };
    return this.#readers.run('cell', [found.ref, request], signal);
  }

  async at(
    { z, x, y, inputs }: TileKey,
    [atX, atY]: [number, number],
    tolerance: number,
    signal: AbortSignal,
  ): Promise<FeatureSummary[] | null> {
    const found = await this.#index.run('tileRef', [z, x, y, inputs]);
    if (found === null) return null;
    return this.#readers.run('at', [found.ref, atX, atY, tolerance], signal);
  }

  async list(
    box: Bounds,
    inputs: string,
    limit: number,
    signal: AbortSignal,
  ): Promise<FeatureList> {
    const { refs, more } = await this.#index.run('tileRefs', [box, inputs, MAX_LIST_TILES]);
    if (more) return { features: [], total: 0, tooMany: true };
    const list = await this.#readers.run('list', [refs, box, limit], signal);
    return { ...list, tooMany: false };
  }

  /** @param identifier - looked for if the row with the key has another one; null: any */
  async feature(
    { z, x, y }: TileKey,
    key: number,
    identifier: string | null,
    signal: AbortSignal,
  ): Promise<FeatureDetails | null> {
    // Whatever inputs are chosen: the feature is named.
    const found = await this.#index.run('tileRef', [z, x, y, '']);
    if (found === null) return null;
    const crs: Crs = await this.#index.run('crs', []);
    const details = await this.#readers.run('feature', [found.ref, key, identifier, crs], signal);
    const around = await this.#index.run('tileRefs', [details.bounds, '', MAX_COPY_TILES]);
    const others = around.refs.filter((ref) => ref.x !== x || ref.y !== y);
    const copies = await this.#readers.run(
      'copies',
      [others, details.bounds, details.identifier],
      signal,
    );
    return { ...details, copies, moreCopies: around.more };
  }
}

/**
 * What is asked of a folder, answered by threads: one that holds the index, some that read tiles.
 * Every method that takes a tile gives null where the journal has no such tile.
 */

import { realpathSync } from 'node:fs';
import { TilewrightError, toTilewrightError } from '../../core/errors.ts';
import type { Crs } from '../../crs/resolve.ts';
import type { Bounds } from '../../tms/tile-matrix.ts';
import { pixelSize } from '../shared/cell-format.ts';
import type {
  ColumnInfo,
  FeatureDetails,
  FeatureList,
  FeatureSummary,
  FolderInfo,
  TablePage,
  TileInfo,
} from '../shared/messages.ts';
import { ThreadPool } from '../threads/thread-pool.ts';
import type { IndexMethods } from './index-thread.ts';
import type { ReadMethods } from './read-thread.ts';
import type { TableQuery } from './table.ts';
import type { TileRef } from './tile-ref.ts';

/** A tile's features are listed, and copies looked for, in this many tiles at the most. */
const MAX_LIST_TILES = 64;
const MAX_COPY_TILES = 256;
const MAX_COLUMN_TILES = 12;
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
    const beside = (name: string): URL => new URL(name, import.meta.url);
    const { root } = this;
    this.#index = new ThreadPool<IndexMethods>(beside('./index-thread'), 1, { folder: root });
    this.#readers = new ThreadPool<ReadMethods>(beside('./read-thread'), READERS, { root });
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

  /** The columns by which polygons can be coloured: those of some tiles from all over the folder. */
  async columns(signal: AbortSignal): Promise<ColumnInfo[]> {
    const refs = await this.#index.run('someTiles', [MAX_COLUMN_TILES]);
    return this.#readers.run('columns', [refs], signal);
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
    tile: TileKey,
    cell: { level: number; i: number; j: number; by: string | null },
    signal: AbortSignal,
  ): Promise<Uint8Array<ArrayBuffer> | null> {
    return this.#read(tile, ({ ref, spanX }) => {
      const { level, ...place } = cell;
      const request = { pixel: pixelSize(spanX, level), ...place };
      return this.#readers.run('cell', [ref, request], signal);
    });
  }

  async at(
    tile: TileKey,
    [atX, atY]: [number, number],
    tolerance: [number, number],
    signal: AbortSignal,
  ): Promise<FeatureSummary[] | null> {
    return this.#read(tile, ({ ref }) =>
      this.#readers.run('at', [ref, [atX, atY], tolerance], signal),
    );
  }

  async list(
    box: Bounds,
    inputs: string,
    limit: number,
    signal: AbortSignal,
  ): Promise<FeatureList> {
    const { refs, more } = await this.#index.run('tileRefs', [box, inputs, MAX_LIST_TILES]);
    if (more) return { features: [], total: 0, tooMany: true, gone: 0 };
    const list = await this.#readers.run('list', [refs, box, limit], signal);
    return { ...list, tooMany: false };
  }

  /** @param identifier - looked for if the row with the key has another one; null: any */
  async feature(
    tile: TileKey,
    key: number,
    identifier: string | null,
    signal: AbortSignal,
  ): Promise<FeatureDetails | null> {
    // Whatever inputs are chosen: the feature is named.
    const crs: Crs = await this.#index.run('crs', []);
    const details = await this.#read({ ...tile, inputs: '' }, ({ ref }) =>
      this.#readers.run('feature', [ref, key, identifier, crs], signal),
    );
    if (details === null) return null;
    const { x, y } = tile;
    const around = await this.#index.run('tileRefs', [details.bounds, '', MAX_COPY_TILES]);
    const others = around.refs.filter((ref) => ref.x !== x || ref.y !== y);
    const copies = await this.#readers.run(
      'copies',
      [others, details.bounds, details.identifier],
      signal,
    );
    return { ...details, copies, moreCopies: around.more };
  }

  /**
   * Reads from a tile. If its file is not as the journal has said, a run may have removed it or
   * written it anew: then by what the journal says now.
   */
  async #read<T>(
    { z, x, y, inputs }: TileKey,
    read: (found: { ref: TileRef; spanX: number }) => Promise<T>,
  ): Promise<T | null> {
    for (let attempt = 1; ; attempt++) {
      const found = await this.#index.run('tileRef', [z, x, y, inputs]);
      if (found === null) return null;
      try {
        return await read(found);
      } catch (error) {
        const { code } = toTilewrightError(error);
        if (code !== 'input-missing' && code !== 'staged-folder') throw error;
        if (attempt === 1) await this.version();
        else if (code === 'input-missing' || !(await this.#index.run('isRunning', []))) throw error;
        else throw beingWritten();
      }
    }
  }
}

function beingWritten(): TilewrightError {
  return new TilewrightError(
    'interrupted',
    'A run is writing this tile anew: it can be seen when the run has ended',
  );
}

/** Which files a stager reads and writes, and which tile is in which file. */

import { existsSync, globSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import { TilewrightError } from '../core/errors.ts';
import { getTileMatrixSet } from '../tms/registry.ts';
import type { Bounds, Tile } from '../tms/tile-matrix.ts';
import type { TileMatrixSet } from '../tms/tile-matrix-set.ts';
import { formatTilePath, parseTilePath } from '../tms/tile-path.ts';
import type { Config } from './configuration/config.ts';
import { fileOf } from './folder/tile-place.ts';
import { findInputs } from './inputs/inputs.ts';

/** Finds inputs and staged tiles, and knows which path, tile and bounds belong together. */
export class TilePathManager {
  readonly #config: Config;
  #tms: TileMatrixSet | undefined;

  constructor(config: Config) {
    this.#config = config;
  }

  get tms(): TileMatrixSet {
    this.#tms ??= getTileMatrixSet(this.#config.values.tmsId);
    return this.#tms;
  }

  /**
   * Files of the input folder or of the staged folder, in ascending order.
   * @param z - only tiles of this z; for `staged` only
   */
  getFilenamesFromDir(base: 'input' | 'staged', options: { z?: number } = {}): string[] {
    const { dirInput, dirStaged, extStaged, pack } = this.#config.values;
    if (base === 'input') {
      if (dirInput === null) {
        throw new TilewrightError(
          'config-invalid',
          'dirInput is not set: there is no input folder',
        );
      }
      const found = findInputs([dirInput], { extensions: this.#config.extensions });
      return found.inputs.map((input) => input.path);
    }
    if (!existsSync(dirStaged)) return [];
    return globSync(`**/*${extStaged}`, { cwd: dirStaged })
      .map((path) => join(dirStaged, path))
      .filter((path) => {
        const tile = this.tileFromPath(path);
        return tile !== null && (options.z === undefined || tile.z === options.z - (pack ?? 0));
      })
      .sort();
  }

  /** Path, in the staged folder, of the file that a tile is in: its own, or its pack. */
  pathFromTile(tile: Tile): string {
    const { dirStaged, style, tilePathStructure, extStaged, pack } = this.#config.values;
    const file = fileOf({ z: tile.z, pack: pack ?? 0 }, tile.x, tile.y);
    const parts = { style, tms: this.tms.id, ...file };
    return join(dirStaged, formatTilePath(parts, tilePathStructure, extStaged));
  }

  /**
   * The tile that a file of the staged folder holds; null for any other file. Of a pack the tile that its
   * own are below.
   */
  tileFromPath(path: string): Tile | null {
    const { dirStaged, style, tilePathStructure, extStaged } = this.#config.values;
    const below = relative(resolve(dirStaged), resolve(path)).split(sep).join('/');
    const parts = parseTilePath(below, tilePathStructure, extStaged);
    if (parts === null || parts.tms !== this.tms.id || parts.style !== style) return null;
    return { z: parts.z, x: parts.x, y: parts.y };
  }

  /** [minX, minY, maxX, maxY] of a tile, in the CRS of the TileMatrixSet. */
  boundsOfTile(tile: Tile): Bounds {
    return this.tms.matrix(tile.z).bounds(tile.x, tile.y);
  }
}

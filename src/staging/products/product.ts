/**
 * Products: what steps derive from staged tiles (a label, a raster, another format), a file for each
 * tile. A product is declared by an object; what it is made by is a function that workers find by its
 * name, as tasks are found.
 */

import { TilewrightError } from '../../core/errors.ts';
import type { StagedFile } from '../../formats/staged-format.ts';
import type { Tile } from '../../tms/tile-matrix.ts';
import type { TileMatrixSet } from '../../tms/tile-matrix-set.ts';
import { formatTilePath } from '../../tms/tile-path.ts';
import { TAKEN_NAMES } from '../folder/journal/journal-products.ts';
import type { FolderSettings } from '../folder/journal/journal-rows.ts';
import { isProductExtension, isProductName } from '../folder/product-names.ts';

export interface Product {
  /** Of its folder in the staged folder, and in messages: small letters, digits and -. */
  name: string;
  /** Of what it makes, from 1: with another one all is made again. */
  version: number;
  /** Of its files, with its dot. */
  extension: string;
  /** Whether it is made of the tiles around too: those of its z that share an edge or a corner. */
  neighbours?: boolean;
  /**
   * The z down to which each parent of a tile has one too, made of those of its children. Left out:
   * only staged tiles have one.
   */
  downTo?: number;
  /** Name of a `MakeProduct` that a registered module exports: `module.export`. */
  make: string;
}

/**
 * Writes the product of one tile to `target`. What it writes must follow from its argument alone: it
 * may be called twice, even twice at once. What it throws fails this tile's product, and no other.
 */
export type MakeProduct = (source: ProductSource) => void | Promise<void>;

export interface ProductSource {
  tile: Tile;
  tms: TileMatrixSet;
  /** Of a staged tile: itself, and those around it if the product has `neighbours`; by row and column. */
  tiles: SourceTile[];
  /** Of a parent: the products of its children, by row and column. */
  children: { tile: Tile; path: string }[];
  /** Path of the file to write; beside it there is room for more files, which are removed. */
  target: string;
}

export interface SourceTile {
  tile: Tile;
  path: string;
  /** Opens it for reading its rows; whoever calls closes it. */
  open: () => StagedFile;
}

/** What else than the tiles its files depend on: with another key all is made again. */
export function productKey({ name, version, extension, neighbours, downTo }: Product): string {
  return JSON.stringify([name, version, extension, neighbours === true, downTo ?? null]);
}

/** Path of a tile's product below the staged folder, with '/'. */
export function productPath(
  { name, extension }: Pick<Product, 'name' | 'extension'>,
  { style, tms, tilePathStructure }: FolderSettings,
  tile: Tile,
): string {
  return `${name}/${formatTilePath({ style, tms, ...tile }, tilePathStructure, extension)}`;
}

/** @throws TilewrightError config-invalid */
export function checkProducts(
  products: readonly Product[],
  settings: FolderSettings,
  tms: TileMatrixSet,
): void {
  const { style, tilePathStructure } = settings;
  const first = (
    tilePathStructure[0] === 'style' && style !== '' ? style : settings.tms
  ).toLowerCase();
  const names = new Set<string>();
  for (const { name, version, extension, downTo } of products) {
    const wrong = (what: string): TilewrightError =>
      new TilewrightError('config-invalid', `The product ${JSON.stringify(name)} ${what}`);
    if (!isProductName(name)) throw wrong("can't be the name of a folder: take a–z, 0–9 and -");
    if (TAKEN_NAMES.includes(name)) throw wrong('has a name that is taken');
    if (name === first) throw wrong('has the name of the folder that the tiles are in');
    if (names.has(name)) throw wrong('is declared twice');
    names.add(name);
    if (!Number.isSafeInteger(version) || version < 1) throw wrong(`has the version ${version}`);
    if (!isProductExtension(extension))
      throw wrong(`has the extension ${JSON.stringify(extension)}`);
    if (downTo === undefined) continue;
    if (downTo > settings.z)
      throw wrong(`goes down to z ${downTo}, and the tiles have z ${settings.z}`);
    tms.matrix(downTo);
  }
}

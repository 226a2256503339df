/** What is to be done for a product: which files are made, kept and removed. */

import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import type { TileMatrixSet } from '../../tms/tile-matrix-set.ts';
import type { FolderSettings, Journal } from '../folder/journal/journal.ts';
import type { KnownProduct, ProductRow } from '../folder/journal/journal-products.ts';
import { type Product, productKey, productPath } from './product.ts';
import { type Level, productStates, type Stated } from './states.ts';

/** Files that are looked at before it is said that there is nothing to do. */
const LOOKED_AT = 1_000;

export interface ProductPlan {
  product: Product;
  /** As the journal has it; null if it is new. */
  known: KnownProduct | null;
  /** Those to be made, by level, from the z of the tiles on; and whether a file in its place is ours. */
  levels: (Stated & { isOurs: boolean })[][];
  /** Files that stay as they are, by `z/x/y`. */
  kept: Map<string, ProductRow>;
  /** Paths below the folder of files to be removed, with their rows. */
  gone: { path: string; row: ProductRow }[];
}

export interface ProductPlace {
  folder: string;
  settings: FolderSettings;
  products: readonly Product[];
}

/** Whether all products are those of the tiles, as the journal says and the first files confirm. */
export function areCurrent(
  journal: Journal,
  { folder, settings, products }: ProductPlace,
): boolean {
  if (products.length === 0) return true;
  if (journal.products.current() !== productsKey(products)) return false;
  return products.every((product) => {
    const known = journal.products.find(product.name);
    if (known === null) return true;
    const rows = journal.products.rows(known, LOOKED_AT);
    return rows.every((row) => isThere(folder, productPath(product, settings, row), row));
  });
}

export function productsKey(products: readonly Product[]): string {
  return JSON.stringify(products.map(productKey).sort());
}

/** @param tiles - of `tileStates` */
export function planProduct(
  product: Product,
  tiles: Level,
  tms: TileMatrixSet,
  journal: Journal,
  { folder, settings }: ProductPlace,
): ProductPlan {
  const known = journal.products.find(product.name);
  const rows = new Map<string, ProductRow>();
  if (known !== null) for (const row of journal.products.rows(known)) rows.set(nameOf(row), row);
  const isOther = known !== null && known.extension !== product.extension;
  const plan: ProductPlan = { product, known, levels: [], kept: new Map(), gone: [] };
  for (const level of productStates(product, tiles, tms)) {
    const outdated: ProductPlan['levels'][number] = [];
    for (const wanted of level.values()) {
      const name = nameOf(wanted);
      const row = isOther ? undefined : rows.get(name);
      if (row !== undefined) rows.delete(name);
      const isCurrent =
        row?.state === wanted.state && isThere(folder, productPath(product, settings, wanted), row);
      if (isCurrent) plan.kept.set(name, row);
      else outdated.push({ ...wanted, isOurs: row !== undefined });
    }
    plan.levels.push(outdated);
  }
  for (const row of rows.values())
    plan.gone.push({ path: productPath(known!, settings, row), row });
  return plan;
}

export function countOutdated({ levels }: ProductPlan): number {
  return levels.reduce((sum, level) => sum + level.length, 0);
}

/** A tile as `z/x/y`. */
export function nameOf({ z, x, y }: { z: number; x: number; y: number }): string {
  return `${z}/${x}/${y}`;
}

function isThere(folder: string, below: string, { size }: ProductRow): boolean {
  const there = lstatSync(join(folder, below), { throwIfNoEntry: false });
  return there?.isFile() === true && there.size === size;
}

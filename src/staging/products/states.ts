/**
 * States: hashes of all that tiles and their products are made of. A product is current as long as
 * the state that its file was made of is the one that its tile has now.
 */

import { createHash } from 'node:crypto';
import type { Tile } from '../../tms/tile-matrix.ts';
import type { TileMatrixSet } from '../../tms/tile-matrix-set.ts';
import { tileKey } from '../../tms/tile-path.ts';
import type { Journal, StagedInput } from '../folder/journal/journal.ts';
import { isLabelledFolder } from '../folder/settings.ts';
import { type Product, productKey } from './product.ts';

/** A staged tile, or a product that its tile is to have. */
export interface Stated extends Tile {
  state: string;
  /** How much there is to do for it, in rows. */
  weight: number;
}

/** By `x/y`. */
export type Level = Map<string, Stated>;

/** A product that a parent is to have, with the children whose products it is made of. */
export interface StatedParent extends Stated {
  children: Stated[];
}

/** In rows: opening and writing files takes time too. */
const FILE_WEIGHT = 1_000;

/**
 * The staged tiles as the journal has them. What a tile's bytes follow from is in its state: that of its
 * rows, and which of them are duplicates.
 */
export function tileStates(journal: Journal): Level {
  const tiles = rowStates(journal);
  const settings = journal.settings();
  if (settings?.deduplication === undefined) return tiles;
  if (isLabelledFolder(settings)) {
    for (const tile of tiles.values()) tile.state = hash('labelled', tile.state);
  }
  for (const { x, y, key } of journal.judging.tiles()) {
    const tile = tiles.get(tileKey(x, y));
    if (tile !== undefined) tile.state = hash(tile.state, key);
  }
  if (settings.deduplication.duplicates === 'remove') takeGone(tiles, journal);
  return tiles;
}

/** A tile of which every row is left out is not there. */
function takeGone(tiles: Level, journal: Journal): void {
  for (const { x, y, rows } of journal.judging.gone()) {
    const at = tileKey(x, y);
    const tile = tiles.get(at);
    if (tile === undefined) continue;
    tile.weight -= rows;
    if (tile.weight === FILE_WEIGHT) tiles.delete(at);
  }
}

/**
 * States of all rows of the tiles: of the folder's settings, and of each input in them what it was read
 * from and as what, when, and its rows.
 */
export function rowStates(journal: Journal): Level {
  const held = journal.settings();
  if (held === null) return new Map();
  const { deduplication: _, ...settings } = held;
  const ids = new Map([...journal.inputNames()].map(([id, name]) => [name, id]));
  const inputs = new Map(journal.inputs().map((input) => [ids.get(input.name)!, stateOf(input)]));
  const common = hash(JSON.stringify(settings));
  const { z } = settings;
  const tiles: Level = new Map();
  let parts: string[] = [];
  let last: Stated | undefined;
  const end = (): void => {
    // Ids are given anew when an input is staged anew, so their order says nothing.
    if (last !== undefined) last.state = hash(common, ...parts.sort());
    parts = [];
  };
  for (const [x, y, input, rows, area] of journal.tileEntries()) {
    if (last === undefined || last.x !== x || last.y !== y) {
      end();
      last = { z, x, y, state: '', weight: FILE_WEIGHT };
      tiles.set(tileKey(x, y), last);
    }
    parts.push(`${inputs.get(input)} ${rows} ${area}`);
    last.weight += rows;
  }
  end();
  return tiles;
}

/**
 * With the moment at which it was staged: another version of this program may make other rows of the
 * same file.
 */
function stateOf(input: StagedInput): string {
  const { name, selection, layers, fingerprint, crsOrigin, recordColumns, columns, stagedAt } =
    input;
  return hash(
    JSON.stringify([
      name,
      selection,
      layers,
      fingerprint,
      crsOrigin,
      recordColumns,
      columns,
      stagedAt,
    ]),
  );
}

/** What the product's files are to be made of, from the z of the tiles on to coarser ones. */
export function productStates(product: Product, tiles: Level, tms: TileMatrixSet): Level[] {
  const key = productKey(product);
  let level: Level = new Map();
  for (const [at, tile] of tiles) {
    if (product.neighbours === true) {
      const around = neighboursOf(tile, tiles, tms);
      const states = around.map(({ x, y, state }) => `${x}/${y} ${state}`);
      const weight = around.reduce((sum, one) => sum + one.weight, 0);
      level.set(at, { ...tile, weight, state: hash(key, ...states) });
    } else {
      level.set(at, { ...tile, state: hash(key, tile.state) });
    }
  }
  const levels = [level];
  const { downTo } = product;
  while (downTo !== undefined) {
    const parents = parentsOf(level, key, tms);
    const [first] = parents.values();
    if (first === undefined || first.z < downTo) break;
    levels.push(parents);
    level = parents;
  }
  return levels;
}

/** Staged tiles that share an edge or a corner with the tile, itself included, by row and column. */
export function neighboursOf(tile: Tile, tiles: Level, tms: TileMatrixSet): Stated[] {
  const matrix = tms.matrix(tile.z);
  const [minX, minY, maxX, maxY] = matrix.bounds(tile.x, tile.y);
  const range: number[] = [];
  matrix.coveringRange(minX, minY, maxX, maxY, range);
  const [minColumn, minRow, maxColumn, maxRow] = range as [number, number, number, number];
  const found: Stated[] = [];
  for (let row = minRow; row <= maxRow; row++) {
    const step = matrix.coalesce(row);
    for (let x = matrix.tileColumn(minColumn, row); x <= maxColumn; x += step) {
      const neighbour = tiles.get(tileKey(x, row));
      if (neighbour !== undefined) found.push(neighbour);
    }
  }
  return found;
}

function parentsOf(level: Level, key: string, tms: TileMatrixSet): Map<string, StatedParent> {
  const parents = new Map<string, StatedParent>();
  for (const child of level.values()) {
    for (const { z, x, y } of tms.parents(child)) {
      const parent = parents.get(tileKey(x, y));
      if (parent === undefined) {
        parents.set(tileKey(x, y), { z, x, y, state: '', weight: 0, children: [child] });
      } else {
        parent.children.push(child);
      }
    }
  }
  for (const parent of parents.values()) {
    const { children } = parent;
    children.sort((a, b) => a.y - b.y || a.x - b.x);
    parent.state = hash(key, ...children.map(({ x, y, state }) => `${x}/${y} ${state}`));
    parent.weight = FILE_WEIGHT * children.length;
  }
  return parents;
}

/** 128 bits of SHA-256, as text. */
function hash(...texts: readonly string[]): string {
  return createHash('sha256').update(texts.join('\0')).digest('base64url').slice(0, 22);
}

/** Which packs a staged folder is to have, and which of them are not made of the tiles as they are. */

import { createHash } from 'node:crypto';
import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { hilbertDistance } from '../../geometry/hilbert.ts';
import type { Tile } from '../../tms/tile-matrix.ts';
import { tileKey } from '../../tms/tile-path.ts';
import type { FolderSettings, Journal } from '../folder/journal/journal.ts';
import { PACKS, type ProductRow } from '../folder/journal/journal-products.ts';
import { shownTileEntries } from '../folder/shown-tiles.ts';
import { fileOf, filePath } from '../folder/tile-place.ts';
import { type Stated, tileStates } from '../products/states.ts';

/** Raised when packs of the same tiles get other bytes. */
const PACK_VERSION = 1;
/** Packs that are looked at before it is said that there is nothing to do. */
const LOOKED_AT = 1_000;

/** A tile of a pack: GEOMETRY_… bits of its rows, and how many it has of each input by its id. */
interface PlannedTile {
  x: number;
  y: number;
  geometry: number;
  inputs: [id: number, rows: number][];
  /** Whether what a pack has of it are rows of before. */
  isLoose: boolean;
}

export interface PlannedPack extends Tile {
  state: string;
  /** Of all its tiles. */
  rows: number;
  /** Along a Hilbert curve, so that what lies together is read together. */
  tiles: PlannedTile[];
  /** Whether a file in its place is ours. */
  isOurs: boolean;
}

export interface PackPlan {
  outdated: PlannedPack[];
  kept: number;
  gone: ProductRow[];
}

/** Whether all tiles are in packs, as the journal says and the first packs confirm. */
export function arePacked(journal: Journal, folder: string): boolean {
  const settings = journal.settings();
  if (settings?.pack === undefined) return true;
  const known = journal.products.find(PACKS);
  if (!journal.products.arePacksCurrent()) return journal.countTiles() === 0 && known === null;
  if (known === null) return true;
  return journal.products.rows(known, LOOKED_AT).every((row) => isThere(folder, settings, row));
}

export function planPacks(journal: Journal, folder: string, settings: FolderSettings): PackPlan {
  const known = journal.products.find(PACKS);
  const rows = new Map<string, ProductRow>();
  if (known !== null) for (const row of journal.products.rows(known)) rows.set(nameOf(row), row);
  const loose = journal.products.looseTiles();
  const outdated = new Map<string, PlannedPack>();
  let kept = 0;
  for (const [name, tiles] of byPack(settings, tileStates(journal).values())) {
    const file = fileOf(settings, tiles[0]!.x, tiles[0]!.y);
    const ordered = alongHilbert(settings, tiles);
    const state = hash(ordered.map(({ x, y, state }) => `${x}/${y} ${state}`));
    const row = rows.get(name);
    rows.delete(name);
    if (row?.state === state && isThere(folder, settings, row)) {
      kept++;
      continue;
    }
    const planned = ordered.map(({ x, y }) => {
      return { x, y, geometry: 0, inputs: [], isLoose: loose.has(tileKey(x, y)) };
    });
    outdated.set(name, { ...file, state, rows: 0, tiles: planned, isOurs: row !== undefined });
  }
  addRows(journal, outdated);
  return { outdated: [...outdated.values()], kept, gone: [...rows.values()] };
}

function byPack(settings: FolderSettings, tiles: Iterable<Stated>): Map<string, Stated[]> {
  const packs = new Map<string, Stated[]>();
  for (const tile of tiles) {
    const name = nameOf(fileOf(settings, tile.x, tile.y));
    const those = packs.get(name);
    if (those === undefined) packs.set(name, [tile]);
    else those.push(tile);
  }
  return packs;
}

function alongHilbert({ pack = 0 }: FolderSettings, tiles: readonly Stated[]): Stated[] {
  const mask = 2 ** pack - 1;
  const placed = tiles.map((tile) => ({
    tile,
    at: hilbertDistance(tile.x & mask, tile.y & mask, pack),
  }));
  return placed.sort((a, b) => a.at - b.at).map(({ tile }) => tile);
}

function addRows(journal: Journal, packs: ReadonlyMap<string, PlannedPack>): void {
  if (packs.size === 0) return;
  const tiles = new Map<string, { pack: PlannedPack; tile: PlannedTile }>();
  for (const pack of packs.values()) {
    for (const tile of pack.tiles) tiles.set(tileKey(tile.x, tile.y), { pack, tile });
  }
  for (const [x, y, input, rows, , geometry] of shownTileEntries(journal)) {
    const found = tiles.get(tileKey(x, y));
    if (found === undefined) continue;
    found.tile.geometry |= geometry;
    found.tile.inputs.push([input, rows]);
    found.pack.rows += rows;
  }
}

function hash(texts: readonly string[]): string {
  const text = [String(PACK_VERSION), ...texts].join('\0');
  return createHash('sha256').update(text).digest('base64url').slice(0, 22);
}

function isThere(folder: string, settings: FolderSettings, row: ProductRow): boolean {
  const path = join(folder, filePath(settings, row));
  const there = lstatSync(path, { throwIfNoEntry: false });
  return row.state !== '' && there?.isFile() === true && there.size === row.size;
}

export function nameOf({ z, x, y }: Tile): string {
  return `${z}/${x}/${y}`;
}

/**
 * The task `label`: sees to it that the tiles of a region say, or show, which of their rows are
 * duplicates. What it makes follows from all rows of a tile, so it may be done twice.
 */

import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { TilewrightError, toTilewrightError } from '../../core/errors.ts';
import { takesDirectWrites } from '../../machine/file-system.ts';
import { judgeRegion } from '../../overlap/region-pairs.ts';
import { GOES } from '../../overlap/verdict.ts';
import type { TaskContext } from '../../parallel/inside/call.ts';
import { tileMatrixSet } from '../../tms/parse.ts';
import { tileKey } from '../../tms/tile-path.ts';
import type { PropertyNames } from '../configuration/properties.ts';
import type { FolderSettings } from '../folder/journal/journal.ts';
import { moveFile, removeTile } from '../folder/move-file.ts';
import { isLabelledFolder } from '../folder/settings.ts';
import { layerName, tileFormat, tilePath } from '../folder/tile-place.ts';
import { readGone, readRegion } from '../judging/region-file.ts';
import { type Cell, holds, type TileRange, TileRanges } from '../judging/regions.ts';
import { type RewriteOptions, rewriteTile } from '../judging/rewrite-tile.ts';
import { type LabelledTile, type RowFacts, TileRows } from '../judging/tile-rows.ts';
import { bringWhole, keepWhole, wholePath } from '../judging/whole-tiles.ts';
import { openAllRows } from '../packs/open-tile.ts';

export interface LabelArgs {
  folder: string;
  work: string;
  settings: FolderSettings;
  region: Cell & { tiles: LabelledTile[] };
  /** Names, in their order, of inputs that have rows in the region. */
  inputs: string[];
  /** Name of the region's file, below the folder; null where nothing is judged any more. */
  pairs: string | null;
  /** Path of the file of those that go by the judge over all; null for none. */
  gone: string | null;
}

/** A tile for which something else holds than before. */
interface MadeTile {
  x: number;
  y: number;
  /** Null if no row of it goes. */
  key: string | null;
  gone: [input: number, rows: number, area: number][];
  /** Whether it is a file of its own that is to be packed. */
  isLoose: boolean;
}

export interface LabelledRegion {
  tiles: MadeTile[];
  written: number;
}

/** @throws TilewrightError with the tile */
export function labelRegion(args: LabelArgs, task: TaskContext): LabelledRegion {
  const region = new RegionTiles(args);
  try {
    region.judge();
    const made: LabelledRegion = { tiles: [], written: 0 };
    for (const tile of args.region.tiles) {
      try {
        const result = region.make(tile);
        if (result !== null) {
          made.tiles.push(result.tile);
          if (result.written) made.written++;
        }
      } catch (error) {
        throw toTilewrightError(error, { tile: `${args.settings.z}/${tile.x}/${tile.y}` });
      }
      task.progress(tile.ranges.reduce((sum, { rows }) => sum + rows, 0));
    }
    task.note('tiles', made.written);
    return made;
  } finally {
    region.close();
  }
}

class RegionTiles {
  readonly #args: LabelArgs;
  /** Index of a tile by its key. */
  readonly #indices: Map<string, number>;
  readonly #open: { index: number; rows: TileRows } | { index: -1; rows: null } = {
    index: -1,
    rows: null,
  };
  /** By index of a tile: 1 for each row that goes. */
  readonly #goes = new Map<number, Uint8Array>();
  readonly #facts: RowFacts = {
    ...{ input: 0, position: 0, area: 0, centroidX: 0, centroidY: 0, values: [] },
  };

  constructor(args: LabelArgs) {
    this.#args = args;
    this.#indices = new Map(args.region.tiles.map(({ x, y }, index) => [tileKey(x, y), index]));
  }

  /** Finds the rows that go. */
  judge(): void {
    const { folder, region, settings, inputs } = this.#args;
    if (this.#args.pairs === null) return;
    const tms = tileMatrixSet(JSON.parse(settings.tmsDefinition));
    const ranges = new TileRanges(tms.matrix(settings.z));
    const { pairs } = readRegion(folder, this.#args.pairs);
    for (let k = 0; k < pairs.aloneTile.length; k++)
      this.#go(pairs.aloneTile[k]!, pairs.aloneRow[k]!);
    const isInside = (i: number): boolean => holds(region, ranges.of(pairs.bounds, 4 * i));
    const { states } = judgeRegion(pairs, isInside);
    const lookups: Lookup[] = [];
    for (let i = 0; i < pairs.input.length; i++) {
      if (states[i] !== GOES) continue;
      const range = ranges.of(pairs.bounds, 4 * i);
      const isOne = range.minColumn === range.maxColumn && range.minRow === range.maxRow;
      if (isOne) this.#go(pairs.tile[i]!, pairs.row[i]!);
      else
        lookups.push({
          range,
          input: pairs.input[i]!,
          position: pairs.position[i]!,
          bounds: pairs.bounds,
          at: 4 * i,
        });
    }
    const gone = this.#args.gone === null ? null : readGone(this.#args.gone);
    const places = new Map(inputs.map((name, index) => [name, index]));
    for (let k = 0; k < (gone?.input.length ?? 0); k++) {
      const input = places.get(gone!.inputs[gone!.input[k]!]!);
      // No tile of the region has any row of it.
      if (input === undefined) continue;
      const range = ranges.of(gone!.bounds, 4 * k);
      lookups.push({ range, input, position: gone!.position[k]!, bounds: gone!.bounds, at: 4 * k });
    }
    this.#lookUp(lookups);
  }

  /** Tile by tile, so that each is opened once. */
  #lookUp(lookups: readonly Lookup[]): void {
    const byTile = new Map<number, Lookup[]>();
    for (const lookup of lookups) {
      for (const index of this.#tilesIn(lookup.range)) {
        const those = byTile.get(index);
        if (those === undefined) byTile.set(index, [lookup]);
        else those.push(lookup);
      }
    }
    for (const [index, those] of byTile) {
      const rows = this.#rowsOf(index);
      for (const lookup of those) {
        const row = this.#find(rows, lookup);
        if (row >= 0) this.#go(index, row);
      }
    }
  }

  *#tilesIn({ minColumn, minRow, maxColumn, maxRow }: TileRange): Generator<number> {
    const { tiles } = this.#args.region;
    if ((maxColumn - minColumn + 1) * (maxRow - minRow + 1) > tiles.length) {
      for (const [index, { x, y }] of tiles.entries()) {
        if (x >= minColumn && x <= maxColumn && y >= minRow && y <= maxRow) yield index;
      }
      return;
    }
    for (let y = minRow; y <= maxRow; y++) {
      for (let x = minColumn; x <= maxColumn; x++) {
        const index = this.#indices.get(tileKey(x, y));
        if (index !== undefined) yield index;
      }
    }
  }

  /** The row, from 0, that a feature has in a tile; −1 if it has none: its bounds reach into it alone. */
  #find(rows: TileRows, { input, position, bounds, at }: Lookup): number {
    const { start, end } = rows.rowsOf(input);
    if (start === end) return -1;
    let found = -1;
    const [minX, minY, maxX, maxY] = bounds.subarray(at, at + 4) as unknown as Box;
    rows.file.search(minX, minY, maxX, maxY, (number, west, south, east, north) => {
      const row = number - 1;
      if (row < start || row >= end) return true;
      if (west > minX || south > minY || east < maxX || north < maxY) return true;
      rows.read(row, this.#facts, null);
      if (this.#facts.position !== position) return true;
      found = row;
      return false;
    });
    return found;
  }

  #go(index: number, row: number): void {
    let goes = this.#goes.get(index);
    if (goes === undefined) {
      const { ranges } = this.#args.region.tiles[index]!;
      goes = new Uint8Array(ranges.reduce((sum, { rows }) => sum + rows, 0));
      this.#goes.set(index, goes);
    }
    goes[row] = 1;
  }

  #rowsOf(index: number): TileRows {
    if (this.#open.index === index) return this.#open.rows!;
    this.close();
    const { folder, settings, region, inputs } = this.#args;
    const { x, y, ranges } = region.tiles[index]!;
    const names = settings.properties as unknown as PropertyNames;
    const known = inputs.map((name) => ({ name, columns: [] }));
    const rows = new TileRows(openAllRows(folder, settings, x, y), names, ranges, known, []);
    Object.assign(this.#open, { index, rows });
    return rows;
  }

  close(): void {
    this.#open.rows?.close();
    Object.assign(this.#open, { index: -1, rows: null });
  }

  /** Null if the tile is as it should be. */
  make(tile: LabelledTile): { tile: MadeTile; written: boolean } | null {
    const index = this.#indices.get(tileKey(tile.x, tile.y))!;
    const goes = this.#goes.get(index);
    const key = goes === undefined ? null : keyOf(this.#args.settings, goes);
    if (key === tile.key) return null;
    const all = this.#rowsOf(index);
    const gone = goes === undefined ? [] : this.#countGone(all, goes);
    const written = this.#place(tile, all, goes ?? new Uint8Array(all.count));
    const { folder, settings } = this.#args;
    const { x, y } = tile;
    const isLoose =
      settings.pack !== undefined && existsSync(join(folder, tilePath(settings, x, y)));
    return { tile: { x, y, key, gone, isLoose }, written };
  }

  #countGone(rows: TileRows, goes: Uint8Array): MadeTile['gone'] {
    const counts = new Map<number, { rows: number; area: number }>();
    for (let row = goes.indexOf(1); row >= 0; row = goes.indexOf(1, row + 1)) {
      rows.read(row, this.#facts, null);
      const { input, area } = this.#facts;
      const known = counts.get(input);
      if (known === undefined) counts.set(input, { rows: 1, area });
      else {
        known.rows++;
        known.area += area;
      }
    }
    return [...counts].map(([input, count]) => [input, count.rows, count.area]);
  }

  #rowsIn(path: string, { x, y }: LabelledTile): number {
    const { settings } = this.#args;
    const file = tileFormat(settings).open(path, layerName(settings, x, y));
    file.close();
    return file.rowCount;
  }

  /** Takes the tile, all its rows, out of its pack, unless it is a file of its own. */
  #loosen({ x, y }: LabelledTile, all: TileRows, about: Omit<RewriteOptions, 'goes'>): void {
    const { folder, settings, work } = this.#args;
    const below = tilePath(settings, x, y);
    const isOwn = [wholePath(settings, x, y), below].some((path) => existsSync(join(folder, path)));
    if (isOwn) return;
    rewriteTile(all.file, { ...about, goes: new Uint8Array(all.count) });
    requireWork(work);
    moveFile(about.path, folder, below);
  }

  /** Puts the tile in its place. */
  #place(tile: LabelledTile, all: TileRows, goes: Uint8Array): boolean {
    const { folder, work, settings } = this.#args;
    const { x, y, geometry } = tile;
    const { properties } = settings as { properties: unknown };
    const labels = isLabelledFolder(settings);
    const isPlain = !all.file.columns.some(
      ({ name }) => name === (properties as PropertyNames).duplicated,
    );
    const removes = settings.deduplication !== undefined && !labels;
    const shown = removes && goes.includes(1);
    if (!labels && isPlain && !shown) {
      requireWork(work);
      bringWhole(folder, settings, x, y);
      return false;
    }
    const path = join(work, `${randomBytes(6).toString('hex')}.tmp`);
    const about = {
      ...{ settings, geometry, path, layer: layerName(settings, x, y) },
      tilesCrs: tileMatrixSet(JSON.parse(settings.tmsDefinition)).crs,
      direct: takesDirectWrites(folder),
    };
    if (shown && settings.pack !== undefined) this.#loosen(tile, all, about);
    const rows = rewriteTile(all.file, { ...about, goes });
    this.close();
    requireWork(work);
    if (shown) {
      const isWhole = (file: string): boolean => this.#rowsIn(file, tile) === goes.length;
      keepWhole(folder, settings, tile, `${path}.whole`, isWhole);
    } else bringWhole(folder, settings, x, y);
    const below = tilePath(settings, x, y);
    if (rows === 0) removeTile(join(folder, below), folder, path);
    else moveFile(path, folder, below);
    return true;
  }
}

type Box = [number, number, number, number];

interface Lookup {
  range: TileRange;
  input: number;
  position: number;
  /** The feature's are at `at`. */
  bounds: Float64Array;
  at: number;
}

/** Of what is made of a tile: which rows go, and what becomes of them. */
function keyOf(settings: FolderSettings, goes: Uint8Array): string {
  const mode = isLabelledFolder(settings) ? 'label' : 'remove';
  return `${mode} ${createHash('sha256').update(goes).digest('base64url').slice(0, 22)}`;
}

/** A late twin of a task, whose phase is over, leaves the folder as it is. */
function requireWork(work: string): void {
  if (existsSync(work)) return;
  throw new TilewrightError('interrupted', `${work} is gone: this task is over`);
}

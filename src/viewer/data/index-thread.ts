/** The thread that holds the index of the folder's journal, and answers from it. */

import { statSync } from 'node:fs';
import { join } from 'node:path';
import { workerData } from 'node:worker_threads';
import { TilewrightError, toTilewrightError } from '../../core/errors.ts';
import type { Crs } from '../../crs/resolve.ts';
import { journalPath } from '../../staging/folder/staged-folder.ts';
import { tileFormat, tilePath } from '../../staging/folder/tile-place.ts';
import { shownPath } from '../../staging/packs/open-tile.ts';
import type { Bounds } from '../../tms/tile-matrix.ts';
import { tileKey } from '../../tms/tile-path.ts';
import { parseRowChoice, type RowChoice } from '../shared/input-set.ts';
import type { FolderInfo, TablePage, TileInfo } from '../shared/messages.ts';
import { serveThread } from '../threads/thread-side.ts';
import { makeView } from './grid.ts';
import { StagedIndex, type Totals } from './staged-index.ts';
import { Table, type TableQuery, tableRow } from './table.ts';
import type { TileRef } from './tile-ref.ts';

const MAX_SHARES = 200;

const { folder } = workerData as { folder: string };
let mark = '';
let index: StagedIndex;
let table: Table;
let version = 0;
let problem: string | null = null;

/** What changes whenever the journal does. */
function journalMark(): string {
  const path = journalPath(folder);
  return [path, `${path}-wal`]
    .map((file) => statSync(file, { bigint: true, throwIfNoEntry: false }))
    .map((stat) => (stat === undefined ? '' : `${stat.ino} ${stat.size} ${stat.mtimeNs}`))
    .join(' ');
}

/** @throws TilewrightError if there is nothing to show at all */
function refresh(): number {
  const now = journalMark();
  if (now === mark) return version;
  try {
    index = new StagedIndex(folder);
    table = new Table(index);
    problem = null;
  } catch (error) {
    if (version === 0) throw error;
    // What was read before is shown on, and the page says so.
    problem = toTilewrightError(error).message;
  }
  mark = now;
  // The same after a restart, if the folder is the same; greater after every change.
  const time = statSync(journalPath(folder), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  version = Math.max(version + 1, Math.floor(time));
  return version;
}

interface Choice {
  chosen: RowChoice;
  totals: Totals;
}

const ALL: RowChoice = { inputs: null, hidesDuplicates: false };

/** @throws TilewrightError usage for a text that stands for no choice */
function choose(inputs: string): Choice {
  const chosen = parseRowChoice(inputs, index.inputs.length);
  if (chosen === undefined) {
    throw new TilewrightError('usage', 'The choice of inputs is not one of this folder’s inputs');
  }
  return { chosen, totals: index.totals(chosen, inputs) };
}

function refOf(i: number, { inputs, hidesDuplicates }: RowChoice): TileRef {
  const [x, y] = [index.x[i]!, index.y[i]!];
  const { settings } = index;
  const path = join(folder, tilePath(settings, x, y));
  const { name: format } = tileFormat(settings);
  const pack =
    settings.pack === undefined || index.loose.has(tileKey(x, y))
      ? null
      : { path: join(folder, shownPath(settings, x, y)), format: settings.format };
  const { identifier, filename, area, centroidX, centroidY } = index.settings.properties;
  return {
    x,
    y,
    path,
    format,
    pack,
    bounds: index.bounds(i),
    rows: index.rowsOf(i),
    ranges: index.keyRanges(i, inputs),
    hidden: hidesDuplicates ? index.label : null,
    columns: {
      identifier: identifier!,
      filename: filename!,
      area: area!,
      centroidX: centroidX!,
      centroidY: centroidY!,
    },
  };
}

function describe(): FolderInfo {
  const { settings, matrix, crs, inputs, count } = index;
  const shares = inputs.map((name) => ({ name, rows: 0, tiles: 0 }));
  for (const [e, input] of index.entryInput.entries()) {
    shares[input]!.rows += index.entryRows[e]!;
    shares[input]!.tiles++;
  }
  let bounds: Bounds | null = null;
  for (let i = 0; i < count; i++) {
    const [minX, minY, maxX, maxY] = index.bounds(i);
    bounds ??= [minX, minY, maxX, maxY];
    bounds[0] = Math.min(bounds[0], minX);
    bounds[1] = Math.min(bounds[1], minY);
    bounds[2] = Math.max(bounds[2], maxX);
    bounds[3] = Math.max(bounds[3], maxY);
  }
  return {
    version,
    name: index.name,
    tms: settings.tms,
    z: settings.z,
    crs: {
      name: crs.id === null || crs.name === crs.id ? crs.name : `${crs.id}, ${crs.name}`,
      definition: crs.definition,
      geographic: crs.geographic,
      metersPerUnit: crs.metersPerUnit,
    },
    matrix: {
      originX: matrix.originX,
      originY: matrix.originY,
      spanX: matrix.spanX,
      spanY: matrix.spanY,
      topLeft: matrix.cornerOfOrigin === 'topLeft',
      extent: matrix.extent(),
    },
    bounds,
    tiles: count,
    rows: index.entryRows.reduce((sum, rows) => sum + rows, 0),
    area: index.entryArea.reduce((sum, area) => sum + area, 0),
    inputs: shares,
    properties: settings.properties,
    duplicates: index.duplicates,
    problem,
  };
}

const methods = {
  /**
   * Looks whether the journal has changed, and reads it again if so. To be called before all others.
   * @throws TilewrightError staged-folder, if it can't be read the first time
   */
  version: (): number => refresh(),

  describe,

  crs: (): Crs => index.crs,

  /** Whether a run was about to change tiles when the journal was read. */
  isRunning: (): boolean => index.isRunning,

  grid(view: Bounds | null, inputs: string): Uint8Array<ArrayBuffer> {
    return new Uint8Array(makeView(index, choose(inputs).totals, view).rows.buffer as ArrayBuffer);
  },

  table: (query: TableQuery, inputs: string): TablePage =>
    table.page(choose(inputs).totals, inputs, query),

  /** null where there is no such tile. */
  tile(z: number, x: number, y: number, inputs: string): TileInfo | null {
    const i = z === index.settings.z ? index.find(x, y) : -1;
    if (i < 0) return null;
    const { chosen, totals } = choose(inputs);
    const shares: TileInfo['shares'] = [];
    for (let e = index.starts[i]!; e < index.starts[i + 1]!; e++) {
      const input = index.entryInput[e]!;
      const rows = index.rowsIn(e, chosen.hidesDuplicates);
      if (rows === 0 || chosen.inputs?.[input] === false) continue;
      shares.push({ name: index.inputs[input]!, rows });
    }
    shares.sort((a, b) => b.rows - a.rows);
    return { ...tableRow(index, totals, i), shares: shares.slice(0, MAX_SHARES) };
  },

  /** What is needed to read the tile's file; null where there is no such tile. */
  tileRef(z: number, x: number, y: number, inputs: string): { ref: TileRef; spanX: number } | null {
    const i = z === index.settings.z ? index.find(x, y) : -1;
    if (i < 0) return null;
    return { ref: refOf(i, choose(inputs).chosen), spanX: index.matrix.spanX };
  },

  /** Tiles at even distances in the order of the index. */
  someTiles(most: number): TileRef[] {
    const step = Math.max(1, index.count / most);
    const count = Math.min(most, index.count);
    return Array.from({ length: count }, (_, k) => refOf(Math.floor(k * step), ALL));
  },

  /** Tiles that share more than an edge with the box, and whether there are more than `limit`. */
  tileRefs(box: Bounds, inputs: string, limit: number): { refs: TileRef[]; more: boolean } {
    const { chosen, totals } = choose(inputs);
    const refs: TileRef[] = [];
    let more = false;
    index.forEachIn(box, (i) => {
      if (totals.rows[i] === 0) return;
      more = refs.length === limit;
      if (more) return false;
      refs.push(refOf(i, chosen));
      return;
    });
    return { refs, more };
  },
};

export type IndexMethods = typeof methods;
serveThread(methods);

/**
 * What the journal says of a folder's tiles, in flat arrays: some 60 bytes for each tile and input
 * in it, so that a million tiles fit. Tiles are in ascending order of row, then column.
 */

import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { TilewrightError } from '../../core/errors.ts';
import { type Crs, resolveCrs } from '../../crs/resolve.ts';
import { groundScales } from '../../plot/scale.ts';
import { type FolderSettings, Journal } from '../../staging/folder/journal/journal.ts';
import type { GoneRow } from '../../staging/folder/journal/journal-judging.ts';
import { isLabelledFolder } from '../../staging/folder/settings.ts';
import { shownTileEntries } from '../../staging/folder/shown-tiles.ts';
import { journalPath } from '../../staging/folder/staged-folder.ts';
import { parseTileMatrixSet } from '../../tms/parse.ts';
import type { Bounds, TileMatrix } from '../../tms/tile-matrix.ts';
import type { RowChoice } from '../shared/input-set.ts';
import type { FolderDuplicates } from '../shared/messages.ts';

/** Sums over the chosen inputs of each tile. */
export interface Totals {
  rows: Float64Array;
  /** Square metres on the ground. */
  area: Float64Array;
  inputs: Uint32Array;
}

export class StagedIndex {
  readonly settings: FolderSettings;
  readonly matrix: TileMatrix;
  readonly crs: Crs;
  readonly name: string;
  /** In the order that their rows have in a tile. */
  readonly inputs: readonly string[];
  readonly count: number;
  /** Whether a run is about to change tiles, or was killed when it did. */
  readonly isRunning: boolean;
  /** What is known of duplicates; null where nobody looks for them. */
  readonly duplicates: FolderDuplicates | null;
  /** Name of the column that labels them; null where there is none. */
  readonly label: string | null;
  /** By `x/y`, tiles of which packs have rows of before. */
  readonly loose: ReadonlySet<string>;
  readonly x: Int32Array;
  readonly y: Int32Array;
  /** Square metres of each tile on the ground, by the scale at its middle. */
  readonly ground: Float64Array;
  /** Entries of tile i: starts[i] ≤ e < starts[i + 1], by input. */
  readonly starts: Uint32Array;
  readonly entryInput: Uint32Array;
  readonly entryRows: Float64Array;
  readonly entryArea: Float64Array;
  /** Labelled ones among the rows of an entry, and their area. */
  readonly #entryDuplicates: Float64Array;
  readonly #entryDuplicateArea: Float64Array;
  #totals: { key: string; totals: Totals } | undefined;

  /** @throws TilewrightError staged-folder for a folder without a journal */
  constructor(folder: string) {
    this.name = basename(folder);
    const journal = openJournal(folder);
    try {
      const settings = journal.settings();
      if (settings === null) {
        throw new TilewrightError(
          'staged-folder',
          `Nothing has been staged into ${folder} yet. Run tilewright stage first`,
        );
      }
      this.settings = settings;
      this.loose = journal.products.looseTiles();
      const { judging } = journal;
      const isJudged = judging.current() !== null;
      const isAsked = settings.deduplication !== undefined || judging.isThere();
      this.isRunning = journal.pending() !== null || (isAsked && !isJudged);
      this.label = isLabelledFolder(settings) ? settings.properties['duplicated']! : null;
      this.duplicates = settings.deduplication
        ? { column: this.label, isJudged, counts: isJudged ? (judging.duplicates() ?? {}) : {} }
        : null;
      const tms = parseTileMatrixSet(JSON.parse(settings.tmsDefinition));
      this.matrix = tms.matrix(settings.z);
      this.crs = resolveCrs(tms.crs);
      const read = readEntries(journal, this.label !== null);
      // As the merge sorts them, by UTF-16 units, which is not SQLite's order.
      const order = read.names.map((_, i) => i).sort((a, b) => compare(read.names, a, b));
      const rank = new Uint32Array(order.length);
      for (const [place, i] of order.entries()) rank[i] = place;
      this.inputs = order.map((i) => read.names[i]!);

      const { x, y, input, rows, area } = read;
      const sorted = Uint32Array.from(x.keys()).sort(
        (a, b) => y[a]! - y[b]! || x[a]! - x[b]! || rank[input[a]!]! - rank[input[b]!]!,
      );
      const firsts: number[] = [];
      for (let e = 0; e < sorted.length; e++) {
        const [a, b] = [sorted[e - 1]!, sorted[e]!];
        if (e === 0 || x[a] !== x[b] || y[a] !== y[b]) firsts.push(e);
      }
      this.count = firsts.length;
      this.starts = Uint32Array.from([...firsts, sorted.length]);
      this.x = Int32Array.from(firsts, (e) => x[sorted[e]!]!);
      this.y = Int32Array.from(firsts, (e) => y[sorted[e]!]!);
      this.entryInput = Uint32Array.from(sorted, (e) => rank[input[e]!]!);
      this.entryRows = Float64Array.from(sorted, (e) => rows[e]!);
      this.entryArea = Float64Array.from(sorted, (e) => area[e]!);
      this.#entryDuplicates = Float64Array.from(sorted, (e) => read.duplicates[e]!);
      this.#entryDuplicateArea = Float64Array.from(sorted, (e) => read.duplicateArea[e]!);
      this.ground = this.#toGround();
    } finally {
      journal.close();
    }
  }

  /** Turns the entries' areas into m² on the ground; returns the area of the tiles. */
  #toGround(): Float64Array {
    const ground = new Float64Array(this.count);
    const scaleAt = groundScales(this.crs);
    const box: Bounds = [0, 0, 0, 0];
    for (let i = 0; i < this.count; i++) {
      this.matrix.bounds(this.x[i]!, this.y[i]!, box);
      const { metersX, metersY } = scaleAt((box[0] + box[2]) / 2, (box[1] + box[3]) / 2);
      ground[i] = (box[2] - box[0]) * metersX * ((box[3] - box[1]) * metersY);
      for (let e = this.starts[i]!; e < this.starts[i + 1]!; e++) {
        this.entryArea[e]! *= metersX * metersY;
        this.#entryDuplicateArea[e]! *= metersX * metersY;
      }
    }
    return ground;
  }

  bounds(i: number): Bounds {
    return this.matrix.bounds(this.x[i]!, this.y[i]!);
  }

  /** Number of the tile; −1 where there is none. */
  find(x: number, y: number): number {
    let low = this.firstFrom(y);
    let high = this.firstFrom(y + 1);
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.x[middle]! < x) low = middle + 1;
      else high = middle;
    }
    return low < this.count && this.x[low] === x && this.y[low] === y ? low : -1;
  }

  /** Number of the first tile in the row, or in those after it. */
  firstFrom(row: number): number {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.y[middle]! < row) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Visits tiles that share more than an edge with the box, until `visit` returns false. */
  forEachIn([minX, minY, maxX, maxY]: Bounds, visit: (i: number) => boolean | undefined): void {
    const range = [0, 0, -1, -1];
    if (!this.matrix.coveringRange(minX, minY, maxX, maxY, range)) return;
    const [, minRow, , maxRow] = range as [number, number, number, number];
    const end = this.firstFrom(maxRow + 1);
    const box: Bounds = [0, 0, 0, 0];
    for (let i = this.firstFrom(minRow); i < end; i++) {
      this.matrix.bounds(this.x[i]!, this.y[i]!, box);
      const touches = box[0] < maxX && box[2] > minX && box[1] < maxY && box[3] > minY;
      if (touches && visit(i) === false) return;
    }
  }

  /** Rows of an entry that are shown. */
  rowsIn(e: number, hidesDuplicates: boolean): number {
    return this.entryRows[e]! - (hidesDuplicates ? this.#entryDuplicates[e]! : 0);
  }

  /** @param key - text that stands for the choice; the last one's sums are kept */
  totals({ inputs: chosen, hidesDuplicates }: RowChoice, key: string): Totals {
    if (this.#totals?.key === key) return this.#totals.totals;
    const totals: Totals = {
      rows: new Float64Array(this.count),
      area: new Float64Array(this.count),
      inputs: new Uint32Array(this.count),
    };
    for (let i = 0; i < this.count; i++) {
      for (let e = this.starts[i]!; e < this.starts[i + 1]!; e++) {
        if (chosen !== null && !chosen[this.entryInput[e]!]) continue;
        const rows = this.rowsIn(e, hidesDuplicates);
        if (rows === 0) continue;
        totals.rows[i]! += rows;
        totals.area[i]! += this.entryArea[e]!;
        if (hidesDuplicates) totals.area[i]! -= this.#entryDuplicateArea[e]!;
        totals.inputs[i]!++;
      }
    }
    this.#totals = { key, totals };
    return totals;
  }

  /** Rows of all inputs in the tile. */
  rowsOf(i: number): number {
    let rows = 0;
    for (let e = this.starts[i]!; e < this.starts[i + 1]!; e++) rows += this.entryRows[e]!;
    return rows;
  }

  /**
   * Keys of the chosen inputs' rows in a tile: pairs of first and last, both inclusive, ascending.
   * A tile's rows are numbered from 1, input by input. null: all rows.
   */
  keyRanges(i: number, chosen: readonly boolean[] | null): number[] | null {
    if (chosen === null) return null;
    const ranges: number[] = [];
    let next = 1;
    for (let e = this.starts[i]!; e < this.starts[i + 1]!; e++) {
      const first = next;
      next += this.entryRows[e]!;
      if (!chosen[this.entryInput[e]!]) continue;
      if (ranges.at(-1) === first - 1) ranges[ranges.length - 1] = next - 1;
      else ranges.push(first, next - 1);
    }
    return ranges;
  }
}

function openJournal(folder: string): Journal {
  if (!existsSync(journalPath(folder))) {
    const what = existsSync(folder) ? 'has no journal: it is no staged folder' : 'is not there';
    throw new TilewrightError(
      'staged-folder',
      `${folder} ${what}. Name the folder that was given to tilewright stage as --out`,
    );
  }
  return new Journal(journalPath(folder), { readOnly: true });
}

interface Entries {
  names: string[];
  x: number[];
  y: number[];
  /** Index in `names`. */
  input: number[];
  rows: number[];
  area: number[];
  /** Those that are labelled, and their area. */
  duplicates: number[];
  duplicateArea: number[];
}

function readEntries(journal: Journal, isLabelled: boolean): Entries {
  const entries: Entries = {
    ...{ names: [], x: [], y: [], input: [], rows: [], area: [] },
    ...{ duplicates: [], duplicateArea: [] },
  };
  const places = new Map<number, number>();
  const labelled = new Map<string, GoneRow>();
  for (const gone of isLabelled ? journal.judging.gone() : []) {
    labelled.set(`${gone.x}/${gone.y} ${gone.input}`, gone);
  }
  for (const [id, name] of journal.inputNames()) places.set(id, entries.names.push(name) - 1);
  for (const [x, y, input, rows, area] of shownTileEntries(journal)) {
    const place = places.get(input);
    // Committed between the two questions: the next look at the journal has it.
    if (place === undefined) continue;
    entries.x.push(x);
    entries.y.push(y);
    entries.input.push(place);
    entries.rows.push(rows);
    entries.area.push(area);
    const gone = labelled.get(`${x}/${y} ${input}`);
    entries.duplicates.push(gone?.rows ?? 0);
    entries.duplicateArea.push(gone?.area ?? 0);
  }
  return entries;
}

function compare(names: readonly string[], a: number, b: number): number {
  return names[a]! < names[b]! ? -1 : names[a]! > names[b]! ? 1 : 0;
}

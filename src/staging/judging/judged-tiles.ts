/** The tiles of a folder as judging takes them, cut into regions. */

import { createHash } from 'node:crypto';
import type { ColumnType } from '../../core/columns.ts';
import { tileKey } from '../../tms/tile-path.ts';
import type { Deduplication } from '../configuration/deduplication.ts';
import type { Journal } from '../folder/journal/journal.ts';
import { rowStates } from '../products/states.ts';
import { columnKey, widen } from '../rows/schema-union.ts';
import { cutRegions, type Region, regionName } from './regions.ts';
import type { JudgedInput, LabelledTile } from './tile-rows.ts';

/** A tile of a region, with the inputs' places among all. */
interface FolderTile extends LabelledTile {
  rows: number;
  state: string;
}

export interface JudgedRegion extends Region<FolderTile> {
  name: string;
  /** Of its tiles' rows and what their pairs depend on. */
  state: string;
}

export interface JudgedFolder {
  regions: JudgedRegion[];
  /** In the order of their names; an input's place is its index here. */
  inputs: JudgedInput[];
  /** Ids of the inputs in the journal. */
  ids: number[];
  /** Of the columns that rules ask for. */
  types: ColumnType[];
  /** Columns that rules ask for and no input has. */
  unknown: string[];
}

/**
 * @param rules - null: nothing is judged any more
 * @param footprints - of each input, what its footprint says depends on
 */
export function readFolder(
  journal: Journal,
  rules: Deduplication | null,
  footprints: ReadonlyMap<string, string>,
  regionRows?: number,
): JudgedFolder {
  const idsByName = new Map([...journal.inputNames()].map(([id, name]) => [name, id]));
  const asked = columnsOf(rules);
  const keys = new Set(asked.map(columnKey));
  const inputs = journal.inputs().map(({ name, columns }) => ({
    name,
    columns: columns.filter((column) => keys.has(columnKey(column.name))),
  }));
  inputs.sort((a, b) => (a.name < b.name ? -1 : 1));
  const types = asked.map((name) => typeOf(name, inputs));
  const ids = inputs.map(({ name }) => idsByName.get(name)!);
  const tiles = readTiles(journal, ids);
  const common = JSON.stringify([pairKey(rules), types]);
  const regions = cutRegions(tiles, regionRows).map((region) => {
    const states = region.tiles.map(({ x, y, state }) => `${x}/${y} ${state}`);
    const own = new Set(region.tiles.flatMap(({ ranges }) => ranges.map(({ input }) => input)));
    const keys = [...own].sort((a, b) => a - b).map((input) => footprints.get(inputs[input]!.name));
    const state = hash(common, ...states, JSON.stringify(keys));
    return { ...region, name: regionName(region), state };
  });
  const unknown = asked.filter((_, i) => types[i] === null);
  return { regions, inputs, ids, types: types.map((type) => type ?? 'text'), unknown };
}

/** Columns of inputs that rules ask for: those of the keep rules, then `splitBy`. */
export function columnsOf(rules: Deduplication | null): string[] {
  // The keep rules are about columns of footprints otherwise.
  if (rules?.method !== 'neighbor') return [];
  const { keepRules, splitBy } = rules;
  return [...keepRules.map(({ column }) => column), ...(splitBy === null ? [] : [splitBy])];
}

/** What pairs depend on: all rules but what becomes of those that go. */
function pairKey(rules: Deduplication | null): unknown {
  if (rules === null) return null;
  const { duplicates: _, ...others } = rules;
  return others;
}

/** Null if no input has the column. */
function typeOf(name: string, inputs: readonly JudgedInput[]): ColumnType | null {
  const key = columnKey(name);
  let type: ColumnType | null = null;
  for (const { columns } of inputs) {
    const own = columns.find((column) => columnKey(column.name) === key);
    if (own !== undefined) type = type === null ? own.type : widen(type, own.type);
  }
  return type;
}

function readTiles(journal: Journal, ids: readonly number[]): FolderTile[] {
  const places = new Map(ids.map((id, place) => [id, place]));
  const states = rowStates(journal);
  const keys = new Map<string, string>();
  for (const { x, y, key } of journal.judging.tiles()) keys.set(tileKey(x, y), key);
  const tiles: FolderTile[] = [];
  let last: FolderTile | undefined;
  const end = (): void => {
    last?.ranges.sort((a, b) => a.input - b.input);
  };
  for (const [x, y, input, rows, , geometry] of journal.tileEntries()) {
    if (last === undefined || last.x !== x || last.y !== y) {
      end();
      const at = tileKey(x, y);
      const { state } = states.get(at)!;
      last = { x, y, ranges: [], geometry: 0, rows: 0, state, key: keys.get(at) ?? null };
      tiles.push(last);
    }
    last.ranges.push({ input: places.get(input)!, rows });
    last.geometry |= geometry;
    last.rows += rows;
  }
  end();
  return tiles;
}

/** 128 bits of SHA-256, as text. */
export function hash(...texts: readonly string[]): string {
  return createHash('sha256').update(texts.join('\0')).digest('base64url').slice(0, 22);
}

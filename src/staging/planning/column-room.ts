/**
 * Which inputs have columns that one of their tiles has no room for. A limit of each tile, not of
 * the staged folder: inputs that share no tile may have as many columns together as they like.
 */

import { TilewrightError } from '../../core/errors.ts';
import { tileKey } from '../../tms/tile-path.ts';
import type { Journal, PendingRun } from '../folder/journal/journal.ts';
import { tileFormat } from '../folder/tile-place.ts';
import { columnKey, mostAttributes, type StagedColumn } from '../rows/schema-union.ts';

/**
 * Sets of columns by number, so that a million tiles with the same columns cost a million numbers,
 * and each union of two sets is made once.
 */
class ColumnSets {
  readonly #sets: ReadonlySet<string>[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #unions = new Map<string, number>();

  of(columns: readonly StagedColumn[]): number {
    return this.#numberOf(new Set(columns.map(({ name }) => columnKey(name))));
  }

  union(a: number, b: number): number {
    if (a === b) return a;
    const pair = `${Math.min(a, b)} ${Math.max(a, b)}`;
    let union = this.#unions.get(pair);
    if (union === undefined) {
      union = this.#numberOf(new Set([...this.#sets[a]!, ...this.#sets[b]!]));
      this.#unions.set(pair, union);
    }
    return union;
  }

  size(number: number): number {
    return this.#sets[number]!.size;
  }

  #numberOf(set: ReadonlySet<string>): number {
    const key = JSON.stringify([...set].sort());
    let number = this.#numbers.get(key);
    if (number === undefined) {
      number = this.#sets.push(set) - 1;
      this.#numbers.set(key, number);
    }
    return number;
  }
}

/**
 * Inputs of the run that can't go into their tiles beside what stays there and the inputs of the run
 * whose names come before theirs. Reads nothing while all columns together fit into one tile.
 * @param tilesOf - keys (`x/y`) of the tiles that have rows of an input of the run
 * @returns an error `input-columns` for each, by name
 */
export function inputsWithoutRoom(
  journal: Journal,
  run: PendingRun,
  tilesOf: (input: string) => ReadonlySet<string>,
): Map<string, TilewrightError> {
  const failures = new Map<string, TilewrightError>();
  const replaced = new Set([...run.removed, ...run.inputs.map((input) => input.name)]);
  const kept = journal.inputs().filter((input) => !replaced.has(input.name));
  const sets = new ColumnSets();
  const all = [...kept, ...run.inputs].reduce((sum, input) => {
    return sets.union(sum, sets.of(input.columns));
  }, sets.of([]));
  const settings = journal.settings()!;
  const most = mostAttributes(tileFormat(settings).name);
  if (sets.size(all) <= most) return failures;

  const tiles = new Map<string, number>();
  const inTile = new Map<string, string[]>();
  const add = (tile: string, name: string, set: number): void => {
    tiles.set(tile, sets.union(tiles.get(tile) ?? set, set));
    const names = inTile.get(tile);
    if (names === undefined) inTile.set(tile, [name]);
    else names.push(name);
  };
  const keptSets = new Map(kept.map(({ name, columns }) => [name, sets.of(columns)]));
  for (const { x, y, input } of journal.allTileInputs()) {
    const set = keptSets.get(input);
    if (set !== undefined) add(tileKey(x, y), input, set);
  }
  for (const input of run.inputs.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const own = sets.of(input.columns);
    const keys = tilesOf(input.name);
    const full = [...keys].find((key) => sets.size(sets.union(tiles.get(key) ?? own, own)) > most);
    if (full === undefined) {
      for (const key of keys) add(key, input.name, own);
    } else {
      const columns = sets.size(sets.union(tiles.get(full)!, own));
      const tile = `${settings.z}/${full}`;
      failures.set(input.name, noRoom(input.name, tile, inTile.get(full)!, columns, most));
    }
  }
  return failures;
}

function noRoom(
  input: string,
  tile: string,
  others: readonly string[],
  columns: number,
  most: number,
): TilewrightError {
  const named = others.slice(0, 3).join(', ');
  const more = others.length > 3 ? ` and ${others.length - 3} others` : '';
  return new TilewrightError(
    'input-columns',
    `${input} shares the tile ${tile} with ${named}${more}: together they have ${columns} different ` +
      `columns, and a tile has room for ${most}. Stage it into a folder of its own, or a ` +
      'copy with fewer columns',
    { input, tile },
  );
}

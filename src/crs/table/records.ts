/**
 * The files of src/crs/table/data: lines of cells between tabs, written by scripts/make-crs-table.ts
 * from PROJ's database. Each is read when it is first asked for, and only what is asked for is
 * parsed. The package has them in one file.
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { unpackPart } from './packed.ts';

export type TableName =
  | 'areas'
  | 'conversions'
  | 'datums'
  | 'ellipsoids'
  | 'geodetic'
  | 'operations'
  | 'others'
  | 'prime-meridians'
  | 'projected'
  | 'units';

const IS_SOURCE = import.meta.url.endsWith('.ts');
const texts = new Map<TableName, string>();
const split = new Map<TableName, string[]>();

function textOf(table: TableName): string {
  let text = texts.get(table);
  if (text === undefined) {
    text = IS_SOURCE
      ? readFileSync(join(import.meta.dirname, 'data', `${table}.tsv`), 'utf8')
      : unpackPart(readFileSync(join(import.meta.dirname, 'crs-table.bin')), table);
    texts.set(table, text);
  }
  return text;
}

/** A search through a text is quicker than an index of its lines, but not many searches. */
const SEARCHES = 8;
const searches = new Map<TableName, number>();
const indexes = new Map<TableName, Map<string, string>>();

/** The cells of the line that begins with `id`, or null. */
export function recordOf(table: TableName, id: string): string[] | null {
  const searched = (searches.get(table) ?? 0) + 1;
  searches.set(table, searched);
  if (searched > SEARCHES) return indexOf(table).get(id)?.split('\t') ?? null;
  const text = textOf(table);
  if (/[\t\n]/.test(id)) return null;
  const at = text.indexOf(`\n${id}\t`);
  return at < 0 ? null : text.slice(at + 1, text.indexOf('\n', at + 1)).split('\t');
}

function indexOf(table: TableName): Map<string, string> {
  let index = indexes.get(table);
  if (index === undefined) {
    index = new Map(linesOf(table).map((line) => [line.slice(0, line.indexOf('\t')), line]));
    indexes.set(table, index);
  }
  return index;
}

/** All lines of a table, without those that tell of it. */
export function linesOf(table: TableName): readonly string[] {
  let lines = split.get(table);
  if (lines === undefined) {
    lines = textOf(table)
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('# '));
    split.set(table, lines);
  }
  return lines;
}

/** West, south, east, north in degrees; west > east where it crosses the antimeridian. */
export type Bounds = readonly [number, number, number, number];

/** The areas that a cell names: their numbers, between commas. */
export function areasOf(cell: string | undefined): Bounds[] {
  if (cell === undefined || cell === '') return [];
  return cell.split(',').map((n) => areaLine(n).slice(0, 4).map(Number) as unknown as Bounds);
}

/** Whether the areas that a cell names are offshore only, their bounds are not. */
export function isOffshore(cell: string | undefined): boolean {
  if (cell === undefined || cell === '') return false;
  return cell.split(',').every((n) => areaLine(n)[4] === 'offshore');
}

function areaLine(number: string): string[] {
  return linesOf('areas')[Number(number)]!.split(' ');
}

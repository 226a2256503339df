/** Whether a condition can be true of a row of a row group, by least and greatest values. */

import { PER_SECOND } from '../parquet/attributes/times.ts';
import type { ParquetFile } from '../parquet/file.ts';
import type { Statistics } from '../parquet/row-groups.ts';
import type { Leaf } from '../parquet/schema.ts';
import type { Condition, Literal, Operand } from '../selection/condition.ts';
import type { Attributes } from './attributes.ts';

type Range = readonly [low: number | bigint | string, high: number | bigint | string];

const DAY_MS = 86_400_000;

/** False only where statistics say that it is true of no row. What is not understood may be. */
export function mayBeTrue(
  condition: Condition,
  file: ParquetFile,
  group: number,
  attributes: Attributes,
): boolean {
  const { rows, columns } = file.metadata.rowGroups.at(group);
  const told = (operand: Operand): { leaf: Leaf; statistics: Statistics } | null => {
    if (!('column' in operand)) return null;
    const leaf = attributes.fields[operand.column]?.leaf ?? null;
    const statistics = leaf === null ? null : columns[leaf.index]!.statistics;
    const isFlat = leaf !== null && leaf.maxRepetition === 0;
    return isFlat && statistics !== null ? { leaf, statistics } : null;
  };
  const test = (one: Condition): boolean => {
    if ('of' in one) {
      if (one.is === 'not') return true;
      return one.is === 'and' ? one.of.every(test) : one.of.some(test);
    }
    if (one.is === 'null' || one.is === 'like') return true;
    const left = told(one.left);
    if (left === null) return true;
    // Of nothing but NULLs, nothing else is true.
    if (left.statistics.nulls === rows) return false;
    if (one.is === 'true') return true;
    const range = rangeOf(left.leaf, left.statistics, one.moments);
    if (range === null) return true;
    if (one.is === 'in') return one.list.some((literal) => mayCompare('=', range, literal));
    return 'value' in one.right ? mayCompare(one.is, range, one.right) : true;
  };
  return test(condition);
}

function mayCompare(is: string, [low, high]: Range, { value }: Literal): boolean {
  if (value === null) return false;
  const isText = typeof value === 'string';
  if (isText !== (typeof low === 'string')) return true;
  const [below, above] = [order(low, value), order(high, value)];
  switch (is) {
    case '=':
      return below <= 0 && above >= 0;
    case '<':
      return below < 0;
    case '<=':
      return below <= 0;
    case '>':
      return above > 0;
    case '>=':
      return above >= 0;
    default:
      return true;
  }
}

/** Texts by their bytes in UTF-8. */
function order(a: number | bigint | string, b: number | bigint | string): number {
  if (typeof a === 'string' && typeof b === 'string')
    return Buffer.compare(Buffer.from(a), Buffer.from(b));
  return a < b ? -1 : a > b ? 1 : 0;
}

/** In what the condition compares; null where statistics don't tell, or not for sure. */
function rangeOf(leaf: Leaf, { min, max }: Statistics, moments: boolean): Range | null {
  if (min === null || max === null) return null;
  const low = boundOf(leaf, min);
  const high = boundOf(leaf, max);
  if (low === null || high === null) return null;
  const { logical } = leaf.node;
  if (logical?.kind === 'DATE' || logical?.kind === 'TIMESTAMP') {
    if (!moments || typeof low === 'string') return null;
    const scale = 'unit' in logical ? 1000 / PER_SECOND[logical.unit] : DAY_MS;
    // Moments are whole milliseconds, rounded in some way.
    return [Number(low) * scale - 1, Number(high) * scale + 1];
  }
  return moments ? null : [low, high];
}

function boundOf(
  { type, node: { logical } }: Leaf,
  bytes: Uint8Array,
): number | bigint | string | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const kind = logical?.kind;
  if (kind === 'STRING' || kind === 'ENUM') {
    if (type !== 'BYTE_ARRAY') return null;
    const text = Buffer.from(bytes).toString();
    // Bounds may have been cut within a character.
    return Buffer.from(text).equals(bytes) ? text : null;
  }
  const isNumber =
    kind === undefined ||
    kind === 'DATE' ||
    kind === 'TIMESTAMP' ||
    (kind === 'INTEGER' && logical?.kind === 'INTEGER' && logical.signed);
  if (!isNumber) return null;
  if (type === 'INT32' && bytes.length === 4) return view.getInt32(0, true);
  if (type === 'INT64' && bytes.length === 8) return view.getBigInt64(0, true);
  if (type !== 'FLOAT' && type !== 'DOUBLE') return null;
  if (bytes.length !== (type === 'FLOAT' ? 4 : 8)) return null;
  const value = type === 'FLOAT' ? view.getFloat32(0, true) : view.getFloat64(0, true);
  return Number.isNaN(value) ? null : value;
}

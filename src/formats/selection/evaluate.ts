/** Conditions as functions of encoded rows: see sqlite/record.ts. Only the values that they ask for are decoded. */

import { serialTypeLength, ValueWalk } from '../sqlite/record.ts';
import type { Comparison, Condition, Literal, Operand } from './condition.ts';
import { likeTest } from './like.ts';
import { momentOf } from './moments.ts';

/** So that AND is the least, OR the greatest, and NOT what is missing to 2. */
const FALSE = 0;
const UNKNOWN = 1;
const TRUE = 2;
type Truth = 0 | 1 | 2;

type Test = (row: RowValues) => Truth;

/** Storage classes in the order in which SQLite compares values of different ones. */
const NULL = 0;
const NUMBER = 1;
const TEXT = 2;
const BLOB = 3;

const encoder = new TextEncoder();

/** The values of the row that is looked at. */
class RowValues {
  readonly #walk: ValueWalk;
  #view: DataView = new DataView(new ArrayBuffer(0));
  body: Uint8Array = new Uint8Array(0);

  /** @param most - values that are asked for, from the first on */
  constructor(most: number) {
    this.#walk = new ValueWalk(most);
  }

  read(types: Uint8Array, start: number, end: number, body: Uint8Array, bodyStart: number): void {
    if (!this.#walk.walk(types, start, end, bodyStart)) {
      throw new Error('a row has a value of a type that there is not');
    }
    if (body !== this.body) {
      this.body = body;
      this.#view = new DataView(body.buffer, body.byteOffset, body.byteLength);
    }
  }

  /** NaN, which SQLite does not store, is NULL as it is there. */
  classOf(column: number): number {
    if (column >= this.#walk.count) return NULL;
    const type = this.#walk.types[column]!;
    if (type >= 12) return type & 1 ? TEXT : BLOB;
    if (type === 0 || type > 9) return NULL;
    return type === 7 && Number.isNaN(this.number(column)) ? NULL : NUMBER;
  }

  /** Of a value of the class NUMBER: integers that a double does not hold are bigint. */
  number(column: number): number | bigint {
    const view = this.#view;
    const at = this.#walk.bodyAt[column]!;
    switch (this.#walk.types[column]) {
      case 1:
        return view.getInt8(at);
      case 2:
        return view.getInt16(at);
      case 3:
        return view.getInt8(at) * 0x10000 + view.getUint16(at + 1);
      case 4:
        return view.getInt32(at);
      case 5:
        return view.getInt16(at) * 0x100000000 + view.getUint32(at + 2);
      case 6: {
        const high = view.getInt32(at);
        // From −2^53 to 2^53 − 1.
        if (high >= -0x200000 && high < 0x200000)
          return high * 0x100000000 + view.getUint32(at + 4);
        return view.getBigInt64(at);
      }
      case 7:
        return view.getFloat64(at);
      case 9:
        return 1;
      default:
        return 0;
    }
  }

  start(column: number): number {
    return this.#walk.bodyAt[column]!;
  }

  end(column: number): number {
    return this.#walk.bodyAt[column]! + serialTypeLength(this.#walk.types[column]!);
  }
}

/** See Where.isTrue. */
export type RowTest = (
  types: Uint8Array,
  typesStart: number,
  typesEnd: number,
  body: Uint8Array,
  bodyStart: number,
) => boolean;

/** @param columns - ascending indexes of those that it asks for */
export function compileCondition(condition: Condition, columns: readonly number[]): RowTest {
  const row = new RowValues((columns.at(-1) ?? -1) + 1);
  const test = compile(condition);
  return (types, typesStart, typesEnd, body, bodyStart) => {
    row.read(types, typesStart, typesEnd, body, bodyStart);
    return test(row) === TRUE;
  };
}

/** Ascending indexes of the columns that a condition asks for. */
export function columnsOf(condition: Condition): number[] {
  const found = new Set<number>();
  const visit = (operand: Operand): void => {
    if ('column' in operand) found.add(operand.column);
  };
  const look = (each: Condition): void => {
    if ('of' in each) for (const one of [each.of].flat()) look(one);
    else {
      visit(each.left);
      if ('right' in each) visit(each.right);
    }
  };
  look(condition);
  return [...found].sort((a, b) => a - b);
}

function compile(condition: Condition): Test {
  switch (condition.is) {
    case 'and':
    case 'or':
      return chain(condition.is === 'and' ? FALSE : TRUE, condition.of.map(compile));
    case 'not': {
      const inner = compile(condition.of);
      return (row) => (TRUE - inner(row)) as Truth;
    }
    case 'null':
      return nullTest(condition.left);
    case 'true':
      return truthTest(condition.left);
    case 'like': {
      const { left, pattern, escapedBy, ignoreCase } = condition;
      const isLike = likeTest(pattern, escapedBy, ignoreCase);
      if (!('column' in left)) {
        if (left.value === null) return () => UNKNOWN;
        const bytes = encoder.encode(String(left.value));
        return always(isLike(bytes, 0, bytes.length));
      }
      const { column } = left;
      return (row) => {
        const found = row.classOf(column);
        if (found === NULL) return UNKNOWN;
        if (found !== TEXT) return FALSE;
        return isLike(row.body, row.start(column), row.end(column)) ? TRUE : FALSE;
      };
    }
    case 'in':
      return inList(condition.left, condition.list, condition.moments);
    default:
      return comparison(condition.is, condition.left, condition.right, condition.moments);
  }
}

/** @param decides - the truth at which the rest does not matter */
function chain(decides: Truth, tests: readonly Test[]): Test {
  const otherwise = (TRUE - decides) as Truth;
  return (row) => {
    let result: Truth = otherwise;
    for (let i = 0; i < tests.length; i++) {
      const truth = tests[i]!(row);
      if (truth === decides) return decides;
      if (truth === UNKNOWN) result = UNKNOWN;
    }
    return result;
  };
}

function nullTest(left: Operand): Test {
  if (!('column' in left)) return always(left.value === null);
  const { column } = left;
  return (row) => (row.classOf(column) === NULL ? TRUE : FALSE);
}

function truthTest(left: Operand): Test {
  if (!('column' in left)) return left.value === null ? () => UNKNOWN : always(left.value !== 0);
  const { column } = left;
  return (row) => {
    const found = row.classOf(column);
    if (found === NULL) return UNKNOWN;
    return found === NUMBER && row.number(column) !== 0 ? TRUE : FALSE;
  };
}

function always(truth: boolean): Test {
  return truth ? () => TRUE : () => FALSE;
}

const MIRRORED: Readonly<Record<Comparison, Comparison>> = {
  ...{ '=': '=', '<>': '<>' },
  ...{ '<': '>', '<=': '>=', '>': '<', '>=': '<=' },
};

function comparison(is: Comparison, left: Operand, right: Operand, moments: boolean): Test {
  if (!('column' in left)) {
    if ('column' in right) return comparison(MIRRORED[is], right, left, moments);
    if (left.value === null || right.value === null) return () => UNKNOWN;
    return always(holds(is, compareLiterals(left.value, right.value)));
  }
  const below = holds(is, -1) ? TRUE : FALSE;
  const equal = holds(is, 0) ? TRUE : FALSE;
  const above = holds(is, 1) ? TRUE : FALSE;
  const truthOf = (order: number): Truth => (order < 0 ? below : order > 0 ? above : equal);
  if ('column' in right) {
    const [a, b] = [left.column, right.column];
    if (moments) {
      return (row) => {
        const difference = momentIn(row, a) - momentIn(row, b);
        return Number.isNaN(difference) ? UNKNOWN : truthOf(difference);
      };
    }
    return (row) => {
      if (row.classOf(a) === NULL || row.classOf(b) === NULL) return UNKNOWN;
      return truthOf(compareColumns(row, a, b));
    };
  }
  const { column } = left;
  const { value } = right;
  if (value === null) return () => UNKNOWN;
  if (typeof value === 'string') {
    const bytes = encoder.encode(value);
    return (row) => {
      const found = row.classOf(column);
      if (found === NULL) return UNKNOWN;
      if (found !== TEXT) return found < TEXT ? below : above;
      return truthOf(
        compareBytes(row.body, row.start(column), row.end(column), bytes, 0, bytes.length),
      );
    };
  }
  if (moments) {
    return (row) => {
      const moment = momentIn(row, column);
      return Number.isNaN(moment) ? UNKNOWN : truthOf(moment - Number(value));
    };
  }
  return (row) => {
    const found = row.classOf(column);
    if (found !== NUMBER) return found === NULL ? UNKNOWN : above;
    const number = row.number(column);
    // A bigint and a double are compared exactly.
    return number < value ? below : number > value ? above : equal;
  };
}

function holds(is: Comparison, order: number): boolean {
  switch (is) {
    case '=':
      return order === 0;
    case '<>':
      return order !== 0;
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    case '>=':
      return order >= 0;
  }
}

/** NaN for a value that is no date. */
function momentIn(row: RowValues, column: number): number {
  if (row.classOf(column) !== TEXT) return Number.NaN;
  return momentOf(row.body, row.start(column), row.end(column));
}

function inList(left: Operand, list: readonly Literal[], moments: boolean): Test {
  const values = list.flatMap(({ value }) => (value === null ? [] : [value]));
  const missing = values.length < list.length ? UNKNOWN : FALSE;
  if (!('column' in left)) {
    const { value } = left;
    if (value === null) return () => UNKNOWN;
    const isThere = values.some((each) => compareLiterals(value, each) === 0);
    return isThere ? () => TRUE : () => missing;
  }
  const { column } = left;
  const numbers = values.filter((value) => typeof value !== 'string').sort(compareNumbers);
  const texts = values
    .filter((value) => typeof value === 'string')
    .map((value) => encoder.encode(value))
    .sort((a, b) => compareBytes(a, 0, a.length, b, 0, b.length));
  const hasNumber = (wanted: number | bigint): boolean =>
    bisect(numbers.length, (i) => compareNumbers(numbers[i]!, wanted));
  return (row) => {
    const found = row.classOf(column);
    if (found === NULL) return UNKNOWN;
    if (moments) {
      const moment = momentIn(row, column);
      if (Number.isNaN(moment)) return UNKNOWN;
      return hasNumber(moment) ? TRUE : missing;
    }
    if (found === NUMBER) return hasNumber(row.number(column)) ? TRUE : missing;
    if (found !== TEXT) return missing;
    const { body } = row;
    const [start, end] = [row.start(column), row.end(column)];
    const isThere = bisect(texts.length, (i) => {
      const text = texts[i]!;
      return compareBytes(text, 0, text.length, body, start, end);
    });
    return isThere ? TRUE : missing;
  };
}

/** Whether one of `count` sorted values is the one that `order` compares them with. */
function bisect(count: number, order: (i: number) => number): boolean {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const found = order(middle);
    if (found === 0) return true;
    if (found < 0) low = middle + 1;
    else high = middle;
  }
  return false;
}

function compareNumbers(a: number | bigint, b: number | bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function compareLiterals(a: number | bigint | string, b: number | bigint | string): number {
  if (typeof a === 'string' || typeof b === 'string') {
    if (typeof a !== 'string' || typeof b !== 'string') return typeof a === 'string' ? 1 : -1;
    return Buffer.compare(Buffer.from(a), Buffer.from(b));
  }
  return compareNumbers(a, b);
}

/** Of two values that are not NULL. */
function compareColumns(row: RowValues, a: number, b: number): number {
  const [classA, classB] = [row.classOf(a), row.classOf(b)];
  if (classA !== classB) return classA - classB;
  if (classA === NUMBER) return compareNumbers(row.number(a), row.number(b));
  const { body } = row;
  return compareBytes(body, row.start(a), row.end(a), body, row.start(b), row.end(b));
}

/** As memcmp does, and the shorter of two first where one begins with the other. */
function compareBytes(
  a: Uint8Array,
  aStart: number,
  aEnd: number,
  b: Uint8Array,
  bStart: number,
  bEnd: number,
): number {
  const length = Math.min(aEnd - aStart, bEnd - bStart);
  for (let i = 0; i < length; i++) {
    const difference = a[aStart + i]! - b[bStart + i]!;
    if (difference !== 0) return difference;
  }
  return aEnd - aStart - (bEnd - bStart);
}

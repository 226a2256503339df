/** What the values of a column are, of all features, and the type that holds them all: as GDAL has it. */

import type { ColumnType } from '../../core/columns.ts';
import { dateOf, dateTimeOf, mayBeDate } from './dates.ts';
import {
  DECIMAL,
  FALSE,
  INTEGER,
  type JsonCursor,
  NON_FINITE,
  NULL,
  STRING,
  TRUE,
} from './json-cursor.ts';

const BOOLEANS = 1;
const INTEGERS = 2;
const REALS = 4;
/** Integers that 64 bits do not hold. */
const HUGE = 8;
const DATES = 16;
const DATETIMES = 32;
const TEXTS = 64;

const BY_KIND: Readonly<Record<number, number>> = {
  [NULL]: 0,
  [FALSE]: BOOLEANS,
  [TRUE]: BOOLEANS,
  [DECIMAL]: REALS,
  [NON_FINITE]: REALS,
};
/** Digits of which an integer of 64 bits may have any. */
const SAFE_DIGITS = 18;

export class ColumnSurvey {
  #seen = 0;
  /** The feature of the value that came last, and what was seen before that. */
  #feature = -1;
  #before = 0;

  /** Takes the value that the cursor read last: of two of one feature the later one counts. */
  add(cursor: JsonCursor, kind: number): void {
    if (cursor.feature === this.#feature) this.#seen = this.#before;
    else {
      this.#feature = cursor.feature;
      this.#before = this.#seen;
    }
    if (kind === STRING) {
      if ((this.#seen & TEXTS) === 0) this.#seen |= textBits(cursor);
    } else if (kind === INTEGER) this.#seen |= integerBits(cursor);
    else this.#seen |= BY_KIND[kind] ?? TEXTS;
  }

  /** Whether integers are read as reals, because 64 bits do not hold all of them. */
  get isHuge(): boolean {
    return (this.#seen & HUGE) !== 0 && this.type === 'real';
  }

  get type(): ColumnType {
    const seen = this.#seen;
    const within = (bits: number): boolean => seen !== 0 && (seen & ~bits) === 0;
    if (within(BOOLEANS)) return 'boolean';
    if (within(BOOLEANS | INTEGERS)) return 'integer';
    if (within(BOOLEANS | INTEGERS | REALS | HUGE)) return 'real';
    if (within(DATES)) return 'date';
    return within(DATES | DATETIMES) ? 'datetime' : 'text';
  }
}

function integerBits({ bytes, valueStart, valueEnd }: JsonCursor): number {
  if (valueEnd - valueStart <= SAFE_DIGITS) return INTEGERS;
  const value = BigInt(bytes.toString('latin1', valueStart, valueEnd));
  return BigInt.asIntN(64, value) === value ? INTEGERS : HUGE;
}

function textBits({ bytes, valueStart, valueEnd }: JsonCursor): number {
  if (!mayBeDate(bytes, valueStart, valueEnd)) return TEXTS;
  const text = bytes.toString('latin1', valueStart, valueEnd);
  if (dateOf(text) !== null) return DATES;
  return dateTimeOf(text) === null ? TEXTS : DATETIMES;
}

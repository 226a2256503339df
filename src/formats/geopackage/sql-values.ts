/**
 * Values through SQL, byte for byte: Node hands text on as a string, in which bytes that are no
 * UTF-8 are lost. So text is selected as a blob, with a mask that tells which blobs were text.
 */

import type { DatabaseSync } from 'node:sqlite';
import {
  CLASS_BIG_INTEGER,
  CLASS_BLOB,
  CLASS_INTEGER,
  CLASS_REAL,
  CLASS_TEXT,
  type Column,
  type ColumnType,
  PLAIN_CLASSES,
  type Value,
} from '../../core/columns.ts';
import { TilewrightError } from '../../core/errors.ts';
import type { RowWriter } from '../sqlite/record.ts';
import { quote } from './sql.ts';

/** Columns of which one integer tells whether they are text. */
const MASK_COLUMNS = 30;

export class SqlValues {
  /** What to select: the values, then the masks. */
  readonly expressions: string[];
  readonly #path: string;
  readonly #types: ColumnType[];
  /** Null for UTF-8. */
  readonly #decoder: InstanceType<typeof TextDecoder> | null;

  constructor(db: DatabaseSync, path: string, columns: readonly Column[]) {
    this.#path = path;
    this.#types = columns.map(({ type }) => type);
    const names = columns.map(({ name }) => quote(name));
    this.expressions = names.map((c) => `iif(typeof(${c}) = 'text', cast(${c} as blob), ${c})`);
    for (let from = 0; from < names.length; from += MASK_COLUMNS) {
      const some = names.slice(from, from + MASK_COLUMNS);
      this.expressions.push(some.map((c, k) => `((typeof(${c}) = 'text') << ${k})`).join(' | '));
    }
    const encoding = String(db.prepare('pragma encoding').get()!['encoding']).toLowerCase();
    this.#decoder = encoding.startsWith('utf-16')
      ? new TextDecoder(encoding, { fatal: true, ignoreBOM: true })
      : null;
  }

  /**
   * Appends the values row[from …], as the expressions gave them with integers as bigints, to the
   * writer, encoded as a table's own records have them. Returns whether one is not of its column's
   * type.
   */
  encode(row: readonly Value[], from: number, position: number, writer: RowWriter): boolean {
    const types = this.#types;
    const masks = from + types.length;
    let odd = false;
    for (let k = 0; k < types.length; k++) {
      const type = types[k]!;
      const value = row[from + k] ?? null;
      let found = 0;
      if (value === null) writer.null();
      else if (typeof value === 'bigint') {
        const number = Number(value);
        const safe = Number.isSafeInteger(number);
        if (safe) writer.integer(number);
        else writer.bigint(value);
        found = safe ? CLASS_INTEGER : CLASS_BIG_INTEGER;
      } else if (typeof value === 'number') {
        // As the table's record has it: SQLite packs whole numbers of REAL columns alone.
        if (type === 'real' && !Object.is(value, -0)) writer.real(value);
        else writer.double(value);
        found = CLASS_REAL;
      } else if (value instanceof Uint8Array) {
        const mask = Number(row[masks + Math.floor(k / MASK_COLUMNS)]);
        const isText = ((mask >>> (k % MASK_COLUMNS)) & 1) === 1;
        if (!isText) writer.blob(value);
        else if (this.#decoder === null) writer.utf8(value, 0, value.length);
        else writer.text(this.#decode(value, position));
        found = isText ? CLASS_TEXT : CLASS_BLOB;
      } else {
        throw new TypeError(`${typeof value} was selected where there can be none`);
      }
      if (found & ~PLAIN_CLASSES[type]) odd = true;
    }
    return odd;
  }

  #decode(bytes: Uint8Array, position: number): string {
    try {
      return this.#decoder!.decode(bytes);
    } catch (cause) {
      throw new TilewrightError(
        'input-unreadable',
        `${this.#path}: the row ${position} has text that is not UTF-16, as the file says it is. ` +
          'Correct or empty that value',
        { input: this.#path, feature: position, cause },
      );
    }
  }
}

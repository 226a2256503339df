/**
 * The attributes of a shapefile: a dBASE table whose row i belongs to record i. A field's type and
 * width decide on its column's type, so that all its values have one:
 *
 * - C text; L boolean; D date
 * - N without decimals: integer up to 18 wide, which 64 bits always hold; text where it is wider,
 *   so that identifiers of 19 digits and more stay as they are (GDAL rounds them to doubles)
 * - N with decimals, and F: real, the nearest double
 * - FoxPro's binary I integer and B real; its other binary types a blob: their bytes
 * - any other letter text
 * - memos (M, and what else is kept in a file beside the .dbf) none: a row has only the number of a
 *   block of that file, which is not read
 */

import type { Column, ColumnType } from '../../core/columns.ts';
import { TilewrightError } from '../../core/errors.ts';
import type { FileWindow } from '../file-window.ts';
import type { RowWriter } from '../sqlite/record.ts';
import { writeBoolean, writeDate, writeDigits, writeNumber, writeText } from './dbf-values.ts';
import { type DbfEncoding, dbfEncoding } from './encoding.ts';

const HEADER_BYTES = 32;
const FIELD_BYTES = 32;
const NAME_BYTES = 11;
const FIELDS_END = 0x0d;
const DELETED = 0x2a;
/** Any so many digits fit a 64-bit integer. */
const INTEGER_WIDTH = 18;
/** dBASE 7 in the lower three bits of the first byte: a header of another layout. */
const DBASE_7 = 4;
/** FoxPro's currency, date and time, double, varbinary, timestamp, counter, flags of NULLs. */
const BINARY = 'YTOQ@+0';
/** Memos, OLE objects, pictures. */
const MEMOS = 'MGP';

const C = 0x43;
const N = 0x4e;
const F = 0x46;
const L = 0x4c;
const D = 0x44;
const I = 0x49;
const B = 0x42;
const W = 0x57;
/** Kinds that are no letters of a type: digits, bytes. */
const DIGITS = 1;
const BYTES = 2;

interface Field {
  /** How it is read, as the letter of a type: N integers, F other numbers, C all that is text. */
  kind: number;
  column: Column;
  /** First byte in the row; the deletion flag is byte 0. */
  start: number;
  width: number;
}

export class DbfTable {
  readonly columns: Column[];
  readonly rowCount: number;
  readonly rowBytes: number;
  readonly encoding: DbfEncoding;
  /** What is not read of its columns, or guessed. */
  readonly notes: string[] = [];
  readonly #window: FileWindow;
  readonly #input: string;
  readonly #headerBytes: number;
  readonly #fields: Field[];
  readonly #row: Buffer;

  /**
   * @param input - path of the .shp, for errors
   * @param cpg - text of the .cpg, null if there is none
   * @throws TilewrightError input-truncated, input-corrupt, input-format, input-encoding
   */
  constructor(window: FileWindow, input: string, cpg: string | null) {
    this.#window = window;
    this.#input = input;
    if (window.size < HEADER_BYTES + 1) {
      throw this.#error('input-truncated', `is cut short: it has ${window.size} bytes`);
    }
    this.rowCount = window.uint32LE(4);
    this.#headerBytes = window.uint16LE(8);
    this.rowBytes = window.uint16LE(10);
    this.encoding = dbfEncoding(cpg, window.uint8(29));
    const version = window.uint8(0);
    if (this.#headerBytes < HEADER_BYTES + 1 || this.rowBytes < 1) {
      throw this.#error('input-corrupt', 'is not a dBASE table: its header makes no sense');
    }
    if (this.#headerBytes > window.size) {
      throw this.#error('input-truncated', 'is cut short within its header');
    }
    this.#row = Buffer.alloc(this.rowBytes);
    this.#fields = this.#readFields(version);
    this.columns = this.#fields.map((field) => field.column);
  }

  /** Rows that the file has, of those that its header claims. */
  get storedRows(): number {
    const room = Math.floor((this.#window.size - this.#headerBytes) / this.rowBytes);
    return Math.min(this.rowCount, room);
  }

  /**
   * Checks that the file has the rows that its header claims, as far as `records` need them.
   * @throws TilewrightError input-truncated
   */
  checkRows(records: number): void {
    const rows = this.storedRows;
    if (rows < Math.min(records, this.rowCount)) {
      throw this.#error(
        'input-truncated',
        `is cut short at row ${rows + 1}: its header says ${this.rowCount} rows`,
        rows + 1,
      );
    }
  }

  /** The column of the row just written whose text had to be guessed, the first of them; else null. */
  takeGuessedColumn(): string | null {
    const guessed = this.encoding.takeGuessed();
    if (guessed === null) return null;
    const at = guessed.byteOffset - this.#row.byteOffset;
    return this.#fields.find(({ start, width }) => at < start + width)!.column.name;
  }

  /** Whether row `record` (from 1) is marked as deleted. */
  isDeleted(record: number): boolean {
    return record <= this.rowCount && this.#window.uint8(this.#offsetOf(record)) === DELETED;
  }

  /**
   * Writes the values of row `record` (from 1) to `row`, NULLs if there is no such row. Returns
   * whether a value's storage class is not the one that its column declares.
   * @param needed - by column: of those with 0 NULLs are written; null for all
   */
  writeRow(record: number, row: RowWriter, needed: Uint8Array | null = null): boolean {
    const fields = this.#fields;
    if (record > this.rowCount) {
      for (let i = 0; i < fields.length; i++) row.null();
      return false;
    }
    const bytes = this.#row;
    this.#window.copy(this.#offsetOf(record), this.rowBytes, bytes, 0);
    const encoding = this.encoding;
    if (encoding.unknown !== null) {
      for (const [i, { kind, start, width }] of fields.entries()) {
        const binary = kind === I || kind === B || kind === BYTES;
        if (!binary && needed?.[i] !== 0) this.#checkEncoding(bytes, start, start + width, record);
      }
    }
    let odd = false;
    for (let i = 0; i < fields.length; i++) {
      if (needed !== null && needed[i] === 0) {
        row.null();
        continue;
      }
      const field = fields[i]!;
      const { start } = field;
      const end = start + field.width;
      switch (field.kind) {
        case N:
          odd = writeNumber(row, bytes, start, end, true, encoding) || odd;
          break;
        case F:
          odd = writeNumber(row, bytes, start, end, false, encoding) || odd;
          break;
        case L:
          odd = writeBoolean(row, bytes, start, end, encoding) || odd;
          break;
        case D:
          writeDate(row, bytes, start, end, encoding);
          break;
        case I:
          row.integer(bytes.readInt32LE(start));
          break;
        case B:
          row.real(bytes.readDoubleLE(start));
          break;
        case DIGITS:
          writeDigits(row, bytes, start, end, encoding);
          break;
        case BYTES:
          row.blob(bytes.subarray(start, end));
          break;
        default:
          writeText(row, bytes, start, end, encoding);
      }
    }
    return odd;
  }

  #offsetOf(record: number): number {
    const offset = this.#headerBytes + (record - 1) * this.rowBytes;
    if (offset + this.rowBytes > this.#window.size) this.checkRows(record);
    return offset;
  }

  #readFields(version: number): Field[] {
    const foxPro = (version & 0xf0) === 0x30;
    const bytes = Buffer.alloc(this.#headerBytes);
    this.#window.copy(0, bytes.length, bytes, 0);
    const descriptors: number[] = [];
    for (let i = HEADER_BYTES; i + FIELD_BYTES <= this.#headerBytes; i += FIELD_BYTES) {
      if (bytes[i] === FIELDS_END) break;
      descriptors.push(i);
    }
    const narrow = descriptors.map((d) => bytes[d + 16]!);
    // Some writers keep the high byte of a text's width where numbers have their decimals.
    const wide = descriptors.map(
      (d, i) => narrow[i]! + (bytes[d + 11] === C ? bytes[d + 17]! : 0) * 256,
    );
    const sum = (widths: number[]): number => widths.reduce((a, b) => a + b, 1);
    const widths = sum(narrow) !== this.rowBytes && sum(wide) === this.rowBytes ? wide : narrow;
    if (sum(widths) > this.rowBytes) {
      throw this.#error(
        'input-corrupt',
        `is corrupt: its fields take ${sum(widths)} bytes, its rows have ${this.rowBytes}`,
      );
    }
    if ((version & 7) === DBASE_7 && sum(widths) !== this.rowBytes) {
      throw this.#error('input-format', 'is a table of dBASE 7, which is not read');
    }
    for (const d of descriptors) this.#checkEncoding(bytes, d, nameEnd(bytes, d));
    const names = this.#columnNames(descriptors, bytes);
    if (this.encoding.takeGuessed() !== null) {
      this.notes.push('the encoding of its column names had to be guessed: say it in a .cpg');
    }
    const fields: Field[] = [];
    const memos: string[] = [];
    let start = 1;
    for (const [i, d] of descriptors.entries()) {
      const width = widths[i]!;
      const name = names[i]!;
      const letter = bytes[d + 11]!;
      if (isMemo(letter, width, foxPro)) memos.push(name);
      else {
        const { kind, type } = fieldKind(letter, width, bytes[d + 17]!, foxPro);
        fields.push({ kind, column: { name, type }, start, width });
      }
      start += width;
    }
    if (memos.length > 0) {
      this.notes.push(`memos are kept in another file and left out: ${memos.join(', ')}`);
    }
    return fields;
  }

  /** Names of the fields; one that is taken, whatever its case, gets _1, _2, … appended. */
  #columnNames(descriptors: number[], bytes: Buffer): string[] {
    const taken = new Set<string>();
    return descriptors.map((d, i) => {
      const end = nameEnd(bytes, d);
      const decoded = this.encoding.decode(bytes.subarray(d, end), end === d + NAME_BYTES).trim();
      const name = decoded === '' ? `field_${i + 1}` : decoded;
      let unique = name;
      for (let n = 1; taken.has(unique.toLowerCase()); n++) unique = `${name}_${n}`;
      taken.add(unique.toLowerCase());
      return unique;
    });
  }

  /** @throws TilewrightError input-encoding for text beyond ASCII in an encoding nobody knows */
  #checkEncoding(bytes: Buffer, start: number, end: number, feature?: number): void {
    const { unknown } = this.encoding;
    if (unknown === null || bytes.subarray(start, end).every((byte) => byte < 0x80)) return;
    const cpg = this.#window.path.replace(/\.[^.]*$/, '.cpg');
    throw new TilewrightError(
      'input-encoding',
      `${this.#window.path} has text beyond ASCII, but ${unknown}. Write its encoding into ${cpg}, ` +
        'for example UTF-8 or 1252',
      { input: this.#input, feature },
    );
  }

  #error(
    code: 'input-truncated' | 'input-corrupt' | 'input-format',
    what: string,
    feature?: number,
  ): TilewrightError {
    return new TilewrightError(
      code,
      `${this.#window.path} ${what}. Copy or download it again, or remove it to read the polygons ` +
        'without attributes',
      { input: this.#input, feature },
    );
  }
}

/** End of the name in the field descriptor at `at`. */
function nameEnd(bytes: Buffer, at: number): number {
  let end = at;
  while (end < at + NAME_BYTES && bytes[end] !== 0) end++;
  return end;
}

function isMemo(letter: number, width: number, foxPro: boolean): boolean {
  if (letter === B) return !foxPro && width === 10;
  return MEMOS.includes(String.fromCharCode(letter)) || (foxPro && letter === W);
}

function fieldKind(
  letter: number,
  width: number,
  decimals: number,
  foxPro: boolean,
): { kind: number; type: ColumnType } {
  switch (letter) {
    case N:
    case F: {
      if (letter === F || decimals > 0) return { kind: F, type: 'real' };
      return width <= INTEGER_WIDTH ? { kind: N, type: 'integer' } : { kind: DIGITS, type: 'text' };
    }
    case L:
      return { kind: L, type: 'boolean' };
    case D:
      return { kind: D, type: 'date' };
    case I:
      return width === 4 ? { kind: I, type: 'integer' } : { kind: C, type: 'text' };
    case B:
      return foxPro && width === 8 ? { kind: B, type: 'real' } : { kind: C, type: 'text' };
    default:
      return foxPro && BINARY.includes(String.fromCharCode(letter))
        ? { kind: BYTES, type: 'blob' }
        : { kind: C, type: 'text' };
  }
}

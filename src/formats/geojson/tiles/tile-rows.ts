/** Goes through the rows of a tile of newline-delimited GeoJSON. */

import type { Column } from '../../../core/columns.ts';
import { TilewrightError } from '../../../core/errors.ts';
import { FeatureBatch } from '../../../geometry/batch.ts';
import { encodeWkb, wkbLength } from '../../../geometry/wkb.ts';
import { EncodedRow } from '../../encoded-row.ts';
import type { FileWindow } from '../../file-window.ts';
import { RowWriter } from '../../sqlite/record.ts';
import type { StagedRows } from '../../staged-format.ts';
import { GeometryReader } from '../geometry.ts';
import {
  DECIMAL,
  ESCAPED,
  FALSE,
  INTEGER,
  JsonCursor,
  NESTED,
  NULL,
  STRING,
  TRUE,
  UNDERFLOW,
} from '../json-cursor.ts';
import { readNumber } from '../number.ts';
import { writeInteger } from '../property-row.ts';
import { TextBuffer } from '../text.ts';
import type { JsonText } from './json-text.ts';
import {
  FEATURE_HEAD,
  GEOMETRY_HEAD,
  keyTexts,
  ODD_BLOB,
  ODD_TEXT,
  PROPERTIES_HEAD,
} from './row-text.ts';

const [HEAD, PROPERTIES, GEOMETRY, COMMA, END] = [
  FEATURE_HEAD,
  PROPERTIES_HEAD,
  GEOMETRY_HEAD,
  ',',
  '}\n',
].map((text) => Buffer.from(text)) as [Buffer, Buffer, Buffer, Buffer, Buffer];

export class TileRows implements StagedRows {
  readonly row = new EncodedRow();
  readonly #cursor: JsonCursor;
  readonly #columns: readonly Column[];
  readonly #keys: readonly Uint8Array[];
  readonly #batch = new FeatureBatch();
  readonly #geometry = new GeometryReader(false);
  readonly #values = new RowWriter();
  readonly #text = new TextBuffer();
  readonly #box = new Float64Array(4);
  readonly #number = new Float64Array(1);
  #wkb = new Uint8Array(1 << 10);
  #view = new DataView(this.#wkb.buffer);
  /** Rows that are left. */
  #left: number;
  /** Whether a row has been read, whose end is before the next one. */
  #hasRead = false;
  #start = 0;

  /** @param blockBytes - read at a time: few for single rows */
  constructor(
    window: FileWindow,
    columns: readonly Column[],
    rowCount: number,
    blockBytes?: number,
  ) {
    this.#cursor = new JsonCursor(window, window.path, blockBytes);
    this.#columns = columns;
    this.#keys = keyTexts(columns);
    this.#left = rowCount;
  }

  next(): boolean {
    if (this.#left === 0) return false;
    if (!this.#hasRead) this.#cursor.seek(0);
    this.#read();
    this.#left--;
    return true;
  }

  /** Reads the row that begins at a byte of the file. */
  readAt(offset: number): void {
    this.#cursor.seek(offset);
    this.#hasRead = false;
    this.#read();
  }

  /** Appends the current row's text, without the brace that ends it. */
  copyText(text: JsonText): void {
    text.copy(this.#cursor.bytes, this.#start, this.#cursor.at);
  }

  #read(): void {
    const cursor = this.#cursor;
    for (;;) {
      const mark = cursor.at;
      try {
        this.#parse();
        this.#hasRead = true;
        return;
      } catch (error) {
        if (error !== UNDERFLOW) throw error;
        cursor.refill(mark);
      }
    }
  }

  #parse(): void {
    const cursor = this.#cursor;
    if (this.#hasRead) readLiteral(cursor, END);
    this.#start = cursor.at;
    readBox(cursor, this.#box);
    readLiteral(cursor, PROPERTIES);
    const values = this.#values;
    values.clear();
    for (const [i, key] of this.#keys.entries()) {
      readLiteral(cursor, key);
      this.#value(cursor.value(), this.#columns[i]!);
    }
    readLiteral(cursor, GEOMETRY);
    const geometryEnd = this.#readGeometry();
    const { row } = this;
    [row.minX, row.minY, row.maxX, row.maxY] = this.#box as unknown as [
      number,
      number,
      number,
      number,
    ];
    row.types = values.types;
    row.typesEnd = values.typesLength;
    row.body = values.body;
    row.bodyEnd = values.bodyLength;
    row.geometry = this.#wkb;
    row.geometryEnd = geometryEnd;
  }

  #value(kind: number, column: Column): void {
    const cursor = this.#cursor;
    const { bytes, valueStart, valueEnd } = cursor;
    const values = this.#values;
    switch (kind) {
      case NULL:
        values.null();
        break;
      case TRUE:
      case FALSE:
        values.integer(kind === TRUE ? 1 : 0);
        break;
      case INTEGER:
        try {
          writeInteger(values, bytes, valueStart, valueEnd);
        } catch {
          throw notOurs(cursor.path);
        }
        break;
      case DECIMAL:
        cursor.at = valueStart;
        readNumber(cursor, this.#number, 0);
        values.double(this.#number[0]!);
        break;
      case STRING:
        if (column.type === 'blob')
          values.blob(Buffer.from(bytes.toString('latin1', valueStart, valueEnd), 'base64'));
        else values.utf8(bytes, valueStart, valueEnd);
        break;
      case ESCAPED:
        this.#text.unescape(bytes, valueStart, valueEnd);
        values.utf8(this.#text.bytes, 0, this.#text.length);
        break;
      case NESTED:
        this.#odd(bytes.toString('latin1', valueStart, valueEnd));
        break;
      default:
        throw notOurs(cursor.path);
    }
  }

  /** A value that is not of its column's type, in base64. */
  #odd(text: string): void {
    const head = [ODD_BLOB, ODD_TEXT].find((one) => text.startsWith(one));
    if (head === undefined) throw notOurs(this.#cursor.path);
    const bytes = Buffer.from(text.slice(head.length + 1, -2), 'base64');
    if (head === ODD_BLOB) this.#values.blob(bytes);
    else this.#values.utf8(bytes, 0, bytes.length);
  }

  /** Returns the length of the WKB. */
  #readGeometry(): number {
    const batch = this.#batch;
    batch.clear();
    batch.beginFeature(1);
    if (this.#geometry.read(this.#cursor, batch) !== null) throw notOurs(this.#cursor.path);
    batch.endFeature();
    const length = wkbLength(batch, 0);
    if (this.#wkb.length < length) {
      this.#wkb = new Uint8Array(2 * length);
      this.#view = new DataView(this.#wkb.buffer);
    }
    return encodeWkb(batch, 0, this.#wkb, this.#view, 0);
  }
}

/** Reads the beginning of a row: minX, minY, maxX, maxY. */
export function readBox(cursor: JsonCursor, box: Float64Array, at = 0): void {
  readLiteral(cursor, HEAD);
  for (let i = 0; i < 4; i++) {
    if (i > 0) readLiteral(cursor, COMMA);
    if (!readNumber(cursor, box, at + i)) throw notOurs(cursor.path, cursor);
  }
  // The number may go on behind the block.
  if (cursor.at >= cursor.end) throw notOurs(cursor.path, cursor);
}

/** Passes over bytes that have to be there. */
function readLiteral(cursor: JsonCursor, literal: Uint8Array): void {
  const { bytes, at } = cursor;
  for (let i = 0; i < literal.length; i++) {
    if (bytes[at + i] === literal[i]) continue;
    cursor.at = at + i;
    throw notOurs(cursor.path, cursor);
  }
  cursor.at = at + literal.length;
}

/** @param cursor - where it stands: at the end of a block UNDERFLOW is returned */
export function notOurs(path: string, cursor: JsonCursor | null = null): Error {
  if (cursor !== null && cursor.at >= cursor.end && !cursor.isLast) return UNDERFLOW;
  return new TilewrightError(
    'staged-folder',
    `${path} is not as it was staged: it is damaged, or another program has written it. Stage again with --force`,
  );
}

/**
 * Where records lie in the main file: by the .shx or, without one that can be trusted, by walking
 * from record header to record header. Either way records are numbered from 1 in that order.
 */

import { TilewrightError } from '../../core/errors.ts';
import type { FileWindow } from '../file-window.ts';
import { HEADER_BYTES, type ShapefileHeader } from './shp.ts';

const RECORD_HEADER_BYTES = 8;
const ENTRY_BYTES = 8;
/** Entries of a .shx that are checked at a time. */
const CHECKED_ENTRIES = 1 << 13;
/** The walk remembers the offset of every so many records. */
const STRIDE = 64;

export interface RecordIndex {
  /** Number of records. Without a .shx the first use walks through the file. */
  readonly count: number;
  /** Whether records are found only by going from one to the next. */
  readonly isWalked: boolean;
  /** Tells where a record begins: reading goes on from there. */
  startAt(record: number, offset: number): void;
  /** File offset of the record's header, −1 if there is no such record. */
  offsetOf(record: number): number;
  /**
   * The same of this record or of one that is up to 63 before it, by what is known of the main file without
   * another look at it: nothing there is checked.
   */
  offsetNear(record: number): { record: number; offset: number };
  /** Bytes of the record's content, after its header; 0 if it has none. Checked to be in the file. */
  lengthOf(record: number): number;
}

/** Reads a record header's content length, in bytes. */
function contentLength(shp: FileWindow, offset: number): number {
  return 2 * shp.uint32BE(offset + 4);
}

function truncated(shp: FileWindow, record: number, declared: number): TilewrightError {
  return new TilewrightError(
    'input-truncated',
    `${shp.path} is cut short at record ${record}: its header says ${declared} bytes, the file ` +
      `has ${shp.size}. Copy or download it again`,
    { input: shp.input, feature: record },
  );
}

/** What was found when all of a .shx, or of a main file without one, was looked at. */
export interface KnownRecords {
  count: number;
  isWalked: boolean;
}

/**
 * The index of a main file. A .shx that contradicts the main file (it is cut short, points outside
 * the file, or ends before the records do) is not used.
 * @param known - of these very files; undefined: they are looked at
 * @throws TilewrightError input-truncated if the .shx lists records that the main file lacks
 */
export function openIndex(
  shp: FileWindow,
  header: ShapefileHeader,
  shx: FileWindow | null,
  known?: KnownRecords,
): RecordIndex {
  if (shx !== null && known?.isWalked !== true) {
    const count = known?.count ?? indexedRecords(shx, shp, header);
    if (count >= 0) return new ShxIndex(shx, shp, count);
  }
  return new WalkedIndex(shp, header.fileLength, known?.count);
}

/**
 * How many records the .shx lists; −1 if it is not whole, lists one outside the main file, or
 * not the last one there.
 */
function indexedRecords(shx: FileWindow, shp: FileWindow, header: ShapefileHeader): number {
  if (shx.size < HEADER_BYTES) return -1;
  if (shx.uint32BE(0) !== shp.uint32BE(0)) return -1;
  const length = 2 * shx.uint32BE(24);
  const count = (length - HEADER_BYTES) / ENTRY_BYTES;
  if (length > shx.size || count < 0 || !Number.isInteger(count)) return -1;
  let recordsEnd = HEADER_BYTES;
  const view = new DataView(new ArrayBuffer(ENTRY_BYTES * Math.min(count, CHECKED_ENTRIES)));
  const bytes = new Uint8Array(view.buffer);
  for (let i = 0; i < count; i += CHECKED_ENTRIES) {
    const entries = Math.min(count - i, CHECKED_ENTRIES);
    shx.copy(HEADER_BYTES + ENTRY_BYTES * i, ENTRY_BYTES * entries, bytes, 0);
    for (let e = 0; e < entries; e++) {
      const content = 2 * view.getUint32(ENTRY_BYTES * e + 4);
      if (content === 0) continue;
      const offset = 2 * view.getUint32(ENTRY_BYTES * e);
      const end = offset + RECORD_HEADER_BYTES + content;
      if (offset < HEADER_BYTES) return -1;
      if (end > shp.size) {
        if (header.fileLength > shp.size) throw truncated(shp, i + e + 1, header.fileLength);
        return -1;
      }
      if (end > recordsEnd) recordsEnd = end;
    }
  }
  if (recordsEnd + RECORD_HEADER_BYTES > Math.min(shp.size, header.fileLength)) return count;
  // More may follow: space that an edit left behind, or records that the .shx does not know.
  return shp.uint32BE(recordsEnd) === count + 1 ? -1 : count;
}

class ShxIndex implements RecordIndex {
  readonly isWalked = false;
  readonly count: number;
  readonly #shx: FileWindow;
  readonly #shp: FileWindow;

  constructor(shx: FileWindow, shp: FileWindow, count: number) {
    this.#shx = shx;
    this.#shp = shp;
    this.count = count;
  }

  startAt(): void {
    // It has them all.
  }

  offsetOf(record: number): number {
    if (record < 1 || record > this.count) return -1;
    return 2 * this.#shx.uint32BE(entryOf(record));
  }

  offsetNear(record: number): { record: number; offset: number } {
    return { record, offset: this.offsetOf(record) };
  }

  /** By the record's own header, unless that makes no sense. */
  lengthOf(record: number): number {
    const offset = 2 * this.#shx.uint32BE(entryOf(record));
    const indexed = 2 * this.#shx.uint32BE(entryOf(record) + 4);
    if (indexed === 0) return 0;
    const length = contentLength(this.#shp, offset);
    const end = offset + RECORD_HEADER_BYTES + length;
    return length > 0 && end <= this.#shp.size ? length : indexed;
  }
}

/** Offset of a record's entry in the .shx. */
function entryOf(record: number): number {
  return HEADER_BYTES + ENTRY_BYTES * (record - 1);
}

class WalkedIndex implements RecordIndex {
  readonly isWalked = true;
  readonly #shp: FileWindow;
  readonly #declaredLength: number;
  /** Offsets of records 1, 1 + STRIDE, 1 + 2 STRIDE, … as far as the walk has come. */
  readonly #marks: number[] = [HEADER_BYTES];
  #count: number;
  /** Where the walk stands: at the header of this record, if there is one. */
  #record = 1;
  #offset = HEADER_BYTES;

  constructor(shp: FileWindow, declaredLength: number, count = -1) {
    this.#shp = shp;
    this.#declaredLength = declaredLength;
    this.#count = count;
  }

  startAt(record: number, offset: number): void {
    this.#record = record;
    this.#offset = offset;
  }

  get count(): number {
    if (this.#count < 0) {
      let record = 1 + STRIDE * (this.#marks.length - 1);
      while (this.offsetOf(record) >= 0) record++;
      this.#count = record - 1;
    }
    return this.#count;
  }

  offsetOf(record: number): number {
    if (record < 1) return -1;
    const mark = Math.min(Math.floor((record - 1) / STRIDE), this.#marks.length - 1);
    const markedRecord = 1 + STRIDE * mark;
    if (record < this.#record || markedRecord > this.#record) {
      this.#record = markedRecord;
      this.#offset = this.#marks[mark]!;
    }
    while (this.#record < record) {
      const length = this.#lengthAt(this.#offset, this.#record);
      if (length < 0) return -1;
      this.#offset += RECORD_HEADER_BYTES + length;
      this.#record++;
      if (this.#record === 1 + STRIDE * this.#marks.length) this.#marks.push(this.#offset);
    }
    return this.#lengthAt(this.#offset, record) < 0 ? -1 : this.#offset;
  }

  offsetNear(record: number): { record: number; offset: number } {
    const mark = Math.min(Math.floor((record - 1) / STRIDE), this.#marks.length - 1);
    return { record: 1 + STRIDE * mark, offset: this.#marks[mark] ?? -1 };
  }

  lengthOf(record: number): number {
    return contentLength(this.#shp, this.offsetOf(record));
  }

  /**
   * Content length of the record whose header is at `offset`; −1 if the records end there. They
   * end at the length that the main file's header says, but for a writer that did not come to
   * update it: what follows then is a record as long as it has the next number.
   */
  #lengthAt(offset: number, record: number): number {
    const shp = this.#shp;
    if (offset + RECORD_HEADER_BYTES > shp.size) {
      if (offset < this.#declaredLength) throw truncated(shp, record, this.#declaredLength);
      return -1;
    }
    const numbered = shp.uint32BE(offset) === record;
    if (offset >= this.#declaredLength && !numbered) return -1;
    const length = contentLength(shp, offset);
    if (length === 0 && !numbered) {
      throw new TilewrightError(
        'input-corrupt',
        `${shp.path}: there is no header of record ${record} at byte ${offset}, where record ` +
          `${record - 1} ends, and no .shx that says where it is`,
        { input: shp.input, feature: record },
      );
    }
    if (offset + RECORD_HEADER_BYTES + length > shp.size) {
      throw truncated(shp, record, Math.max(this.#declaredLength, offset + length));
    }
    return length;
  }
}

/** Reads one column of one row group, page by page. */

import { crc32 } from 'node:zlib';
import { ChunkBytes } from './chunk-bytes.ts';
import { checkCodec, decompress, UNCOMPRESSED } from './codecs/decompress.ts';
import { ParquetFault, unsupported } from './fault.ts';
import type { ParquetFile } from './file.ts';
import { PHYSICAL_TYPES } from './metadata.ts';
import { PageBudget } from './page-budget.ts';
import { readPageLocations } from './page-index.ts';
import {
  checkOwnHead,
  DATA_PAGE,
  DATA_PAGE_V2,
  DICTIONARY_PAGE,
  type PageHeader,
  parsePageHeader,
} from './pages.ts';
import type { ColumnChunk } from './row-groups.ts';
import type { Leaf } from './schema.ts';
import { ThriftEnd } from './thrift.ts';
import { type OpenPage, openPage } from './values/data-page.ts';
import { plainDecoder } from './values/plain.ts';
import { VECTOR_ENTRIES, Vector } from './values/vector.ts';

/** Statistics in heads of pages can be long: two geometries of any size. */
const HEADER_BYTES = [128, 4096, 1 << 18, 1 << 24];
/** Of a page. */
const MAX_PAGE_BYTES = 1 << 29;

export class ColumnReader {
  /** What `read` has filled. Valid until it is called again. */
  readonly vector: Vector;
  readonly #file: ParquetFile;
  readonly #group: number;
  readonly #leaf: Leaf;
  readonly #chunk: ColumnChunk;
  readonly #bytes: ChunkBytes;
  readonly #budget: PageBudget;
  /** Entries that are in pages not begun yet. */
  #left: number;
  #page: OpenPage | null = null;
  /** Entries of the page that were not read yet. */
  #inPage = 0;
  #dictionary: Vector | null = null;
  /** Memory for pages, which is used again. */
  #room = new Uint8Array(0);
  #held = 0;

  /**
   * @param group - index of the row group
   * @param budget - shared by the columns that are read at a time
   * @throws TilewrightError input-format for what is not read here, input-corrupt
   */
  constructor(file: ParquetFile, group: number, leaf: Leaf, budget = new PageBudget()) {
    this.#file = file;
    this.#group = group;
    this.#leaf = leaf;
    this.#budget = budget;
    const rowGroup = file.metadata.rowGroups.at(group);
    this.#chunk = rowGroup.columns[leaf.index]!;
    this.vector = new Vector(leaf);
    const { codec, type, path, encrypted, values, compressedBytes } = this.#chunk;
    const { dataOffset, dictionaryOffset } = this.#chunk;
    this.#left = values;
    const hasDictionary = dictionaryOffset !== null && dictionaryOffset > 0;
    const start = hasDictionary ? Math.min(dictionaryOffset, dataOffset) : dataOffset;
    const limit = file.isOwn ? Math.min(file.footerAt, start + compressedBytes) : file.footerAt;
    this.#bytes = new ChunkBytes(file.window, start, limit, compressedBytes);
    try {
      if (encrypted) throw unsupported('is encrypted', 'Write the file anew without encryption');
      if (path !== null && path !== '') {
        throw unsupported(`is in another file, "${path}"`, 'Stage that file');
      }
      checkCodec(codec);
      if (PHYSICAL_TYPES[type] !== leaf.type) throw new ParquetFault('is of another type');
      const isFlat = leaf.maxRepetition === 0;
      if (isFlat ? values !== rowGroup.rows : values < rowGroup.rows) {
        throw new ParquetFault(`has ${values} values for ${rowGroup.rows} rows`);
      }
    } catch (error) {
      throw file.named(error, leaf, group);
    }
  }

  /**
   * Fills the vector with the next entries, all of one page.
   * @param most - 1 to VECTOR_ENTRIES
   * @returns how many; 0 at the end of the row group
   * @throws TilewrightError
   */
  read(most = VECTOR_ENTRIES): number {
    try {
      while (this.#inPage === 0) if (!this.#nextPage()) return 0;
      const count = Math.min(most, this.#inPage);
      this.#page!.read(this.vector, count);
      this.#inPage -= count;
      return count;
    } catch (error) {
      throw this.#file.named(error, this.#leaf, this.#group);
    }
  }

  /**
   * Goes on at a row of the row group, before anything was read.
   * @returns the row where reading goes on: of a column that is nested it may be one before
   */
  seek(row: number): number {
    let from = 0;
    try {
      if (row > 0) from = this.#jump(row);
    } catch (error) {
      throw this.#file.named(error, this.#leaf, this.#group);
    }
    if (this.#leaf.maxRepetition > 0) return from;
    this.skip(row - from);
    return row;
  }

  /** Passes over rows of a column that is not nested: pages of nothing else are not decompressed. */
  skip(rows: number): void {
    try {
      for (let left = rows; left > 0; ) {
        if (this.#inPage === 0) {
          if (!this.#nextPage(left)) return;
          left -= this.#passed;
          continue;
        }
        const count = Math.min(left, this.#inPage, VECTOR_ENTRIES);
        this.#page!.read(this.vector, count);
        this.#inPage -= count;
        left -= count;
      }
    } catch (error) {
      throw this.#file.named(error, this.#leaf, this.#group);
    }
  }

  /** Bytes of the next page of values, as it lies in the file. */
  nextPageBytes(): number {
    try {
      this.#readDictionary(this.#bytes.limit, true);
      return this.#left > 0 ? this.#header().compressedBytes : 0;
    } catch (error) {
      throw this.#file.named(error, this.#leaf, this.#group);
    }
  }

  /** Entries of the page that `nextPage` passed over. */
  #passed = 0;

  /** By the index of pages, if there is one, to the page that holds the row; returns its first row. */
  #jump(row: number): number {
    const rows = this.#file.metadata.rowGroups.rowsOf(this.#group);
    const pages = readPageLocations(this.#file, this.#group, this.#leaf);
    if (pages === null) return 0;
    let k = 0;
    while (k + 1 < pages.length && pages[k + 1]!.firstRow <= row) k++;
    if (k === 0) return 0;
    // The dictionary comes before the first page.
    if (this.#bytes.position < pages[0]!.offset) this.#readDictionary(pages[0]!.offset);
    const { offset, firstRow } = pages[k]!;
    this.#bytes.position = offset;
    const header = this.#header();
    const pageRows = (pages[k + 1]?.firstRow ?? rows) - firstRow;
    const isFlat = this.#leaf.maxRepetition === 0;
    const found = isFlat ? header.values : (header.rows ?? pageRows);
    const isData = header.kind === DATA_PAGE || header.kind === DATA_PAGE_V2;
    if (!isData || found !== pageRows) throw new ParquetFault('has a damaged index of pages');
    // Of nested columns, how many are left is not known: until the pages end.
    if (isFlat) this.#left -= firstRow;
    else this.#left = pages.at(-1)!.offset + pages.at(-1)!.bytes - offset;
    this.#until = isFlat ? null : pages.at(-1)!.offset + pages.at(-1)!.bytes;
    return firstRow;
  }

  /** Where the pages end, if that is what ends reading. */
  #until: number | null = null;

  /** @param once - whether to stop at what is no dictionary */
  #readDictionary(before: number, once = false): void {
    while (this.#dictionary === null && this.#left > 0 && this.#bytes.position < before) {
      const header = this.#header();
      if (header.kind === DICTIONARY_PAGE) this.#takeDictionary(header);
      else if (once) return;
      this.#bytes.position += header.headerBytes + header.compressedBytes;
    }
  }

  /**
   * Opens the next data page; false at the end.
   * @param skip - entries that nobody wants: a page of as many is passed over
   */
  #nextPage(skip = 0): boolean {
    this.#page = null;
    this.#passed = 0;
    for (;;) {
      const { position } = this.#bytes;
      if (this.#until === null ? this.#left <= 0 : position >= this.#until) return false;
      const header = this.#header(skip > 0);
      const next = position + header.headerBytes + header.compressedBytes;
      const { kind, values } = header;
      if (kind === DICTIONARY_PAGE) this.#takeDictionary(header);
      else if (kind === DATA_PAGE || kind === DATA_PAGE_V2) {
        if (this.#until === null) {
          if (values > this.#left) throw new ParquetFault('has more values than it says');
          this.#left -= values;
        }
        if (values > 0 && values <= skip) this.#passed = values;
        else if (values > 0) {
          const isSame = header.isCompressed && this.#chunk.codec !== UNCOMPRESSED;
          const { bytes, at, end } = this.#pageBytes(header, isSame);
          this.#page = openPage(this.#leaf, header, bytes, at, end, this.#dictionary);
          this.#inPage = values;
        }
        this.#bytes.position = next;
        if (values > 0) return true;
        continue;
      }
      this.#bytes.position = next;
    }
  }

  /**
   * The head of the page at the position, where it stays.
   * @param isAlone - whether what follows is likely not to be read
   */
  #header(isAlone = false): PageHeader {
    for (const bytes of HEADER_BYTES) {
      const length = Math.min(bytes, this.#bytes.left);
      this.#bytes.need(length, isAlone);
      try {
        const header = parsePageHeader(this.#bytes.bytes, this.#bytes.at, this.#bytes.at + length);
        if (this.#file.isOwn) checkOwnHead(header, this.#chunk);
        const { compressedBytes, uncompressedBytes } = header;
        const most = Math.max(compressedBytes, uncompressedBytes);
        if (most <= MAX_PAGE_BYTES) return header;
        throw new ParquetFault(
          `has a page of ${most} bytes. Write the file anew with row groups of fewer rows`,
          'input-format',
        );
      } catch (error) {
        if (!(error instanceof ThriftEnd) || length < bytes) throw error;
      }
    }
    throw new ParquetFault('has a head of a page without an end');
  }

  /**
   * The bytes of a page as they are read: levels of version 2 are never compressed, and come first.
   * @param isPacked - whether the rest is
   */
  #pageBytes(
    header: PageHeader,
    isPacked: boolean,
  ): { bytes: Uint8Array; at: number; end: number } {
    const { headerBytes, compressedBytes, uncompressedBytes, crc } = header;
    this.#bytes.need(headerBytes + compressedBytes);
    const { bytes } = this.#bytes;
    const at = this.#bytes.at + headerBytes;
    const end = at + compressedBytes;
    this.#hold(bytes.length + (isPacked ? uncompressedBytes : 0));
    if (crc !== null && (crc32(bytes.subarray(at, end)) | 0) !== (crc | 0)) {
      throw new ParquetFault('has a page whose checksum is another');
    }
    if (!isPacked) return { bytes, at, end };
    const levels = header.definitionBytes + header.repetitionBytes;
    const length = uncompressedBytes - levels;
    const room = (size: number): Uint8Array => {
      if (this.#room.length < size) this.#room = new Uint8Array(size);
      return this.#room;
    };
    if (length === 0) return { bytes, at, end: at + levels };
    const values = decompress(this.#chunk.codec, bytes, at + levels, end, length, room);
    if (levels === 0) return { bytes: values, at: 0, end: length };
    header.levels = { bytes, at };
    return { bytes: values, at: 0, end: length };
  }

  #takeDictionary(header: PageHeader): void {
    if (this.#dictionary !== null) throw new ParquetFault('has two dictionaries');
    const { encoding, values, uncompressedBytes } = header;
    if (encoding !== 0 && encoding !== 2) {
      throw unsupported(`has a dictionary in encoding ${encoding}`, 'Write the file anew');
    }
    if (values > uncompressedBytes) throw new ParquetFault('has a damaged dictionary');
    const isPacked = this.#chunk.codec !== UNCOMPRESSED;
    const page = this.#pageBytes(header, isPacked);
    this.#budget.change(page.end - page.at + 8 * values);
    // Pages that come take the place of these bytes.
    const bytes = page.bytes.slice(page.at, page.end);
    this.#dictionary = new Vector({ ...this.#leaf, maxDefinition: 0, maxRepetition: 0 }, values);
    plainDecoder(this.#leaf, bytes, 0, bytes.length).read(this.#dictionary, values);
    this.#dictionary.count = values;
  }

  #hold(bytes: number): void {
    this.#budget.change(bytes - this.#held);
    this.#held = bytes;
  }
}

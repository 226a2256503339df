/** Heads of pages, and the index that tells where pages are. */

import { ParquetFault } from './fault.ts';
import type { ColumnChunk } from './row-groups.ts';
import { ThriftReader } from './thrift.ts';

export const DATA_PAGE = 0;
const INDEX_PAGE = 1;
export const DICTIONARY_PAGE = 2;
export const DATA_PAGE_V2 = 3;

/** One for all kinds of pages. */
export interface PageHeader {
  kind: number;
  /** Bytes of the header itself. */
  headerBytes: number;
  uncompressedBytes: number;
  compressedBytes: number;
  /** CRC 32 of the compressed bytes; null: not given. */
  crc: number | null;
  /** Values and nulls. */
  values: number;
  encoding: number;
  /** Encodings of levels; of version 2 always RLE. */
  definitionEncoding: number;
  repetitionEncoding: number;
  /** Rows; null in version 1, where only pages of columns that are not nested tell. */
  rows: number | null;
  /** Bytes of the levels of version 2, which are not compressed. */
  definitionBytes: number;
  repetitionBytes: number;
  isCompressed: boolean;
  /** Where the levels of version 2 begin, if the values were compressed beside them. */
  levels: { bytes: Uint8Array; at: number } | null;
}

/** @throws ThriftEnd if the header goes on behind the bytes; ParquetFault */
export function parsePageHeader(bytes: Uint8Array, at: number, end: number): PageHeader {
  const reader = new ThriftReader(bytes, at, end);
  const header: PageHeader = {
    ...{ kind: -1, headerBytes: 0, uncompressedBytes: -1, compressedBytes: -1, crc: null },
    ...{ values: -1, encoding: -1, definitionEncoding: 3, repetitionEncoding: 3, rows: null },
    ...{ definitionBytes: 0, repetitionBytes: 0, isCompressed: true, levels: null },
  };
  const outer = reader.begin();
  while (reader.next()) {
    const { id } = reader;
    if (id === 1) header.kind = reader.int();
    else if (id === 2) header.uncompressedBytes = reader.int();
    else if (id === 3) header.compressedBytes = reader.int();
    else if (id === 4) header.crc = reader.int();
    else if (id === 5 || id === 7) readVersion1(reader, header);
    else if (id === 8) readVersion2(reader, header);
    else reader.skip();
  }
  reader.end(outer);
  header.headerBytes = reader.at - at;
  const { uncompressedBytes, compressedBytes, definitionBytes, repetitionBytes } = header;
  const isSound =
    uncompressedBytes >= 0 &&
    compressedBytes >= 0 &&
    ((header.values >= 0 && header.encoding >= 0) || header.kind === INDEX_PAGE) &&
    definitionBytes >= 0 &&
    repetitionBytes >= 0 &&
    definitionBytes + repetitionBytes <= Math.min(compressedBytes, uncompressedBytes);
  if (!isSound) throw new ParquetFault('has a damaged head of a page');
  return header;
}

/** Of data pages, and the first two fields of those of dictionaries. */
function readVersion1(reader: ThriftReader, header: PageHeader): void {
  const isDictionary = reader.id === 7;
  const outer = reader.beginField();
  while (reader.next()) {
    if (reader.id === 1) header.values = reader.int();
    else if (reader.id === 2) header.encoding = reader.int();
    else if (reader.id === 3 && !isDictionary) header.definitionEncoding = reader.int();
    else if (reader.id === 4 && !isDictionary) header.repetitionEncoding = reader.int();
    else reader.skip();
  }
  reader.end(outer);
}

function readVersion2(reader: ThriftReader, header: PageHeader): void {
  const outer = reader.beginField();
  while (reader.next()) {
    if (reader.id === 1) header.values = reader.int();
    else if (reader.id === 3) header.rows = reader.int();
    else if (reader.id === 4) header.encoding = reader.int();
    else if (reader.id === 5) header.definitionBytes = reader.int();
    else if (reader.id === 6) header.repetitionBytes = reader.int();
    else if (reader.id === 7) header.isCompressed = reader.bool();
    else reader.skip();
  }
  reader.end(outer);
}

const [PLAIN, RLE, RLE_DICTIONARY] = [0, 3, 8];
/** The levels of a page without a value: their length, a run's, and the level. */
const LEVELS_BYTES = 8;

/**
 * Refuses the head of a page that our own writer would not have written: a head has no checksum, and
 * what the metadata, which have one, say of the chunk leaves one encoding for values.
 * @throws ParquetFault
 */
export function checkOwnHead(header: PageHeader, chunk: ColumnChunk): void {
  const { kind, crc, encoding, uncompressedBytes } = header;
  const hasDictionary = chunk.dictionaryOffset !== null;
  const others = chunk.encodings.filter((one) => one !== RLE);
  const ofValues = hasDictionary ? RLE_DICTIONARY : Math.max(...others);
  const ofNulls = others.includes(PLAIN) && uncompressedBytes <= LEVELS_BYTES ? PLAIN : ofValues;
  const isOurs =
    kind === DICTIONARY_PAGE
      ? hasDictionary && encoding === PLAIN
      : kind === DATA_PAGE && (encoding === ofValues || encoding === ofNulls);
  const areLevels = header.definitionEncoding === RLE && header.repetitionEncoding === RLE;
  if (isOurs && areLevels && crc !== null) return;
  throw new ParquetFault('has a damaged head of a page');
}

/** Where the data pages of a chunk are, in order: OffsetIndex. */
export interface PageLocation {
  offset: number;
  /** With the header. */
  bytes: number;
  /** In the row group. */
  firstRow: number;
}

export function parseOffsetIndex(bytes: Uint8Array): PageLocation[] {
  const reader = new ThriftReader(bytes);
  const pages: PageLocation[] = [];
  const outer = reader.begin();
  while (reader.next()) {
    if (reader.id !== 1) {
      reader.skip();
      continue;
    }
    reader.structs(() => {
      const page: PageLocation = { offset: -1, bytes: -1, firstRow: -1 };
      const inner = reader.begin();
      while (reader.next()) {
        if (reader.id === 1) page.offset = reader.int();
        else if (reader.id === 2) page.bytes = reader.int();
        else if (reader.id === 3) page.firstRow = reader.int();
        else reader.skip();
      }
      reader.end(inner);
      pages.push(page);
    });
  }
  reader.end(outer);
  return pages;
}

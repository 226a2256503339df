/** Codecs of pages, by their numbers. */

import { brotliDecompressSync, gunzipSync, inflateSync, zstdDecompressSync } from 'node:zlib';
import { ParquetFault, REWRITE, unsupported } from '../fault.ts';
import { LZ4_RATIO, unlz4, unlz4Hadoop } from './lz4.ts';
import { SNAPPY_RATIO, unsnappy } from './snappy.ts';

export const UNCOMPRESSED = 0;
const [SNAPPY, GZIP, BROTLI, LZ4, ZSTD, LZ4_RAW] = [1, 2, 4, 5, 6, 7];
const NAMES: readonly string[] = [
  ...['UNCOMPRESSED', 'SNAPPY', 'GZIP', 'LZO', 'BROTLI', 'LZ4', 'ZSTD', 'LZ4_RAW'],
];

const CHUNK = 1 << 16;

/** @throws ParquetFault for a codec that is not known */
export function checkCodec(codec: number): void {
  if (NAMES[codec] !== undefined && codec !== 3) return;
  throw unsupported(`is compressed by ${NAMES[codec] ?? `codec ${codec}`}`, REWRITE);
}

/** Memory for what comes out, at least `length` bytes of it. */
export type Room = (length: number) => Uint8Array;

/**
 * Decompresses source[at, end) into `length` bytes, the first of what is returned.
 * @param room - asked for no more than the input can give
 */
export function decompress(
  codec: number,
  source: Uint8Array,
  at: number,
  end: number,
  length: number,
  room: Room,
): Uint8Array {
  if (codec === SNAPPY || codec === LZ4 || codec === LZ4_RAW) {
    if (length > (end - at) * (codec === SNAPPY ? SNAPPY_RATIO : LZ4_RATIO)) {
      throw new ParquetFault(`has a page that can’t have ${length} bytes`);
    }
    const target = room(length);
    if (codec === SNAPPY) unsnappy(source, at, end, target, length);
    else if (codec === LZ4) unlz4Hadoop(source, at, end, target, length);
    else if (unlz4(source, at, end, target, 0, length) !== length) {
      throw new ParquetFault('has a page that LZ4 can’t have written');
    }
    return target;
  }
  const packed = source.subarray(at, end);
  // One chunk where it is likely to be all, so that nothing is put together; memory is taken as it fills.
  const options = { maxOutputLength: Math.max(1, length), chunkSize: Math.max(CHUNK, length + 1) };
  let out: Uint8Array;
  try {
    out = byZlib(codec, packed, options);
  } catch (error) {
    const name = NAMES[codec];
    throw new ParquetFault(`has a page that ${name} can’t undo (${(error as Error).message})`);
  }
  if (out.length !== length) {
    throw new ParquetFault(`has a page of ${out.length} bytes that says ${length}`);
  }
  return out;
}

function byZlib(
  codec: number,
  packed: Uint8Array,
  options: { maxOutputLength: number; chunkSize: number },
): Uint8Array {
  if (codec === ZSTD) return zstdDecompressSync(packed, options);
  if (codec === BROTLI) return brotliDecompressSync(packed, options);
  if (codec !== GZIP) throw unsupported(`is compressed by codec ${codec}`, REWRITE);
  // Some writers call zlib's own format so.
  return packed[0] === 0x78 ? inflateSync(packed, options) : gunzipSync(packed, options);
}

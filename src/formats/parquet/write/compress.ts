/** ZSTD as pages are compressed: docs/decisions/2026-11-29-geoparquet-tiles.md has the measurements. */

import { constants, zstdCompressSync } from 'node:zlib';

/**
 * The fastest strategy, but for matches of four bytes instead of seven: the upper halves of neighbouring
 * coordinates are alike.
 */
const params = {
  [constants.ZSTD_c_compressionLevel]: 1,
  [constants.ZSTD_c_strategy]: constants.ZSTD_fast,
  [constants.ZSTD_c_windowLog]: 18,
  [constants.ZSTD_c_hashLog]: 13,
  [constants.ZSTD_c_minMatch]: 4,
  [constants.ZSTD_c_targetLength]: 0,
};

/** The bytes as one frame. The same bytes give the same frame, with one version of the library. */
export function compress(bytes: Uint8Array): Uint8Array {
  // What a frame can be longer than its content is its headers.
  const chunkSize = Math.max(64, bytes.length + (bytes.length >> 8) + 64);
  return zstdCompressSync(bytes, { chunkSize, maxOutputLength: chunkSize, params });
}

/** Pages whose heads say more than there is, or than may be: refused before memory is taken. */

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { brotliCompressSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { TilewrightError } from '../../../src/core/errors.ts';
import { polygonWkb, temporaryFolder } from '../../staging/support.ts';
import { readSlices, withSource } from '../contract/contract-reading.ts';
import { square } from '../shapefile/shapefile-fixture.ts';
import { type ForgedPage, parquetBytes } from './parquet-fixture.ts';

const GEO = JSON.stringify({
  ...{ version: '1.1.0', primary_column: 'g' },
  columns: { g: { encoding: 'WKB', geometry_types: [] } },
});
const NOTHING = Buffer.alloc(100);
/** By their numbers, with bytes that some nothing becomes. */
const CODECS: Readonly<Record<string, [codec: number, body: Buffer]>> = {
  none: [0, NOTHING],
  // 100 times 0: a length, a literal of one, copies.
  snappy: [1, Buffer.from([100, 0, 0, 0xfe, 1, 0, 0x8a, 1, 0])],
  gzip: [2, gzipSync(NOTHING)],
  brotli: [4, brotliCompressSync(NOTHING)],
  lz4: [5, Buffer.from([0x1f, 0, 1, 0, 0x50, 0x50, 0, 0, 0, 0, 0])],
  zstd: [6, zstdCompressSync(NOTHING)],
  'lz4 raw': [7, Buffer.from([0x1f, 0, 1, 0, 0x50, 0x50, 0, 0, 0, 0, 0])],
};
const HUGE = 2 ** 31 - 1;
/** What a page may have. */
const MOST = 2 ** 29;
const FORGED: Readonly<Record<string, [forged: Omit<ForgedPage, 'codec' | 'body'>, RegExp]>> = {
  'of 2 GB': [{ uncompressedBytes: HUGE }, /page of 2147483647 bytes/],
  'of half a GB': [{ uncompressedBytes: MOST }, /page|bytes/],
  'of less than nothing': [{ uncompressedBytes: -1 }, /damaged head of a page/],
  'of 2 GB compressed': [
    { uncompressedBytes: 100, compressedBytes: HUGE },
    /page of 2147483647 bytes/,
  ],
  'behind the end': [{ uncompressedBytes: 100, compressedBytes: 1 << 20 }, /beyond its end/],
  'of more values than rows': [
    { uncompressedBytes: 100, values: HUGE },
    /more values than it says/,
  ],
  'of a huge dictionary': [{ uncompressedBytes: MOST, values: MOST, isDictionary: true }, /./],
  'of a dictionary of more values than bytes': [
    { uncompressedBytes: 100, values: HUGE, isDictionary: true },
    /damaged dictionary/,
  ],
};

for (const [name, [codec, body]] of Object.entries(CODECS)) {
  test(`pages, ${name}`, async (t) => {
    const path = join(temporaryFolder(t), 'a.parquet');
    for (const [what, [forged, message]] of Object.entries(FORGED)) {
      for (const column of ['g', 'v']) {
        const columns = [
          { name: 'g', type: 'BYTE_ARRAY' as const, values: [polygonWkb([square(0, 0, 1)])] },
          { name: 'v', type: 'DOUBLE' as const, values: [1] },
        ].map((one) =>
          one.name === column ? { ...one, forged: { ...forged, codec, body } } : one,
        );
        writeFileSync(path, parquetBytes(columns, { keyValues: { geo: GEO } }));
        const before = process.memoryUsage().rss;
        await assert.rejects(
          withSource(path, (source) => readSlices(source)),
          (error: unknown) => {
            assert.ok(error instanceof TilewrightError, (error as Error).stack);
            assert.match(error.code, /^input-(format|corrupt)$/, error.message);
            assert.match(error.message, message, `${what}: ${error.message}`);
            return error.message.includes(path) && error.message.includes(`"${column}"`);
          },
          what,
        );
        const taken = (process.memoryUsage().rss - before) / 2 ** 20;
        assert.ok(taken < 100, `${what}: ${taken} MB`);
      }
    }
  });
}

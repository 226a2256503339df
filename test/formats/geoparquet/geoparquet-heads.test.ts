/** Heads of pages have no checksum: a tile whose head was changed gives its rows, or an error that names it. */

import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TilewrightError } from '../../../src/core/errors.ts';
import { OutputFile } from '../../../src/core/files/output-file.ts';
import { Random } from '../../../src/core/random.ts';
import { resolveCrs } from '../../../src/crs/resolve.ts';
import { FileWindow } from '../../../src/formats/file-window.ts';
import { geoParquetTiles } from '../../../src/formats/geoparquet/format.ts';
import { ParquetFile } from '../../../src/formats/parquet/file.ts';
import { parsePageHeader } from '../../../src/formats/parquet/pages.ts';
import { RowWriter } from '../../../src/formats/sqlite/record.ts';
import { rounds, seedOf } from '../../soak/rounds.ts';
import { temporaryFolder } from '../../staging/support.ts';
import { allOf, COLUMNS, encoded, randomRows, shown } from '../contract/staged-contract-rows.ts';

const MOST_ROWS = 300;

/** Where the bytes of all heads are. */
function headBytes(path: string, bytes: Buffer): number[] {
  const window = new FileWindow(path, path);
  const found: number[] = [];
  for (const { columns } of ParquetFile.open(window).metadata.rowGroups) {
    for (const { dictionaryOffset, dataOffset, compressedBytes } of columns) {
      const start = dictionaryOffset ?? dataOffset;
      for (let at = start; at < start + compressedBytes; ) {
        const head = parsePageHeader(bytes, at, bytes.length);
        for (let k = 0; k < head.headerBytes; k++) found.push(at + k);
        at += head.headerBytes + head.compressedBytes;
      }
    }
  }
  window.close();
  return found;
}

test('a byte of a page’s head is another one: the same rows, or an error', (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, '895.parquet');
  const random = new Random(seedOf(71));
  let [heads, refused] = [0, 0];
  for (let n = 0; n < rounds(4, 40); n++) {
    rmSync(path, { force: true });
    const output = OutputFile.create(path);
    const crs = resolveCrs({ authority: 'EPSG', code: '3413' });
    const layer = { name: '895', columns: COLUMNS, crs, geometry: 15 };
    const writer = geoParquetTiles.create(output, layer);
    const rows = randomRows(seedOf(n), 1 + random.integer(MOST_ROWS));
    // Dictionaries and runs of nulls, too.
    const repeated = n % 2 === 0 ? rows : rows.flatMap((row) => [row, row, row]);
    for (const row of repeated) writer.add(encoded(row, COLUMNS), new RowWriter());
    writer.finish();
    output.close();
    const whole = readFileSync(path);
    const read = (): string => {
      const tile = geoParquetTiles.open(path);
      try {
        return JSON.stringify(allOf(tile), shown);
      } finally {
        tile.close();
      }
    };
    const expected = read();
    const places = headBytes(path, whole);
    heads += places.length;
    for (let k = 0; k < rounds(120, 400); k++) {
      const at = places[random.integer(places.length)]!;
      const bytes = Buffer.from(whole);
      // Half of them small numbers, as those of encodings are.
      bytes[at] = random.next() < 0.5 ? random.integer(24) : random.integer(256);
      writeFileSync(path, bytes);
      try {
        assert.equal(read() === expected, true, `tile ${n}: byte ${at} is ${bytes[at]}`);
      } catch (error) {
        const { code } = error as TilewrightError;
        assert.match(String(code), /^(staged-folder|input-)/, (error as Error).stack);
        refused++;
      }
    }
  }
  t.diagnostic(`${heads} bytes of heads, ${refused} changes refused`);
  assert.ok(heads > 1000 && refused > 200);
});

/**
 * FlatGeobufs with other bytes here and there: rows that are accounted for, or an error with a name; and what the
 * flatgeobuf package reads of them without a fault, is the same.
 */

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { deserialize } from 'flatgeobuf/lib/mjs/geojson.js';
import { TilewrightError } from '../../src/core/errors.ts';
import { Random } from '../../src/core/random.ts';
import { FlatGeobufSource } from '../../src/formats/flatgeobuf/source.ts';
import { rounds, seedOf } from '../soak/rounds.ts';
import { temporaryFolder } from '../staging/support.ts';
import { type Contents, canonical, readSlices } from './contract-reading.ts';
import { fgbBytes } from './flatgeobuf-fixture.ts';
import { randomFile } from './flatgeobuf-random.ts';

const CODE = /^input-(corrupt|truncated|format|empty|layer|columns)$/;

/** What is read of it in one piece, and that its slices give the same; null for an error. */
async function outcome(path: string, what: string): Promise<Contents | null> {
  let source: FlatGeobufSource | undefined;
  try {
    source = new FlatGeobufSource(path);
    const [layer] = source.layers();
    const whole = await readSlices(source);
    const slices = source.slices(layer!.name, 2000);
    source.extents(layer!.name, slices);
    const { rows, rowsRead } = await readSlices(source, slices);
    assert.deepEqual(rows, whole.rows, what);
    assert.equal(rowsRead, whole.rowsRead, what);
    return whole;
  } catch (error) {
    assert.ok(error instanceof TilewrightError, `${what}: ${(error as Error).stack}`);
    assert.match(error.code, CODE, what);
    assert.ok(error.message.includes(path), what);
    return null;
  } finally {
    source?.close();
  }
}

/** Polygons as the package reads them, feature by feature; null if it gives up. */
async function byPackage(bytes: Uint8Array): Promise<(string[][] | null)[] | null> {
  const all: (string[][] | null)[] = [];
  try {
    for await (const feature of deserialize(bytes)) {
      const { type, coordinates } = (feature as { geometry: { type: string; coordinates: never } })
        .geometry;
      const polygons: number[][][][] = type === 'Polygon' ? [coordinates] : coordinates;
      all.push(/Polygon$/.test(type) ? polygons.map((rings) => rings.map(canonical)) : null);
    }
    return all;
  } catch {
    return null;
  }
}

test('files with other bytes: the rows of the flatgeobuf package, or a named error', async (t) => {
  const path = join(temporaryFolder(t), 'a.fgb');
  const counts = { refused: 0, read: 0, compared: 0 };
  for (let seed = seedOf(1), end = seed + rounds(8, 60); seed < end; seed++) {
    const random = new Random(seed);
    const { file } = randomFile(random, random.integer(4) === 0);
    const sound = fgbBytes(file);
    for (let n = 0; n < 40; n++) {
      const bytes = Uint8Array.from(sound);
      const length = n < 5 ? random.integer(bytes.length) : bytes.length;
      for (let k = 1 + random.integer(3); k > 0 && n >= 5; k--) {
        const at = random.integer(random.integer(3) === 0 ? Math.min(600, length) : length);
        // Large and small numbers do other things than a bit.
        const values = [
          random.integer(256),
          bytes[at]! ^ (1 << random.integer(8)),
          0,
          255,
          bytes[at]! + 1,
        ];
        bytes[at] = values[random.integer(values.length)]!;
      }
      writeFileSync(path, bytes.subarray(0, length));
      const what = `seed ${seed}, file ${n}`;
      const found = await outcome(path, what);
      if (found === null) counts.refused++;
      else counts.read++;
      if (found === null) continue;
      const dropped = Object.values(found.drops).reduce((sum, { count }) => sum + count, 0);
      assert.equal(found.rows.length + dropped, found.rowsRead, what);
      // The package never ends at an index of nothing, and reads on past a header's count.
      const head = new DataView(bytes.buffer).getUint32(8, true);
      if (head > 1e6 || found.rowsRead === 0 || n < 5) continue;
      const theirs: Awaited<ReturnType<typeof byPackage>> = await byPackage(bytes);
      if (theirs === null || theirs.length !== found.rowsRead) continue;
      for (const row of found.rows) {
        const polygons: string[][] | null | undefined = theirs[row.position - 1];
        // A type of its own that is not the header's is not heeded there.
        if (polygons === null || polygons === undefined) continue;
        if (polygons.length !== row.polygons.length) continue;
        assert.deepEqual(row.polygons, polygons, `${what}, feature ${row.position}`);
        counts.compared++;
      }
    }
  }
  t.diagnostic(JSON.stringify(counts));
  assert.ok(
    counts.refused > 20 && counts.read > 50 && counts.compared > 500,
    JSON.stringify(counts),
  );
});

/** Damaged GeoPackages: rows or a TilewrightError, whatever the bytes say. */

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { TilewrightError } from '../../../src/core/errors.ts';
import { Random } from '../../../src/core/random.ts';
import { openGeoPackage } from '../../../src/formats/geopackage/source.ts';
import { temporaryFolder } from '../sqlite/sqlite-fixture.ts';
import {
  boxBlob,
  layerRecord,
  type ReadResult,
  readLayer,
  total,
  writeLayer,
} from './geopackage-fixture.ts';

/** Opens, slices and reads every layer; anything but a TilewrightError is passed on. */
function readAll(path: string): ReadResult[] | TilewrightError {
  try {
    const source = openGeoPackage(path);
    try {
      return source.layers().map((layer) => {
        const slices = source.slices(layer.name, 50_000);
        const parts = slices.map((slice) => readLayer(source, layer.name, slice));
        for (const part of parts) assert.equal(part.rowsRead, total(part));
        return {
          features: parts.flatMap((part) => part.features),
          drops: {},
          rowsRead: parts.reduce((sum, part) => sum + part.rowsRead, 0),
          droppedM: 0,
        };
      });
    } finally {
      source.close();
    }
  } catch (error) {
    if (error instanceof TilewrightError) return error;
    throw error;
  }
}

function writeMixed(path: string): Buffer {
  const random = new Random(17);
  const records = Array.from({ length: 400 }, (_, i) =>
    layerRecord(boxBlob(0, 0, 1, i), [
      i,
      'x'.repeat(random.integer(i % 40 === 0 ? 9000 : 60)),
      i / 3,
    ]),
  );
  writeLayer(path, records, {
    columns: [
      { name: 'a', type: 'integer' },
      { name: 'b', type: 'text' },
      { name: 'c', type: 'real' },
    ],
  });
  return readFileSync(path);
}

test('a GeoPackage that is cut off after any page', (t) => {
  const path = join(temporaryFolder(t), 'a.gpkg');
  const whole = writeMixed(path);
  assert.ok(Array.isArray(readAll(path)));
  let cut = 0;
  for (let length = 4096; length < whole.length; length += 4096, cut++) {
    writeFileSync(path, whole.subarray(0, length));
    const outcome = readAll(path);
    assert.ok(outcome instanceof TilewrightError && outcome.code === 'input-truncated');
    assert.equal(outcome.input, path);
  }
  assert.ok(cut > 30);
});

test('300 GeoPackages with changed bytes: rows or a TilewrightError', (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, 'a.gpkg');
  const whole = writeMixed(path);
  const random = new Random(23);
  const codes: Record<string, number> = {};
  for (let n = 0; n < 300; n++) {
    const bytes = Buffer.from(whole);
    for (let k = 0; k <= random.integer(6); k++) {
      // Half of them hit the header and the schema.
      const at = random.integer(2) === 0 ? random.integer(4096) : random.integer(bytes.length);
      bytes[at] = random.integer(256);
    }
    const damaged = join(folder, 'damaged.gpkg');
    writeFileSync(damaged, bytes);
    const outcome = readAll(damaged);
    const word = Array.isArray(outcome) ? 'rows' : outcome.code;
    codes[word] = (codes[word] ?? 0) + 1;
    if (!Array.isArray(outcome)) assert.ok(outcome.message.includes(damaged), outcome.message);
  }
  assert.ok(codes['rows']! > 30, JSON.stringify(codes));
  for (const word of Object.keys(codes)) assert.match(word, /^(rows|input-[a-z]+)$/);
});

test('values whose types say more than the record holds', (t) => {
  const path = join(temporaryFolder(t), 'a.gpkg');
  const whole = writeMixed(path);
  const marker = Buffer.from(boxBlob(0, 0, 1, 5));
  const at = whole.indexOf(marker);
  assert.ok(at > 0);
  // The record before its blob: head length, NULL, the blob's type, then those of a, b and c.
  for (const types of [
    [0xff, 0xff, 0xff],
    [0x8f, 0xff, 0xff],
    [0x7f, 0x7f, 0x7f],
  ]) {
    const bytes = Buffer.from(whole);
    bytes.set(types, at - 3);
    writeFileSync(path, bytes);
    const outcome = readAll(path);
    assert.ok(outcome instanceof TilewrightError && outcome.code === 'input-corrupt');
  }
});

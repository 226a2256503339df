/** The one file of the table of CRSs that the package has. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../../../src/core/random.ts';
import { packTable, unpackPart } from '../../../src/crs/table/packed.ts';
import { linesOf } from '../../../src/crs/table/records.ts';

test('parts of all sizes come back', () => {
  const random = new Random(5);
  for (const sizes of [[0], [1, 0, 3], [70_000, 1, 30_000, 2]]) {
    const parts = new Map(
      sizes.map((size, i) => {
        const line = () => `${random.integer(1e6)}\tMünchen – ${'x'.repeat(random.integer(9))}\n`;
        return [`part-${i}`, Array.from({ length: size / 10 }, line).join('')];
      }),
    );
    const file = packTable(parts);
    for (const [name, text] of parts) assert.equal(unpackPart(file, name), text);
    assert.throws(() => unpackPart(file, 'part'), /has no part/);
  }
});

test('the table is a sixth of its text', () => {
  const text = linesOf('conversions').join('\n');
  assert.ok(text.length > 2e5);
  assert.ok(packTable(new Map([['conversions', text]])).length < text.length / 6);
});

test('another file is none, and one cut short has no part', () => {
  assert.throws(() => unpackPart(Buffer.alloc(0), 'areas'), /no table/);
  assert.throws(() => unpackPart(Buffer.from('SQLite format 3\n'), 'areas'), /no table/);
  const file = packTable(new Map([['areas', 'a line\n'.repeat(1000)]]));
  assert.throws(() => unpackPart(file.subarray(0, file.length - 4), 'areas'));
});

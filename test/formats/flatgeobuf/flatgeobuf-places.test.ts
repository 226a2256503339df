/** Where features of a FlatGeobuf are found: counts, indexes, slices, and what is asked for of them. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FlatGeobufSource } from '../../../src/formats/flatgeobuf/source.ts';
import { NO_SHARED_DATA, sharedData } from '../../staging/support.ts';
import { WHOLE } from '../contract/contract-reading.ts';
import { fgbBytes, propertyOf } from './flatgeobuf-fixture.ts';
import { at, opened, ROW, read, refused } from './flatgeobuf-reading.ts';

test('a file without a count is read to its end, one with a wrong count is not passed over', (t) => {
  const features = [at(0), at(2), at(4)];
  const source = opened(t, { features, count: 0 });
  assert.equal(source.layers()[0]!.featureCount, 3);
  assert.equal(read(source).rows.length, 3);
  refused(
    () => read(opened(t, { features, count: 4 })),
    'input-truncated',
    /4 features.*feature 4/s,
  );
  refused(
    () => read(opened(t, { features, count: 2 })),
    'input-corrupt',
    /2 features, and \d+ bytes follow/,
  );
  const huge = { features, count: 2 ** 40 };
  refused(() => opened(t, huge), 'input-truncated', /cut short/);
  refused(
    () => opened(t, { ...huge, header: { 8: { u64: 2n ** 63n } } }),
    'input-corrupt',
    /features/,
  );
  refused(
    () => opened(t, { features, header: { 9: { u16: 1 } } }),
    'input-corrupt',
    /nodes of its index/,
  );
});

test('an index in another order than the features’ is not gone by', (t) => {
  const features = Array.from({ length: 100 }, (_, i) =>
    at(10 * (i % 10), 10 * Math.floor(i / 10)),
  );
  const leaves = features.map((_, i) => (i * 37) % 100);
  const source = opened(t, { features, nodeSize: 4, leaves });
  const slices = source.slices('a', 1000);
  assert.ok(slices.length > 10);
  const found = slices.flatMap((slice) => read(source, slice).rows);
  assert.deepEqual(
    found.map(({ position }) => position),
    features.map((_, i) => i + 1),
  );
  assert.deepEqual(
    source.extents('a', slices),
    slices.map(() => null),
  );
  const { rows } = read(source, WHOLE, { bbox: [0, 0, 1, 1] });
  assert.equal(rows.length, 100);
});

test('slices of an index that does not fit the features are refused', (t) => {
  const features = Array.from({ length: 40 }, (_, i) => at(i));
  const bytes = fgbBytes({ features, nodeSize: 16 });
  const source = opened(t, bytes);
  const slices = source.slices('a', 1000);
  // The last feature of the first slice is taken for two by its length and the next.
  const { end, bytes: own } = slices[0]!;
  const wrong = { start: 1, end: end - 1, bytes: own! };
  refused(() => read(source, wrong), 'input-corrupt', /end at byte/);
});

test('of a box the index gives the features that touch it, in any slices', (t) => {
  const features = Array.from({ length: 500 }, (_, i) => at(3 * (i % 25), 3 * Math.floor(i / 25)));
  for (const nodeSize of [2, 3, 16, 700]) {
    const source = opened(t, { features, nodeSize });
    for (const bbox of [
      [0, 0, 80, 80],
      [10, 10, 20, 12],
      [74, 0, 90, 4],
      [-9, -9, -1, -1],
    ] as [number, number, number, number][]) {
      const expected = features.flatMap(({ box }, i) => {
        const [minX, minY, maxX, maxY] = box!;
        const touches =
          minX! <= bbox[2] && maxX! >= bbox[0] && minY! <= bbox[3] && maxY! >= bbox[1];
        return touches ? i + 1 : [];
      });
      for (const slices of [[WHOLE], source.slices('a', 5000)]) {
        const parts = slices.map((slice) => read(source, slice, { bbox }));
        const found = parts.flatMap(({ rows }) => rows.map(({ position }) => position));
        assert.deepEqual(found, expected, `${nodeSize}: ${bbox}`);
        assert.equal(
          parts.reduce((sum, { rowsRead }) => sum + rowsRead, 0),
          expected.length,
        );
      }
    }
  }
});

test('values of columns that are not asked for are left out', (t) => {
  const columns = [
    { name: 'a', type: 5 },
    { name: 'b', type: 5 },
  ];
  const properties = Buffer.concat([propertyOf(0, 5, 1), propertyOf(1, 5, 2)]);
  const source = opened(t, { columns, features: [{ ...at(0), properties }] });
  assert.deepEqual(read(source, WHOLE, { columns: [1] }).rows[0]!.values, [null, 2]);
  assert.deepEqual(read(source).rows[0]!.values, [1, 2]);
  assert.match(JSON.stringify(read(source).rows[0]!.polygons), new RegExp(ROW));
});

test('other versions are refused by name', (t) => {
  const bytes = fgbBytes({ features: [at(0)] });
  bytes[3] = 2;
  refused(() => opened(t, bytes), 'input-format', /FlatGeobuf of version 2; version 3 is read/);
  const old = sharedData('real/flatgeobuf/topp_states.fgb');
  if (old === null) return t.skip(NO_SHARED_DATA);
  refused(() => new FlatGeobufSource(old), 'input-format', /version 2/);
});

/** Places from which slices of GeoJSON are read: near enough to each other, and few enough to be told to tasks. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KnownPlaces, SplitPlaces } from '../../../src/formats/geojson/split-places.ts';

const MIB = 2 ** 20;
/** What is told to each task may have so many numbers. */
const MOST_NUMBERS = 3 * 2 ** 14;

function placesOf(bytes: number, featureBytes: number): number[] {
  const places = new SplitPlaces();
  for (let record = 1; (record - 1) * featureBytes < bytes; record++) {
    places.add({ record, offset: (record - 1) * featureBytes, isElement: true });
  }
  return places.toJSON();
}

const CASES: [bytes: number, featureBytes: number, mostApart: number][] = [
  [30e6, 500, MIB / 4],
  [1e9, 2_000, 8 * MIB],
  [45e9, 20_000, 8 * MIB],
  [1e12, 300_000, 160 * MIB],
  [45e9, 100 * MIB, 101 * MIB],
];

for (const [bytes, featureBytes, mostApart] of CASES) {
  test(`of ${bytes} bytes in features of ${featureBytes}`, () => {
    const numbers = placesOf(bytes, featureBytes);
    assert.ok(numbers.length <= MOST_NUMBERS);
    const known = new KnownPlaces(numbers);
    assert.deepEqual(known.at(0), { record: 1, offset: 0, isElement: true });
    for (let i = 0; i < known.count; i++) {
      const { record, offset } = known.at(i);
      assert.equal(offset, (record - 1) * featureBytes);
      const next = i + 1 < known.count ? known.at(i + 1).offset : bytes;
      assert.ok(next - offset <= mostApart, `${next - offset} bytes after ${offset}`);
      assert.equal(known.before(record), i);
      if (i > 0) assert.equal(known.before(record - 1), i - 1);
    }
    const count = Math.ceil(bytes / featureBytes);
    const slice = 24 * MIB;
    if (mostApart > slice / 2) return;
    // Where places are near, slices begin at them: nothing is read in vain.
    for (let at = slice; at < bytes; at += slice * 7) {
      const record = known.recordAt(at, bytes, count, slice);
      const place = known.before(record);
      assert.ok(record === count + 1 || known.at(place).record === record);
    }
  });
}

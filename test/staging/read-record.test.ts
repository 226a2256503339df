/** Records are read line by line, whatever their blocks are. */

import assert from 'node:assert/strict';
import { closeSync, openSync, readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readRecord } from '../../src/staging/groups/read-record.ts';
import { RecordWriter } from '../../src/staging/groups/record.ts';
import { temporaryFolder } from './support.ts';

const STATISTICS = {
  rowsRead: 1,
  featuresStaged: 1,
  rows: 1,
  droppedM: 0,
  drops: {},
  oddClasses: [],
};

test('lines that begin and end in any blocks are read, and half a line is not', (t) => {
  const path = join(temporaryFolder(t), 'a.record');
  const writer = new RecordWriter(path);
  // From some bytes to several blocks, of two-byte letters.
  const names = Array.from({ length: 60 }, (_, i) =>
    'é'.repeat(i % 20 === 7 ? 1_200_000 : 7001 * i),
  );
  for (const [i, input] of names.entries()) {
    writer.add({ slice: { key: `${i}`, input, statistics: STATISTICS } });
  }
  writer.close();
  // A file that is opened now has the number that the record had.
  const fd = openSync(path, 'r');
  writer.close();
  assert.throws(() => writer.add({ shuffle: 'a' }));
  closeSync(fd);
  assert.equal(writer.slices, names.length);
  const read = (): string[] => readRecord(path).slices.map(({ input }) => input);
  assert.deepEqual(read(), names);
  truncateSync(path, readFileSync(path).length - 1);
  assert.deepEqual(read(), names.slice(0, -1));
});

test('counts of validity that are none are refused; where nobody checked there are none', (t) => {
  const folder = temporaryFolder(t);
  const read = (name: string, validity: unknown): unknown => {
    const writer = new RecordWriter(join(folder, name));
    const statistics = { ...STATISTICS, validity } as typeof STATISTICS;
    writer.add({ slice: { key: '1', input: 'a', statistics } });
    writer.close();
    return readRecord(join(folder, name)).slices[0]!.statistics.validity;
  };
  const sound = { kinds: { spike: { count: 1, positions: [1] } }, features: {} };
  assert.deepEqual(read('sound', sound), sound);
  assert.equal(read('unchecked', undefined), undefined);
  const entries = [
    { spike: { count: -1, positions: [] } },
    { spike: { count: 1 } },
    { spike: 1 },
    null,
  ];
  for (const [k, kinds] of entries.entries()) {
    assert.throws(() => read(`${k}`, { kinds, features: {} }), { code: 'staged-folder' });
  }
});

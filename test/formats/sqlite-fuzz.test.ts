/** Random databases, sound and damaged, are read as SQLite reads them: see `fuzz-sqlite.ts`. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Outcome, SqliteFuzzer } from './fuzz-sqlite.ts';

test('5,000 databases, sound and damaged: the rows of SQLite, or an error by name', (t) => {
  const fuzzer = new SqliteFuzzer();
  t.after(() => fuzzer.close());
  const counts: Record<Outcome, number> = { 'same rows': 0, 'both refuse': 0, 'ours refuses': 0 };
  for (let seed = 0; seed < 5000; seed++) {
    try {
      counts[fuzzer.try(seed)]++;
    } catch (cause) {
      throw new Error(`seed ${seed}: ${(cause as Error).message}`, { cause });
    }
  }
  assert.ok(counts['same rows'] > 2000 && counts['both refuse'] > 800, JSON.stringify(counts));
});

test('seeds in which an index of a table had other rows than the table', (t) => {
  const fuzzer = new SqliteFuzzer();
  t.after(() => fuzzer.close());
  assert.equal(fuzzer.try(920_153_332), 'same rows');
  assert.equal(fuzzer.try(920_156_206), 'both refuse');
});

/** Random databases, sound and damaged, are read as SQLite reads them: see `fuzz-sqlite.ts`. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rounds, seedOf } from '../../soak/rounds.ts';
import { type Outcome, SqliteFuzzer } from './fuzz-sqlite.ts';

const DATABASES = rounds(1_200, 20_000);

test(`${DATABASES} databases, sound and damaged: the rows of SQLite, or an error by name`, (t) => {
  const fuzzer = new SqliteFuzzer();
  t.after(() => fuzzer.close());
  const counts: Record<Outcome, number> = { 'same rows': 0, 'both refuse': 0, 'ours refuses': 0 };
  // The 500th of them is large.
  const first = seedOf(7_000);
  for (let seed = first; seed < first + DATABASES; seed++) {
    try {
      counts[fuzzer.try(seed)]++;
    } catch (cause) {
      throw new Error(`seed ${seed}: ${(cause as Error).message}`, { cause });
    }
  }
  const met = counts['same rows'] > 0.4 * DATABASES && counts['both refuse'] > 0.16 * DATABASES;
  assert.ok(met, JSON.stringify(counts));
});

test('seeds in which an index of a table had other rows than the table', (t) => {
  const fuzzer = new SqliteFuzzer();
  t.after(() => fuzzer.close());
  assert.equal(fuzzer.try(920_153_332), 'same rows');
  assert.equal(fuzzer.try(920_156_206), 'both refuse');
});

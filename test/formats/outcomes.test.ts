import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { NO_SHARED_DATA, sharedData } from '../staging/support.ts';
import { outcomes, TABLE } from './outcomes.ts';

/** Machines that do many things at once take their time. */
const SLOW_SECONDS = 60;

test('every nasty and every real file is read, or refused by name, as the table says', async (t) => {
  const data = sharedData();
  if (data === null) return t.skip(NO_SHARED_DATA);
  const table = readFileSync(TABLE, 'utf8');
  assert.doesNotMatch(table, /\t(crashes|hangs|more than|internal:|task-)/);
  const found = (await outcomes(data, SLOW_SECONDS)).split('\n');
  const told = table.split('\n');
  assert.ok(told.length > 500);
  const changed = [
    ...told.filter((line) => !found.includes(line)).map((line) => `- ${line}`),
    ...found.filter((line) => !told.includes(line)).map((line) => `+ ${line}`),
  ];
  assert.deepEqual(changed, [], 'if this is as it should be: npx node test/formats/outcomes.ts');
});

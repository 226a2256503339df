/** The table of cases says what there is. */

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import { CASES } from './cases.ts';
import { NOT_APPLICABLE } from './not-applicable.ts';
import { parslTestsPage } from './table.ts';

const PAGE = new URL('../../../docs/parsl-tests.md', import.meta.url);

suite("the table of cases after Parsl's tests", () => {
  test('docs/parsl-tests.md is made of the cases', () => {
    if (process.env['UPDATE_TABLE'] === '1') writeFileSync(PAGE, parslTestsPage());
    assert.equal(readFileSync(PAGE, 'utf8'), parslTestsPage());
  });

  test('there are at least 120 cases, each with a name of its own', () => {
    const names = CASES.map(({ name }) => name);
    assert.deepEqual(
      names.filter((name, i) => names.indexOf(name) !== i),
      [],
    );
    assert.ok(names.length >= 120, `${names.length}`);
  });

  test('no test of Parsl both applies and does not, nor is it named twice as not applying', () => {
    const not = NOT_APPLICABLE.flatMap(({ tests }) => tests);
    assert.equal(new Set(not).size, not.length);
    const used = new Set(CASES.map(({ after }) => after));
    assert.deepEqual(
      not.filter((one) => used.has(one)),
      [],
    );
    for (const one of [...not, ...used]) assert.match(one, /^[\w/]*test_\w+\.py$/);
  });
});

/** The table of cases says what there is. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import { CASES } from './cases.ts';
import { NOT_APPLICABLE } from './not-applicable.ts';
import { parslTestsCounts, parslTestsPage } from './table.ts';

const PAGE = new URL('../../../docs/from-parsl.md', import.meta.url);

suite("the table of cases after Parsl's tests", () => {
  test('docs/from-parsl.md says how many there are', () => {
    const page = readFileSync(PAGE, 'utf8').replace(/\s+/g, ' ');
    assert.ok(page.includes(parslTestsCounts()), `write: ${parslTestsCounts()}`);
  });

  test('has a row for each case, and each test that does not apply', () => {
    const page = parslTestsPage();
    const rows = page.split('\n').filter((line) => /^\| (?!-)/.test(line));
    const headings = page.match(/^## /gm)!.length;
    assert.equal(rows.length, CASES.length + NOT_APPLICABLE.length + headings);
    for (const { after } of CASES) assert.ok(page.includes(`\`${after}\``), after);
    for (const one of NOT_APPLICABLE.flatMap(({ tests }) => tests)) {
      assert.ok(page.includes(`\`${one}\``), one);
    }
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

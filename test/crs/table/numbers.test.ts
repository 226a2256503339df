/** All CRSs of the table: no number of theirs is none, in no notation. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TilewrightError } from '../../../src/core/errors.ts';
import { formatProjJson } from '../../../src/crs/notations/format-projjson.ts';
import { type Crs, resolveCrs } from '../../../src/crs/resolve.ts';
import { linesOf } from '../../../src/crs/table/records.ts';

/** Null for one that can't place polygons. */
function resolved(id: string): Crs | null {
  const [authority, code] = id.split(':') as [string, string];
  try {
    return resolveCrs({ authority, code });
  } catch (error) {
    assert.ok(error instanceof TilewrightError, `${id}: ${(error as Error).stack}`);
    return null;
  }
}

test('every code that is known has numbers', (t) => {
  const ids = ['geodetic', 'projected'].flatMap((table) =>
    linesOf(table as 'geodetic' | 'projected').flatMap((line) => /^\w+:\w+(?=\t)/.exec(line) ?? []),
  );
  let known = 0;
  for (const id of ids) {
    const crs = resolved(id);
    if (crs === null) continue;
    known++;
    const { wkt, definition, metersPerUnit } = crs;
    const { unit, baseUnit, parameters } = definition;
    const numbers = [unit, baseUnit?.size ?? 1, ...Object.values(parameters)];
    assert.ok(numbers.every(Number.isFinite), id);
    assert.doesNotMatch(wkt, /NaN|Infinity/, id);
    // What is no number is null in JSON.
    assert.doesNotMatch(JSON.stringify(formatProjJson(definition)), /:null/, id);
    assert.ok(metersPerUnit > 0 && metersPerUnit < Infinity, id);
  }
  t.diagnostic(`${known} of ${ids.length}`);
  assert.ok(known > 9000, `${known} CRSs`);
});

test('degrees that are told in minutes are degrees', () => {
  for (const code of ['4140', '2036']) {
    const { wkt } = resolveCrs({ authority: 'EPSG', code });
    assert.match(wkt, /UNIT\["degree",0\.017453292519943\d*,AUTHORITY\["EPSG","9122"\]\]/);
  }
});

/** Two texts of one CRS side by side, as rows of a GeoPackage have them: PROJ's WKT 1 and WKT 2. */

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import type { CrsReference } from '../../src/crs/reference.ts';
import { resolveCrs } from '../../src/crs/resolve.ts';

const path = join(import.meta.dirname, '../../../shared/data/conformance/crs/crs.jsonl.gz');
const skip = existsSync(path) ? false : `no conformance data at ${path}`;

interface Texts {
  authority: string;
  code: string;
  wkt1?: string | null;
  wkt2?: string | null;
}

/** Why a reference is refused; null if it is not. */
function refusal(reference: CrsReference): string | null {
  try {
    resolveCrs(reference);
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

test('the two texts that PROJ writes of a system agree, those of two systems do not', {
  skip,
}, () => {
  const lines = gunzipSync(readFileSync(path)).toString().trim().split('\n');
  const systems = lines
    .map((line) => JSON.parse(line) as Texts)
    .filter(({ wkt1, wkt2 }) => typeof wkt1 === 'string' && typeof wkt2 === 'string')
    .filter(({ wkt1, wkt2 }) => [wkt1, wkt2].every((d) => refusal({ definition: d! }) === null));
  const refused: string[] = [];
  const passed: string[] = [];
  const step = 17;
  for (let i = 0; i + step < systems.length; i += step) {
    const { authority, code, wkt1, wkt2 } = systems[i]!;
    const other = systems[i + step]!;
    const name = `${authority}:${code}`;
    const both = { definition: wkt2!, otherDefinition: wkt1! };
    if (refusal(both) !== null) refused.push(name);
    const mixed = { definition: wkt2!, otherDefinition: other.wkt1! };
    if (refusal(mixed)?.includes('contradict') !== true) passed.push(`${name}, ${other.code}`);
  }
  assert.ok(systems.length > 3000, `${systems.length}`);
  assert.deepEqual([refused, passed], [[], []]);
});

test('a text that is not understood, beside one that is, is not compared', () => {
  const definition = '+proj=utm +zone=33 +datum=WGS84';
  const broken = { definition, otherDefinition: 'PROJCS["x"' };
  assert.equal(refusal(broken), null);
  const other = { definition, otherDefinition: '+proj=utm +zone=34 +datum=WGS84' };
  assert.match(
    refusal(other)!,
    /^Two definitions of one CRS contradict each other: .*zone=33.*zone=34/,
  );
  assert.match(refusal({ ...other, authority: 'EPSG', code: '32633' })!, /^Two definitions/);
});

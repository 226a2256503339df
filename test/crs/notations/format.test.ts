import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import type { CrsDefinition } from '../../../src/crs/definition.ts';
import { formatProjJson } from '../../../src/crs/notations/format-projjson.ts';
import { formatWkt1 } from '../../../src/crs/notations/format-wkt1.ts';
import { formatWkt2 } from '../../../src/crs/notations/format-wkt2.ts';
import { parseDefinition } from '../../../src/crs/notations/parse.ts';
import { differences } from './compare.ts';
import { noPyproj, projjsonOf } from './pyproj.ts';
import { PROJ_STRINGS } from './texts.ts';

const FILE = join(import.meta.dirname, '../../../../shared/data/conformance/crs/crs.jsonl.gz');
const skip = existsSync(FILE) ? false : 'shared/data/conformance/crs is not here';

describe('what is written is read as the same CRS', () => {
  for (const text of PROJ_STRINGS) {
    test(text, () => {
      const definition = parseDefinition(text);
      const wkt1 = formatWkt1(definition);
      if (wkt1 !== null) assert.deepEqual(differences(parseDefinition(wkt1), definition), []);
      assert.deepEqual(differences(parseDefinition(formatWkt2(definition)), definition), []);
      const json = JSON.parse(JSON.stringify(formatProjJson(definition)));
      assert.deepEqual(differences(parseDefinition(json), definition), []);
    });
  }
});

test('GDAL and PROJ read what is written', { skip: noPyproj }, () => {
  // PROJ knows some methods by no name of WKT.
  const definitions = PROJ_STRINGS.filter((text) => !/hammer|gstmerc|1sp-b/.test(text)).map(
    (text) => parseDefinition(text),
  );
  const formatJson = (definition: CrsDefinition) => JSON.stringify(formatProjJson(definition));
  for (const format of [formatWkt1, formatWkt2, formatJson]) {
    const written = definitions
      .map((definition) => ({ definition, text: format(definition) }))
      .filter((one): one is typeof one & { text: string } => one.text !== null);
    const read = projjsonOf(written.map(({ text }) => text));
    const wrong: string[] = [];
    written.forEach(({ definition, text }, i) => {
      const { error } = read[i]!;
      const found =
        error === undefined ? differences(parseDefinition(read[i]!), definition) : error;
      if (found !== undefined && (found as string[]).length > 0) wrong.push(`${text}: ${found}`);
    });
    assert.deepEqual(wrong, [], format.name);
    assert.ok(written.length > 60, `${written.length} texts`);
  }
});

test('WKT 1 is that of GDAL, to the letter, for nearly all codes', { skip }, () => {
  let same = 0;
  let compared = 0;
  for (const line of gunzipSync(readFileSync(FILE)).toString().trim().split('\n')) {
    const { wkt1, wkt2 } = JSON.parse(line) as { wkt1: string | null; wkt2: string };
    // Krovak is written with its axes, which GDAL leaves out.
    if (wkt1 === null || wkt1.includes('"Krovak"')) continue;
    const { northingFirst } = parseDefinition(wkt2);
    const definition = { ...parseDefinition(wkt1), ...(northingFirst && { northingFirst }) };
    const written = formatWkt1(definition);
    if (written === wkt1) same++;
    else if (written !== null) {
      assert.deepEqual(differences(parseDefinition(written), definition), [], wkt1);
    }
    assert.deepEqual(differences(parseDefinition(formatWkt2(definition)), definition), [], wkt1);
    compared++;
  }
  assert.ok(compared - same < 20 && compared > 4000, `${same} of ${compared}`);
});

describe('what WKT 1 has no words for', () => {
  for (const text of [
    '+proj=eqearth +datum=WGS84',
    '+proj=nsper +h=1e6 +datum=WGS84',
    '+proj=geos +h=35785831 +sweep=x +datum=WGS84',
    '+proj=longlat +ellps=clrk66 +nadgrids=conus',
    '+proj=longlat +datum=WGS84 +lon_wrap=180',
    '+proj=laea +R_A +ellps=WGS84',
  ]) {
    test(text, () => assert.equal(formatWkt1(parseDefinition(text)), null));
  }
});

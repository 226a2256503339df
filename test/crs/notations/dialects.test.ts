/** The same CRS in all dialects: what one reading gets wrong, another one tells. */

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { Random } from '../../../src/core/random.ts';
import type { CrsDefinition } from '../../../src/crs/definition.ts';
import { parseDefinition } from '../../../src/crs/notations/parse.ts';
import { differences } from './compare.ts';
import { noPyproj, projjsonOf } from './pyproj.ts';

const FILE = join(import.meta.dirname, '../../../../shared/data/conformance/crs/crs.jsonl.gz');
const skip = existsSync(FILE) ? false : 'shared/data/conformance/crs is not here';

interface Row {
  authority: string;
  code: string;
  wkt1: string | null;
  wkt1_esri: string | null;
  wkt2: string;
  projjson: object | null;
}

const ROWS: readonly Row[] = skip
  ? []
  : gunzipSync(readFileSync(FILE))
      .toString()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Row);

const DIALECTS = ['wkt1', 'wkt1_esri', 'projjson'] as const;

/** Where a dialect can't say what the CRS is; with their codes they are known all the same. */
const LOST: ReadonlyMap<string, readonly string[]> = new Map([
  // GDAL's WKT 1 leaves axes out that are not east and north, or the other way round.
  ['EPSG:8045', ['wkt1', 'wkt1_esri']],
  // Krovak without a word of axes is refused.
  ['EPSG:5513', ['wkt1']],
  // One name in GDAL's WKT 1 for a method on the ellipsoid and one on a sphere.
  ['EPSG:9311', ['wkt1', 'wkt1_esri']],
  ...'54002 102421 102422 102423 102424 102425 102426 102427 102428 102429 102430 102431 102432 102433 102434 102435 102436 102437 54001 102035 102037'
    .split(' ')
    .map((code): [string, string[]] => [`ESRI:${code}`, ['wkt1']]),
  // ESRI's name is that of the form on the sphere.
  ['EPSG:4087', ['wkt1_esri']],
  // A sphere that ESRI uses in WGS 84's stead.
  ['ESRI:102113', ['wkt1_esri']],
]);

test('all notations of one CRS say the same', { skip }, () => {
  let compared = 0;
  const wrong: string[] = [];
  for (const row of ROWS) {
    const id = `${row.authority}:${row.code}`;
    const expected = parseDefinition(row.wkt2);
    for (const dialect of DIALECTS) {
      const text = row[dialect];
      if (text === null) continue;
      let found: string[];
      try {
        found = differences(parseDefinition(text), expected);
      } catch (error) {
        found = [String(error)];
      }
      const isLost = LOST.get(id)?.includes(dialect) === true;
      if (found.length > 0 !== isLost)
        wrong.push(`${id} ${dialect}: ${found.join('; ') || 'same'}`);
      compared++;
    }
  }
  assert.deepEqual(wrong, []);
  assert.ok(compared > 8000, `${compared} compared`);
});

/** The same CRS in other words: what a writer may leave out, turn round or spell otherwise. */
const MUTATIONS: readonly [string, (text: string, random: Random) => string][] = [
  ['zero parameters left out', (text) => text.replace(/PARAMETER\["[^"]*",-?0(?:\.0)?\],/g, '')],
  [
    'parameters in another order',
    (text, random) => {
      const found = text.match(/PARAMETER\[[^\]]*\]/g) ?? [];
      const order = [...found].sort(() => random.next() - 0.5);
      let i = 0;
      return text.replace(/PARAMETER\[[^\]]*\]/g, () => order[i++]!);
    },
  ],
  [
    'parentheses',
    (text) => text.replace(/"[^"]*"|[[\]]/g, (s) => ({ '[': '(', ']': ')' })[s] ?? s),
  ],
  ['white space', (text) => text.replace(/"[^"]*"|,/g, (s) => (s === ',' ? ' ,\n\t' : s))],
  [
    'names of parameters in capitals',
    (text) => text.replace(/PARAMETER\["[^"]*"/g, (s) => s.toUpperCase()),
  ],
  ['keywords in lower case', (text) => text.replace(/[A-Z_]+\[/g, (s) => s.toLowerCase())],
  ['a scale of one left out', (text) => text.replace(/PARAMETER\["scale_factor",1\],/gi, '')],
];

describe('in other words', { skip }, () => {
  const sample = ROWS.filter((_, i) => i % 11 === 0);
  for (const [name, mutate] of MUTATIONS) {
    test(name, () => {
      const random = new Random(7);
      for (const { authority, code, wkt1, wkt1_esri } of sample) {
        for (const text of [wkt1, wkt1_esri]) {
          if (text === null || LOST.has(`${authority}:${code}`)) continue;
          const found = differences(parseDefinition(mutate(text, random)), parseDefinition(text));
          assert.deepEqual(found, [], `${authority}:${code}`);
        }
      }
    });
  }
});

/** Another unit of lengths or of angles, without new values: another CRS, which PROJ must read alike. */
const UNITS: readonly ((text: string) => string)[] = [
  (text) =>
    text.replace(/UNIT\["met(?:re|er)",1(?:\.0)?/i, 'UNIT["US survey foot",0.304800609601219'),
  (text) => text.replace(/UNIT\["met(?:re|er)",1(?:\.0)?/i, 'UNIT["kilometre",1000'),
  (text) => text.replace(/UNIT\["degree",0.0174532925199433/i, 'UNIT["grad",0.0157079632679489'),
  (text) => text.replace(/,"?298\.257\d*/, ',0'),
];

test('PROJ reads the same in other units', { skip: skip || noPyproj }, () => {
  const texts = ROWS.filter((_, i) => i % 149 === 0).flatMap(({ wkt1, wkt1_esri }) =>
    [wkt1, wkt1_esri]
      // Without ids, for PROJ to read what is written.
      .map((text) => text?.replace(/,AUTHORITY\["[^"]*","[^"]*"\]/g, ''))
      // Which of two forms ESRI means by this name PROJ does not tell.
      .filter((text) => text?.includes('"Equidistant_Cylindrical"') === false)
      .filter((text) => text !== undefined && text !== null)
      .flatMap((text) => UNITS.map((change) => change(text))),
  );
  const expected = projjsonOf(texts);
  const wrong: string[] = [];
  let compared = 0;
  texts.forEach((text, i) => {
    let mine: CrsDefinition;
    try {
      mine = parseDefinition(text);
    } catch (error) {
      if (expected[i]!.error === undefined) wrong.push(`${text}: ${error}`);
      return;
    }
    if (expected[i]!.error !== undefined) return;
    compared++;
    const found = differences(mine, parseDefinition(expected[i]!));
    if (found.length > 0) wrong.push(`${found.join('; ')}: ${text}`);
  });
  assert.deepEqual(wrong.slice(0, 10), []);
  assert.ok(compared > 150, `${compared} compared`);
});

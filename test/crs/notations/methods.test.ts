/** Every method and parameter in PROJ's database has its place, or is known to have none. */

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { methodByEpsg, methodByName } from '../../../src/crs/notations/methods.ts';
import { foldName, sameName } from '../../../src/crs/notations/names.ts';
import { parameterByEpsg } from '../../../src/crs/notations/parameter-names.ts';
import { parseDefinition } from '../../../src/crs/notations/parse.ts';

const FILE = '/usr/share/proj/proj.db';
const skip = existsSync(FILE) ? false : `no ${FILE}`;

/** Without formulas here. */
const UNSUPPORTED = ['Transverse Mercator Zoned Grid System', 'PROJ mill'];
const UNSUPPORTED_ESRI = [
  ...['Sphere_Hotine', 'World_Hotine', 'World_Fuller', 'World_Cube', 'Berghaus_Star_AAG'],
  ...['WGS_1984_Peirce_quincuncial_North_Pole_diamond', 'HJAIA_AirportGrid_2Mar10'],
  ...['WGS_1984_Spilhaus_Ocean_Map_in_Square', 'WGS_1984_Tobler_Cylindrical_I'],
  'WGS_1984_Tobler_Cylindrical_II',
];

test('methods of projected CRSs in PROJ’s database', { skip }, () => {
  using database = new DatabaseSync(FILE, { readOnly: true });
  const rows = database
    .prepare(
      `select distinct c.* from conversion c join projected_crs p
       on p.conversion_auth_name = c.auth_name and p.conversion_code = c.code`,
    )
    .all() as Record<string, string | number | null>[];
  assert.ok(rows.length > 3000);
  const unknown = new Set<string>();
  const wrong: string[] = [];
  for (const row of rows) {
    const name = String(row.method_name);
    const isEpsg = row.method_auth_name === 'EPSG';
    const method = isEpsg ? methodByEpsg(Number(row.method_code)) : methodByName(name);
    if (method === null) {
      unknown.add(name);
      continue;
    }
    const taken = new Set(method.takes.map(({ parameter }) => parameter));
    for (let i = 1; i <= 7; i++) {
      const code = row[`param${i}_code`];
      if (code === null || row[`param${i}_auth_name`] !== 'EPSG') continue;
      const found = parameterByEpsg(Number(code));
      // What a method does not take must say nothing, as a latitude of origin of Mercator's.
      if (found === null || (!taken.has(found) && row[`param${i}_value`] !== 0)) {
        wrong.push(`${name}: ${code}`);
      }
    }
  }
  assert.deepEqual([...unknown].sort(), [...UNSUPPORTED].sort());
  assert.deepEqual(wrong, []);
});

test('texts of ESRI in PROJ’s database', { skip }, () => {
  using database = new DatabaseSync(FILE, { readOnly: true });
  const rows = database
    .prepare('select name, text_definition as text from projected_crs where text is not null')
    .all() as { name: string; text: string }[];
  assert.ok(rows.length > 150);
  const refused = rows.filter(({ text }) => {
    try {
      return parseDefinition(text).method === null;
    } catch (error) {
      assert.equal((error as { code?: string }).code, 'crs-unknown', text);
      return true;
    }
  });
  assert.deepEqual(refused.map(({ name }) => name).sort(), [...UNSUPPORTED_ESRI].sort());
});

test('names in all spellings', () => {
  for (const [a, b] of [
    ['D_WGS_1984', 'WGS 1984'],
    ['GCS_North_American_1983', 'North American 1983'],
    ['Réseau Géodésique', 'Reseau_Geodesique'],
    ['CH1903+ / LV95', 'CH1903+_LV95'],
    ['Foo (deprecated)', 'foo'],
  ] as const) {
    assert.ok(sameName(a, b), `${a}, ${b}`);
  }
  assert.ok(!sameName('CH1903', 'CH1903+'));
  assert.ok(!sameName('', '  '));
  assert.equal(foldName('D_D_x'), 'dx');
  const tm = 'transverse-mercator';
  for (const name of ['Transverse Mercator', 'TRANSVERSE_MERCATOR', 'Gauss_Kruger']) {
    assert.equal(methodByName(name)?.method, tm);
  }
  assert.equal(methodByName('__proto__'), null);
  assert.equal(methodByName('constructor'), null);
});

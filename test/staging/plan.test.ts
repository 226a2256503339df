import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseCrs } from '../../src/crs/parse.ts';
import { resolveCrs } from '../../src/crs/resolve.ts';
import { Config } from '../../src/staging/configuration/config.ts';
import { findInputs } from '../../src/staging/inputs/inputs.ts';
import { planRun } from '../../src/staging/planning/plan.ts';
import { squares } from '../formats/shapefile/shapefile-fixture.ts';
import { temporaryFolder } from './support.ts';

test('inputs of one CRS share it, others have their own', async (t) => {
  const folder = join(temporaryFolder(t), 'input');
  mkdirSync(folder);
  const { shp, shx, dbf } = squares();
  const polar = resolveCrs(parseCrs('EPSG:3413'));
  const utm = resolveCrs(parseCrs('EPSG:32605'));
  for (const [name, crs] of Object.entries({ a: polar, b: utm, c: polar })) {
    const files = { shp, shx, dbf, prj: crs.wkt! };
    for (const [end, bytes] of Object.entries(files)) {
      writeFileSync(join(folder, `${name}.${end}`), bytes);
    }
  }
  const { inputs } = findInputs([folder], { extensions: [] });
  const plan = await planRun(inputs, [folder], [], {
    ...Config.from({}).values,
    selection: null,
    format: 'GeoPackage',
    tilesCrs: { authority: 'EPSG', code: '4326' },
    force: false,
  });
  assert.deepEqual(plan.failed, []);
  const [a, b, c] = plan.planned;
  assert.deepEqual(
    plan.planned.map(({ name, crsOrigin, featureCount }) => [name, crsOrigin, featureCount]),
    ['a.shp', 'b.shp', 'c.shp'].map((name) => [name, 'file', 300]),
  );
  assert.equal(a!.placing!.crs, c!.placing!.crs);
  assert.notDeepEqual(a!.placing!.crs, b!.placing!.crs);
  assert.match(a!.placing!.crs.name, /Polar Stereographic North/);
  assert.match(b!.placing!.crs.name, /zone 5N/i);
});

/** What a run tells of shapefiles whose attributes are not all as they stand there. */

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  dbfBytes,
  polygonContent,
  shapefileBytes,
  square,
} from '../formats/shapefile/shapefile-fixture.ts';
import { resultOf, runCli, temporaryFolder } from './support.ts';

test('guessed text is counted over slices and inputs, and missing rows are told', async (t) => {
  const folder = temporaryFolder(t);
  const shapes = Array.from({ length: 40 }, (_, i) => polygonContent(5, [square(i, 10, 0.5)]));
  const write = (name: string, values: Buffer[]): void => {
    const { shp, shx } = shapefileBytes(5, shapes);
    const fields = [{ name: 'place', type: 'C', width: 8 }];
    const dbf = dbfBytes(
      fields,
      values.map((value) => [value]),
    );
    for (const [extension, bytes] of Object.entries({ shp, shx, dbf, cpg: 'UTF-8' })) {
      writeFileSync(join(folder, `${name}.${extension}`), bytes);
    }
  };
  const latin = Buffer.from([0x63, 0x61, 0x66, 0xe9]);
  write(
    'a',
    Array.from({ length: 40 }, (_, i) => (i % 10 === 6 ? latin : Buffer.from('café'))),
  );
  write(
    'b',
    Array.from({ length: 38 }, (_, i) => (i === 30 ? latin : Buffer.from('plain'))),
  );
  const config = join(folder, 'config.json');
  writeFileSync(
    config,
    JSON.stringify({ sliceBytes: 1000, zRange: [0, 4], inputCrs: 'EPSG:4326' }),
  );
  const stage = (out: string, ...options: string[]) =>
    runCli(['stage', folder, '--config', config, '--out', join(folder, out), ...options]);
  const { guessedText, inputs, warnings } = resultOf((await stage('json', '--json')).stdout);
  assert.deepEqual(guessedText, { count: 5, feature: 7, column: 'place', input: 'a.shp' });
  assert.deepEqual(
    inputs.map((input) => input.guessedText),
    [
      { count: 4, feature: 7, column: 'place' },
      { count: 1, feature: 31, column: 'place' },
    ],
  );
  assert.deepEqual(warnings, [
    'b.shp: its .dbf says that it has 38 rows for 40 shapes: the last shapes have no attributes',
  ]);
  const { stdout } = await stage('text');
  assert.match(
    stdout,
    /^note +5 features have text whose encoding had to be guessed, for example feature 7 of a\.shp, column place\. /m,
  );
  const { stdout: info } = await runCli(['info', join(folder, 'b.shp')]);
  assert.match(info, /^ +note +its \.dbf says that it has 38 rows for 40 shapes/m);
});

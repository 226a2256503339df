/** Encodings of GeoJSON: UTF-8 with and without a mark is read, others are refused by name with what helps. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import iconv from 'iconv-lite';
import type { TilewrightError } from '../../../src/core/errors.ts';
import { inputFormatOf } from '../../../src/formats/input-formats.ts';
import { openSource } from '../../../src/formats/open.ts';
import { findInputs } from '../../../src/staging/inputs/inputs.ts';
import { hasProgram, temporaryFolder } from '../../staging/support.ts';
import { readSlices, withSource } from '../contract/contract-reading.ts';

const ORDERS = [
  '{"type":"FeatureCollection","features":[',
  '{"features":[',
  '\x1e',
  ' \r\n\t{ "name" : "İ ☃ 😀", "features" : [ ',
];
const FEATURE =
  '{"type":"Feature","properties":{"name":"Þingvallavatn ☃ 😀"},"geometry":' +
  '{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,0]]]}}';
const textOf = (start: string): string =>
  `${start}${FEATURE}${start === '\x1e' ? '' : '],"type":"FeatureCollection"}'}`.replace(
    /^(\{"type":"F.*),"type":"FeatureCollection"\}$/,
    '$1}',
  );

/** As iconv-lite has them, which writes a mark where it is asked to. */
const WIDE: [encoding: string, addBOM: boolean, told: string][] = [
  ['utf-16le', true, 'UTF-16'],
  ['utf-16be', true, 'UTF-16'],
  ['utf-32le', true, 'UTF-32'],
  ['utf-32be', true, 'UTF-32'],
  ['utf-16le', false, 'UTF-16LE'],
  ['utf-16be', false, 'UTF-16BE'],
  ['utf-32le', false, 'UTF-32LE'],
  ['utf-32be', false, 'UTF-32BE'],
];

for (const [encoding, addBOM, told] of WIDE) {
  test(`${encoding}${addBOM ? ' with a mark' : ''} is refused by name, and iconv mends it`, async (t) => {
    for (const start of ORDERS) {
      const folder = temporaryFolder(t);
      for (const name of ['a b.geojson', 'c.json', 'd.dat']) {
        const path = join(folder, name);
        writeFileSync(path, iconv.encode(textOf(start), encoding, { addBOM }));
        assert.equal(inputFormatOf(path)?.name, 'GeoJSON', `${start} ${name}`);
        let command = '';
        await assert.rejects(openSource(path), (error: TilewrightError) => {
          assert.equal(error.code, 'input-encoding');
          assert.ok(error.message.startsWith(`${path} is ${told}, and GeoJSON has to be UTF-8`));
          command = /iconv -f .*$/.exec(error.message)![0];
          return true;
        });
        if (!hasProgram('iconv')) continue;
        assert.equal(spawnSync('sh', ['-c', command], { cwd: folder }).status, 0, command);
        const { rows } = await withSource(join(folder, 'other.geojson'), (source) =>
          readSlices(source),
        );
        assert.deepEqual(rows[0]!.values, ['Þingvallavatn ☃ 😀']);
      }
    }
  });
}

test('a mark before UTF-8 is passed over, whatever the file is called', async (t) => {
  for (const start of ORDERS) {
    const folder = join(temporaryFolder(t), 'in');
    mkdirSync(folder);
    for (const name of ['a.geojson', 'b.json', 'c.geojsonl']) {
      const path = join(folder, name);
      writeFileSync(path, `\ufeff${textOf(start)}`);
      assert.equal(readFileSync(path)[0], 0xef);
      const { rows } = await withSource(path, (source) => readSlices(source));
      assert.deepEqual(
        rows.map(({ values }) => values),
        [['Þingvallavatn ☃ 😀']],
      );
    }
    const { inputs } = findInputs([folder], { extensions: [] });
    assert.equal(inputs.length, 3);
  }
});

test('zeros are no encoding', async (t) => {
  const path = join(temporaryFolder(t), 'a.geojson');
  for (const bytes of [[0, 0, 0, 0], [0], [0x7b], [0x41, 0, 0x42, 0], [0, 0x41, 0, 0x42]]) {
    writeFileSync(path, Buffer.from(bytes));
    await assert.rejects(async () => withSource(path, (source) => readSlices(source)), {
      code: /input-(format|truncated)/,
    });
  }
});

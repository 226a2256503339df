/** Names of inputs in the summary, as a reader of CSV outside of this project gets them. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { readTiles } from './support.ts';
import { layerAt, SUMMARY, Workplace } from './workplace.ts';

const READ = `
import csv, json, sys
with open(sys.argv[1], newline='', encoding='utf-8') as file:
    print(json.dumps([row['filename'] for row in csv.DictReader(file)]))`;

test('a name is the same in the summary and in the tiles, whatever it begins with', async (t) => {
  const at = new Workplace(t);
  const names = [
    `=cmd|' calc'!A1.gpkg`,
    '+1.gpkg',
    '-1.gpkg',
    '@sum.gpkg',
    '"quoted", and more.gpkg',
    `'.gpkg`,
  ];
  for (const [k, name] of names.entries()) at.write(name, layerAt([k], k + 1));
  await at.stage();
  const inTiles = readTiles(at.staged).map((row) => row.values['staging_filename']);
  assert.deepEqual([...new Set(inTiles)].sort(), names.toSorted());
  const read = spawnSync('python3', ['-c', READ, join(at.staged, SUMMARY)], { encoding: 'utf8' });
  if (read.error !== undefined) return t.skip('python3 is not there');
  assert.deepEqual(JSON.parse(read.stdout).sort(), names.toSorted());
});

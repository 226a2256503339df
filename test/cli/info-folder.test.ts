/** `info` of a staged folder tells what it was staged with: by these options it is staged again. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { FolderDescription } from '../../src/staging/folder/folder-description.ts';
import { resultOf, runCli } from '../staging/support.ts';
import { layerAt, threeInputs, type Workplace } from '../staging/workplace.ts';

const ALL_OPTIONS = [
  ...['--format', 'geoparquet', '--pack', '2', '--where', "n < 5 OR n IN (7, 8) AND 'a' = 'a'"],
  ...['--bbox=-153.3,70,-153.2,71', '--bbox-crs', 'EPSG:4326', '--columns', 'n', '--z', '12'],
  ...['--simplify-tolerance', '0.000001', '--invalid', 'drop', '--keep-primary-key'],
];

const infoOf = async (folder: string): Promise<FolderDescription> => {
  const { code, stdout } = await runCli(['info', folder, '--json']);
  assert.equal(code, 0, stdout);
  const [described, ...others] = JSON.parse(stdout) as { staged: FolderDescription }[];
  assert.equal(others.length, 0);
  return described!.staged;
};

/** The words that a shell makes of the line. */
const optionsOf = async (folder: string): Promise<string[]> => {
  const { stdout } = await runCli(['info', folder]);
  const line = /^ {4}options {3}(.*)$/m.exec(stdout)?.[1] ?? '';
  const words = spawnSync('sh', ['-c', `printf '%s\\n' ${line}`], { encoding: 'utf8' });
  return words.stdout.split('\n').filter((word) => word !== '');
};

for (const [what, options] of [
  ['all options', ALL_OPTIONS],
  ['other columns', ['--drop-columns', 'n', '--where', 'n>-1']],
  ['the usual', []],
] as const) {
  test(`the options that it names stage the same: ${what}`, async (t) => {
    const at = threeInputs(t);
    const { tiles, inputs } = resultOf((await at.run(...options, '--json')).stdout);
    const described = await infoOf(at.staged);
    const rows = inputs.reduce((sum, one) => sum + (one.status === 'staged' ? one.rows : 0), 0);
    assert.ok(rows > 0);
    assert.deepEqual(
      [described.tiles, described.rows, described.inputs],
      [tiles.total, rows, inputs.length],
    );
    const told = await optionsOf(at.staged);
    assert.equal(told.length === 0, options.length === 0);
    const other: Workplace = Object.assign(Object.create(at), { staged: join(at.base, 'other') });
    const again = await other.run(...told);
    assert.equal(again.code, 0, again.stderr);
    assert.deepEqual(await infoOf(other.staged), described);
  });
}

test('packs are counted as files, duplicates that are left out are not, and rules are told', async (t) => {
  const at = threeInputs(t);
  at.write('d.gpkg', layerAt([4], 3));
  await at.ok('--format', 'geoparquet', '--pack', '3');
  const before = await infoOf(at.staged);
  assert.deepEqual([before.tiles, before.files, before.rows], [4, 1, 60]);
  await runCli(['deduplicate', at.staged, '--deduplicate', 'neighbor', '--duplicates', 'remove']);
  const after = await infoOf(at.staged);
  assert.deepEqual([after.tiles, after.files, after.rows], [4, 1, 50]);
  assert.equal(after.settings.deduplication?.duplicates, 'remove');
  const { stdout } = await runCli(['info', at.staged]);
  assert.match(stdout, /4 tiles of WGS1984Quad at z 13, with 50 rows of 4 inputs/);
  assert.match(stdout, /1 file \(geoparquet\) of up to 64 tiles/);
  assert.match(stdout, /judged {4}by neighbor: duplicates are left out/);
});

test('beside files, a folder that holds inputs too, and one that is damaged', async (t) => {
  const at = threeInputs(t);
  await at.ok();
  const { code, stdout } = await runCli(['info', at.staged, at.input]);
  assert.equal(code, 0);
  assert.match(stdout, /a staged folder[\s\S]*a\.gpkg {2}\(GeoPackage/);
  at.staged = at.input;
  await at.ok();
  const both = await runCli(['info', at.input, '--json']);
  const paths = (JSON.parse(both.stdout) as { path: string }[]).map(({ path }) => path);
  assert.equal(paths.length, 4, paths.join());
  const broken = join(at.base, 'broken');
  mkdirSync(join(broken, '.tilewright'), { recursive: true });
  writeFileSync(join(broken, '.tilewright/journal.sqlite'), 'x'.repeat(4096));
  const failed = await runCli(['info', broken]);
  assert.equal(failed.code, 1);
  assert.match(failed.stderr, /journal/);
});

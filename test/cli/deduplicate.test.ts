/** `tilewright deduplicate`, and what `stage` tells of duplicates. */

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { parseArguments } from '../../src/cli/arguments/arguments.ts';
import type { DeduplicationResult } from '../../src/staging/phases/run-result.ts';
import { suiteFolder } from '../faults/faults.ts';
import { GOLDEN, goldenLabels } from '../overlap/golden-scenes.ts';
import { labelsOf } from '../staging/deduplication/deduplicate-support.ts';
import { hashFolder, NO_SHARED_DATA, readTiles, resultOf, runCli } from '../staging/support.ts';

const AB = ['scene_a.gpkg', 'scene_b.gpkg'];
const BY_SCORE = ['--deduplicate', 'neighbor', '--keep', 'Score:larger'];

/** The features that a column of the golden labels calls duplicates, by scene. */
function counted(column: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const [name, isDuplicate] of goldenLabels(column, AB)) {
    const scene = name.split(' ')[0]!;
    if (isDuplicate) counts.set(scene, (counts.get(scene) ?? 0) + 1);
  }
  return counts;
}

test('its options are those of stage, with the folder in place of inputs', () => {
  const command = parseArguments([
    'deduplicate',
    'staged',
    ...BY_SCORE,
    '--workers',
    '2',
    '--json',
  ]);
  assert.ok(command.command === 'deduplicate');
  assert.equal(command.json, true);
  const { values } = command.config;
  assert.deepEqual(
    [values.dirStaged, values.deduplicateMethod, values.deduplicateKeepRules, values.workers],
    ['staged', 'neighbor', [['Score', 'larger']], 2],
  );
  assert.throws(() => parseArguments(['deduplicate']), /deduplicate needs one DIR/);
  assert.throws(() => parseArguments(['deduplicate', 'a', '--simplify-tolerance', '1']), /no/);
});

suite('on two scenes', { skip: GOLDEN === null ? NO_SHARED_DATA : false }, () => {
  const folder = suiteFolder();
  const out = join(folder, 'staged');
  const inputs = AB.map((name) => join(GOLDEN ?? '', 'input', name));
  const inline = ['--executor', 'inline'];
  const deduplicate = (...more: string[]) => runCli(['deduplicate', out, ...inline, ...more]);
  const stage = (...more: string[]) => runCli(['stage', ...inputs, '-o', out, ...inline, ...more]);
  const linesOf = (column: string, done: string): string[] => {
    const counts = counted(column);
    const all = [...counts.values()].reduce((sum, n) => sum + n, 0);
    return [
      `duplicates ${all} features ${done}: ${all} duplicate of another; `,
      ...AB.map((scene) => `${scene}: ${counts.get(scene)} duplicate of another`),
    ];
  };
  let plain = new Map<string, string>();

  test('a folder without rules is not judged by none, and nothing changes', async () => {
    assert.equal((await stage()).code, 0);
    plain = hashFolder(out);
    const { code, stderr } = await deduplicate();
    assert.equal(code, 2);
    assert.match(stderr, /no rules of deduplication yet: say which with --deduplicate neighbor/);
    assert.equal((await deduplicate('--overlap', '0.2')).code, 2);
    const other = await runCli(['deduplicate', folder, ...inline, ...BY_SCORE]);
    assert.equal(other.code, 1);
    assert.match(other.stderr, /is not a staged folder/);
    assert.deepEqual(hashFolder(out), plain);
  });

  test('labels, then other rules, then none', async () => {
    const labelled = await deduplicate(...BY_SCORE);
    assert.equal(labelled.code, 0);
    for (const line of linesOf('ab_overlap50_both_score', 'labelled')) {
      assert.ok(labelled.stdout.includes(line), labelled.stdout);
    }
    assert.deepEqual(labelsOf(out), goldenLabels('ab_overlap50_both_score', AB));
    const rules = ['--keep', 'Score:smaller', '--overlap', '0.3', '--overlap-one'];
    const removed = await deduplicate(...BY_SCORE.slice(0, 2), ...rules, '--duplicates', 'remove');
    for (const line of linesOf('ab_overlap30_one_score', 'left out')) {
      assert.ok(removed.stdout.includes(line), removed.stdout);
    }
    // Without rules: by those that it has. Nothing is left to do.
    const { stdout } = await deduplicate('--json', '--quiet');
    const again = JSON.parse(stdout) as DeduplicationResult & { type: string; folder: string };
    assert.equal(again.type, 'result');
    assert.equal(again.folder, out);
    assert.equal(again.tilesWritten, 0);
    assert.equal(again.deduplication?.duplicates, 'remove');
    assert.deepEqual(
      new Map(
        Object.entries(again.duplicates!).map(([name, own]) => [name, own['duplicate of another']]),
      ),
      counted('ab_overlap30_one_score'),
    );
    const none = await deduplicate('--deduplicate', 'none', '--quiet');
    assert.deepEqual([none.code, none.stdout], [0, '']);
    assert.deepEqual(hashFolder(out), plain);
  });

  test('a file of configuration says the rules, and what goes on is told', async () => {
    const file = join(folder, 'rules.json');
    writeFileSync(
      file,
      JSON.stringify({
        deduplicate_method: 'neighbor',
        deduplicate_keep_rules: [['Score', 'larger']],
      }),
    );
    const { stdout } = await deduplicate('--config', file, '--json');
    const events = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.equal(events[0].type, 'run-started');
    const phases = events.filter(({ type }) => type === 'phase-started').map(({ phase }) => phase);
    assert.deepEqual(phases, ['relate', 'judge', 'label']);
    assert.equal(events.at(-1).tilesWritten, readTilesCount());
    const status = await runCli(['status', out]);
    assert.match(status.stdout, /finished: 2 tiles written, \d+ features labelled as duplicates\n/);
  });

  const readTilesCount = (): number => new Set(readTiles(out).map(({ tile }) => tile)).size;

  test('stage tells of them in its words and as JSON, also where nothing is to be done', async () => {
    const told = await stage();
    assert.match((await runCli(['status', out])).stdout, /tiles are staged, \d+ features labelled/);
    for (const line of linesOf('ab_overlap50_both_score', 'labelled')) {
      assert.ok(told.stdout.includes(line), told.stdout);
    }
    const { duplicates, pairs, deduplication } = resultOf((await stage('--json')).stdout);
    assert.equal(deduplication?.keepRules[0]?.column, 'Score');
    assert.ok(pairs! > 500);
    const counts = Object.entries(duplicates!).map(([name, own]) => [
      name,
      own['duplicate of another'],
    ]);
    assert.deepEqual(new Map(counts as [string, number][]), counted('ab_overlap50_both_score'));
  });

  test('stage and its dry run refuse other rules in the same words', async () => {
    const before = hashFolder(out);
    const other = ['--deduplicate', 'neighbor', '--keep', 'Date:larger'];
    const dry = await stage(...other, '--dry-run');
    assert.equal(dry.code, 2);
    assert.match(dry.stderr, /deduplication: other rules than the folder has/);
    assert.equal((await stage(...other)).stderr, dry.stderr);
    assert.deepEqual(hashFolder(out), before);
  });

  test('a dry run names missing footprints as the run does, and writes nothing', async () => {
    const [staged, none] = [join(folder, 'other'), join(folder, 'none')];
    mkdirSync(none);
    const args = ['--deduplicate', 'footprints', '--footprints', none, '--executor', 'inline'];
    const run = (...more: string[]) => runCli(['stage', ...inputs, '-o', staged, ...args, ...more]);
    const dry = await run('--dry-run');
    assert.equal(dry.code, 1);
    assert.match(dry.stderr, /scene_a\.gpkg[\s\S]*scene_b\.gpkg/);
    assert.equal((await run()).stderr, dry.stderr);
    assert.equal(existsSync(staged), false);
  });

  test('clean removes what is kept aside, too', async () => {
    await deduplicate(...BY_SCORE, '--duplicates', 'remove');
    assert.ok(existsSync(join(out, '.tilewright', 'whole')));
    const { code, stdout } = await runCli(['clean', out, '--yes']);
    assert.equal(code, 0);
    assert.match(stdout, /^Removed \d+ tiles/);
    assert.equal(existsSync(out), false);
  });
});

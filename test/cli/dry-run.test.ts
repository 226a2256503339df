/** `stage --dry-run` tells what the same command without it then does, and writes nothing. */

import assert from 'node:assert/strict';
import { cpSync, existsSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { type DryRun, TileStager } from '../../src/staging/tile-stager.ts';
import { StoppingExecutor } from '../staging/stopping-executor.ts';
import { hashFolder, listTiles, resultOf, runCli } from '../staging/support.ts';
import { layerAt, Workplace } from '../staging/workplace.ts';

interface Told {
  code: number | null;
  plan: DryRun & { type: string };
}

/** All files of a folder with their times: nothing is touched, the journal neither. */
function stateOf(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .sort()
    .map((name) => `${name} ${statSync(join(folder, name)).mtimeMs}`);
}

/** Asks, checks that nothing changed, then does it. */
async function askAndDo(at: Workplace, ...more: string[]) {
  const args = ['stage', at.input, '--out', at.staged, '--executor', 'inline', '--json', ...more];
  const before = [stateOf(at.base), hashFolder(at.base)];
  const { code, stdout, stderr } = await runCli([...args, '--dry-run']);
  assert.equal(stderr, '');
  assert.deepEqual([stateOf(at.base), hashFolder(at.base)], before);
  const told: Told = { code, plan: JSON.parse(stdout) };
  const tiles = listTiles(at.staged);
  const done = await runCli([...args, '--quiet']);
  const result = resultOf(done.stdout);
  const { plan } = told;
  assert.equal(plan.type, 'dry-run');
  // What was told is what was done.
  const statusOf = ({ status }: { status: string }): string =>
    ['new', 'changed', 'again'].includes(status) ? 'staged' : status;
  const sorted = (inputs: { name: string; status: string }[]): string[] =>
    inputs.map((input) => `${input.name} ${statusOf(input)}`).sort();
  assert.deepEqual(sorted(plan.inputs), sorted(result.inputs));
  assert.deepEqual([...plan.removed].sort(), [...result.removed].sort());
  if (!plan.emptied) assert.equal(plan.tiles.total, tiles.length);
  assert.equal(told.code, done.code);
  return { plan, result };
}

function statuses(plan: DryRun): Record<string, string> {
  return Object.fromEntries(plan.inputs.map(({ name, status }) => [name, status]));
}

suite('stage --dry-run', () => {
  test('tells of inputs that are new, changed, unchanged, gone and broken', async (t) => {
    const at = new Workplace(t);
    at.write('a.gpkg', layerAt([0, 1]));
    at.write('b.gpkg', layerAt([1, 2], 2));
    const first = await askAndDo(at);
    assert.deepEqual(statuses(first.plan), { 'a.gpkg': 'new', 'b.gpkg': 'new' });
    assert.deepEqual(first.plan.tiles, { total: 0, touched: 0 });
    assert.deepEqual(
      first.plan.inputs.map(({ features }) => features),
      [20, 20],
    );

    const again = await askAndDo(at);
    assert.deepEqual(statuses(again.plan), { 'a.gpkg': 'unchanged', 'b.gpkg': 'unchanged' });
    assert.deepEqual(again.plan.tiles, { total: 3, touched: 0 });

    at.write('b.gpkg', layerAt([2], 3));
    at.write('c.gpkg', layerAt([5], 4));
    const changed = await askAndDo(at);
    assert.deepEqual(statuses(changed.plan), {
      'a.gpkg': 'unchanged',
      'b.gpkg': 'changed',
      'c.gpkg': 'new',
    });
    assert.deepEqual(changed.plan.tiles, { total: 3, touched: 2 });
    const { tiles } = changed.result;
    assert.ok(tiles.changed + tiles.removed <= 2 && tiles.new === 1, JSON.stringify(tiles));

    rmSync(join(at.input, 'c.gpkg'));
    writeFileSync(join(at.input, 'd.gpkg'), 'no database');
    const gone = await askAndDo(at);
    assert.deepEqual([gone.plan.gone, gone.plan.removed], [['c.gpkg'], []]);
    assert.equal(statuses(gone.plan)['d.gpkg'], 'failed');
    const pruned = await askAndDo(at, '--prune');
    assert.deepEqual(pruned.plan.removed, ['c.gpkg']);
    assert.equal(pruned.plan.tiles.touched, 1);
    assert.equal(pruned.result.tiles.removed, 1);

    const forced = await askAndDo(at, '--force', '--z', '12');
    assert.equal(forced.plan.emptied, true);
    assert.deepEqual(statuses(forced.plan), {
      'a.gpkg': 'new',
      'b.gpkg': 'new',
      'd.gpkg': 'failed',
    });
  });

  test('tells of the tiles in words that hold', async (t) => {
    const at = new Workplace(t);
    at.write('a.gpkg', layerAt([0, 1]));
    at.write('b.gpkg', layerAt([1, 2], 2));
    await at.stage();
    const ask = async (...more: string[]): Promise<string> => {
      const { stdout } = await runCli(['stage', at.input, '-o', at.staged, '--dry-run', ...more]);
      return stdout.replaceAll(/\S*staged/g, 'staged');
    };
    assert.match(
      await ask(),
      /^unchanged {2}2 inputs\ntiles {6}none of the 3 tiles in staged would be touched\nDry run/,
    );
    rmSync(join(at.input, 'b.gpkg'));
    assert.match(
      await ask('--prune'),
      /\ntiles {6}at most 2 of the 3 tiles in staged would be replaced, or removed if /,
    );
    writeFileSync(join(at.input, 'd.gpkg'), 'no database');
    assert.match(await ask(), /\ntiles {6}none of the 3 tiles in staged would be touched\nDry run/);
    at.write('c.gpkg', layerAt([0], 4));
    assert.match(
      await ask(),
      /\ntiles {6}3 tiles in staged, none of which loses features\n {11}Which/,
    );
  });

  for (const n of [0, 1]) {
    test(`tells what an interrupted run has left to finish after ${n} merge tasks`, async (t) => {
      const at = new Workplace(t);
      at.write('a.gpkg', layerAt([0, 1]));
      at.write('b.gpkg', layerAt([1, 2], 2));
      const executor = new StoppingExecutor('staging.merge', n);
      const stager = new TileStager({ dirInput: at.input, dirStaged: at.staged });
      await assert.rejects(stager.stageAll({ executor }), { code: 'interrupted' });
      const { resumes, inputs } = await stager.dryRun();
      const { stdout } = await runCli(['stage', at.input, '-o', at.staged, '--dry-run']);
      assert.match(
        stdout,
        /^first {6}An interrupted run would be finished: (\d+) rows of 2 inputs; 3 tiles, of which some may be written already\ntiles {6}those of the interrupted run in .*\nDry run/,
      );
      const { resumed } = await stager.stageAll();
      const { rowsWritten: rows, tiles, inputs: names, removed } = resumed[0]!;
      assert.deepEqual(resumes, { inputs: names, rows, tiles, removed });
      assert.ok(inputs.every(({ status }) => status === 'unchanged'));
      assert.equal((await stager.dryRun()).resumes, null);
    });
  }

  test('refuses what a run refuses, and makes no folder', async (t) => {
    const at = new Workplace(t);
    at.write('a.gpkg', layerAt([0]));
    const args = ['stage', at.input, '-o', at.staged, '--dry-run'];
    const text = await runCli(args);
    assert.equal(text.code, 0);
    assert.match(
      text.stdout,
      /^new {8}a\.gpkg {2}10 features, [\d.]+ \w+B\ntiles {6}none in .* yet\n/,
    );
    assert.match(text.stdout, /\nDry run: nothing was written, and no feature was read\n$/);
    assert.equal(existsSync(at.staged), false);
    const missing = await runCli(['stage', join(at.base, 'none'), '-o', at.staged, '--dry-run']);
    assert.equal(missing.code, 1);
    assert.match(missing.stdout, /^failed {5}There is no file or folder/);
    assert.equal(existsSync(at.staged), false);
    await runCli(['stage', at.input, '-o', at.staged, '--executor', 'inline']);
    const differs = await runCli([...args, '--z', '9']);
    assert.deepEqual([differs.code, differs.stdout], [2, '']);
    assert.match(differs.stderr, /z: 13 then, 9 now/);
    const foreign = join(at.base, 'foreign');
    cpSync(join(at.staged, 'WGS1984Quad'), join(foreign, 'WGS1984Quad'), { recursive: true });
    const refused = await runCli(['stage', at.input, '-o', foreign, '--dry-run']);
    assert.match(refused.stderr, /holds files that were not staged here/);
    assert.equal(refused.code, 2);
  });
});

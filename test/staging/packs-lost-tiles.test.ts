/**
 * A run that ends before it packs leaves tiles loose, and the packs of before with as many rows: where
 * such a tile is removed by hand, nobody takes the pack's rows for those that count.
 */

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { globSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { plotTiles, serve, TileStager } from '../../src/index.ts';
import type { Executor } from '../../src/parallel/executor.ts';
import type { ConfigInput } from '../../src/staging/configuration/config-input.ts';
import { readDuplicates } from '../../src/staging/duplicates/duplicates.ts';
import type { StageAllResult } from '../../src/staging/tile-stager.ts';
import { StoppingExecutor } from './stopping-executor.ts';
import { layerAt, Workplace } from './workplace.ts';

const COLUMNS = [0, 1, 2];
const LABELS: ConfigInput = {
  ...{ deduplicateMethod: 'neighbor', deduplicateOverlapTolerance: 0.01 },
  duplicates: 'label',
};

class PackedPlace extends Workplace {
  stager(values: ConfigInput = {}, dirStaged = this.staged): TileStager {
    return new TileStager({
      ...{ dirInput: this.input, dirStaged, executor: 'inline' },
      ...{ extStaged: 'geoparquet', pack: 2, ...values },
    });
  }

  all(values: ConfigInput = {}): Promise<StageAllResult> {
    return this.stager(values).stageAll();
  }

  /**
   * Takes away a loose tile of a run that ends before it packs.
   * @returns its column and row
   */
  async loseTile(run: (options: { executor: Executor }) => Promise<unknown>): Promise<string[]> {
    const before = this.bytes();
    const executor = new StoppingExecutor('staging.pack', 0);
    await assert.rejects(run({ executor }), { code: 'interrupted' });
    assert.deepEqual(this.bytes(), before);
    const cwd = join(this.staged, '.tilewright/tiles');
    const [tile] = globSync('**/*.gpkg', { cwd }).sort();
    rmSync(join(cwd, tile!));
    return tile!.replace('.gpkg', '').split('/').slice(-2);
  }

  bytes(staged = this.staged): Map<string, string> {
    const paths = globSync('WGS1984Quad/*/*/*.parquet', { cwd: staged }).sort();
    const hash = (path: string): string =>
      createHash('sha256')
        .update(readFileSync(join(staged, path)))
        .digest('hex');
    return new Map(paths.map((path) => [path, hash(path)]));
  }

  async checkFresh(values: ConfigInput = {}): Promise<void> {
    const fresh = join(this.base, 'fresh');
    rmSync(fresh, { recursive: true, force: true });
    await this.stager(values, fresh).stageAll();
    assert.deepEqual(this.bytes(), this.bytes(fresh));
  }
}

async function staged(t: TestContext, values: ConfigInput = {}): Promise<PackedPlace> {
  const at = new PackedPlace(t);
  at.write('a.gpkg', layerAt(COLUMNS, 1));
  at.write('b.gpkg', layerAt(COLUMNS, 1));
  await at.all(values);
  return at;
}

test('it is packed again only from its inputs', async (t) => {
  const at = await staged(t);
  at.write('a.gpkg', layerAt(COLUMNS, 3));
  await at.loseTile((options) => at.stager().stageAll(options));
  await assert.rejects(at.all(), { code: 'tile-damaged', message: /\.gpkg is not there/ });
  await at.all({ force: true });
  await at.checkFresh();
});

test('rows of others that stay in it are not taken from the pack', async (t) => {
  const at = await staged(t);
  at.write('a.gpkg', layerAt(COLUMNS, 3));
  await at.loseTile((options) => at.stager().stageAll(options));
  at.write('b.gpkg', layerAt(COLUMNS, 4));
  await assert.rejects(at.all(), { code: 'tile-damaged' });
  // Its inputs are staged anew.
  await at.all();
  await at.checkFresh();
});

test('who draws, lists or shows it says that it is not there', async (t) => {
  const at = await staged(t, LABELS);
  at.write('a.gpkg', layerAt(COLUMNS, 1));
  const [x, y] = await at.loseTile((options) => at.stager(LABELS).stageAll(options));
  const plot = plotTiles(at.stager().config.values, { tiles: 20 });
  await assert.rejects(plot, { code: 'staged-folder', message: /tilewright.tiles.*not there/ });
  const listed = readDuplicates(at.staged).features(true);
  assert.throws(() => [...listed], { code: 'input-missing' });
  const viewer = await serve(at.staged, { port: 0 });
  t.after(() => viewer.close());
  const shown = await fetch(new URL(`/data/feature/13/${x}/${y}/1`, viewer.url));
  assert.equal(shown.status, 404, await shown.text());
});

test('labels are not those of before', async (t) => {
  const at = await staged(t);
  await at.loseTile((options) => at.stager(LABELS).deduplicate(options));
  await assert.rejects(at.stager(LABELS).deduplicate(), { code: 'tile-damaged' });
  // By other rules, which are about all rows.
  const others = { ...LABELS, deduplicateOverlapTolerance: 0.2 };
  await assert.rejects(at.stager(others).deduplicate(), { code: 'tile-damaged' });
  await at.all({ ...others, force: true });
  await at.checkFresh(others);
});

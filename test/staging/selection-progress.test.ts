/** What is told of a run that stages a part of its features: it comes to its total, which is named. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { check } from '../../src/index.ts';
import type { Executor } from '../../src/parallel/executor.ts';
import type { ConfigInput } from '../../src/staging/configuration/config-input.ts';
import type { RunEvent } from '../../src/staging/telling/events.ts';
import { TileStager } from '../../src/staging/tile-stager.ts';
import { CountingExecutor } from './counting-executor.ts';
import { StoppingExecutor } from './stopping-executor.ts';
import { polygonWkb, randomPolygons, runCli } from './support.ts';
import { Workplace } from './workplace.ts';

const ROWS = 2_000;
const BOX = { minX: -153.4, minY: 70.33, maxX: -153.2, maxY: 70.42 };
const SELECTIONS: [what: string, ConfigInput, isPart: boolean][] = [
  ['a few', { where: 'n < 30' }, true],
  ['none', { where: 'n < 0' }, true],
  ['a box', { bbox: [-153.3, 70.33, -153.29, 70.42] }, true],
  ['columns', { columns: ['n'] }, false],
  ['all', {}, false],
];

function place(t: { after(work: () => void): void }): Workplace {
  const at = new Workplace(t);
  for (const [seed, name] of ['a.gpkg', 'b.gpkg'].entries()) {
    const rows = randomPolygons(seed, ROWS, BOX, 0.001).map((ring, n) => ({
      wkb: polygonWkb([ring]),
      values: [n],
    }));
    at.write(name, { layer: 'l', srsId: 4326, columns: [{ name: 'n', type: 'INTEGER' }], rows });
  }
  return at;
}

/** Done and total at the end of the phase, and whether it is named. */
class Watch {
  total = 0;
  done = 0;
  isNamed = false;
  readonly #phase: string;

  constructor(phase: string) {
    this.#phase = phase;
  }

  readonly see = (event: RunEvent): void => {
    if (!('phase' in event) || event.phase !== this.#phase) return;
    if (event.type === 'phase-started') {
      this.isNamed = event.isBeforeSelection === true;
      this.total = event.total;
    } else if (event.type === 'progress') {
      assert.equal(event.total, this.total);
      this.done = event.done;
    }
  };
}

for (const [what, selection, isPart] of SELECTIONS) {
  test(`it ends at its total: ${what}`, async (t) => {
    const at = place(t);
    const config = { dirInput: at.input, dirStaged: at.staged, sliceBytes: 50_000, ...selection };
    const executors: [string, Executor][] = [
      ['together', new CountingExecutor()],
      ['apart', new CountingExecutor(false)],
    ];
    for (const [how, executor] of executors) {
      const watch = new Watch('stage');
      const dirStaged = `${at.staged}-${how}`;
      await new TileStager({ ...config, dirStaged }).stageAll({ executor, onProgress: watch.see });
      assert.equal(watch.done, watch.total, how);
      assert.equal(watch.isNamed, isPart && watch.total > 0, how);
      // Slices that nothing is read of are no work.
      if (what !== 'a box') assert.equal(watch.total, 2 * ROWS);
    }
    const watch = new Watch('check');
    await check({ ...config, executor: 'inline' }, { onProgress: watch.see });
    assert.deepEqual([watch.done, watch.isNamed], [watch.total, isPart]);
  });
}

test('a run that goes on where another was stopped comes to the same total', async (t) => {
  const at = place(t);
  const config = { dirInput: at.input, dirStaged: at.staged, sliceBytes: 50_000, where: 'n < 30' };
  const stopping = new StoppingExecutor('staging.group', 1, false);
  await assert.rejects(new TileStager(config).stageAll({ executor: stopping }));
  const watch = new Watch('stage');
  const executor = new CountingExecutor(false);
  await new TileStager(config).stageAll({ executor, onProgress: watch.see });
  assert.deepEqual([watch.done, watch.total], [2 * ROWS, 2 * ROWS]);
});

test('on the terminal it is said what is counted', async (t) => {
  const at = place(t);
  const { stderr } = await at.run('--where', 'n < 30');
  assert.match(stderr, /^staging: 4,000 features before selection, \d+ tasks$/m);
  assert.match(stderr, /^staging: done in .*, 4,000 features before selection/m);
  const all = await at.run('--force');
  assert.doesNotMatch(all.stderr, /before selection/);
  const dry = ['stage', at.input, '--out', `${at.staged}-dry`, '--dry-run'];
  const { stdout } = await runCli([...dry, '--where', 'n < 30']);
  assert.match(stdout, /a\.gpkg {2}2,000 features[\s\S]*^selected +a part of these features/m);
  assert.doesNotMatch((await runCli(dry)).stdout, /^selected/m);
});

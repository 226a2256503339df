/** Products of tiles are the same on all executors. */

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { writeScenes } from '../../bench/scenes.ts';
import type { ConfigInput } from '../../src/staging/configuration/config-input.ts';
import { TileStager } from '../../src/staging/tile-stager.ts';
import { suiteFolder } from '../faults/faults.ts';
import { SOAK } from '../soak/rounds.ts';
import { AROUND, checkProducts, ROWS } from '../staging/counted-rows.ts';
import { type Redis, redisMissing, startRedis } from './engines/redis.ts';
import { type Slurm, slurmMissing, startSlurm } from './engines/slurm.ts';

suite('products of tiles', () => {
  const folder = suiteFolder();
  const dirInput = join(folder, 'scenes');
  let redis: Redis | undefined;
  let slurm: Slurm | undefined;
  before(() => {
    writeScenes(dirInput, { seed: 11, count: 2, polygonsEach: 60, cellArea: 60_000 });
  });
  after(() => redis?.stop());

  const check = async (config: ConfigInput): Promise<void> => {
    const dirStaged = join(folder, 'staged');
    rmSync(dirStaged, { recursive: true, force: true });
    const stager = new TileStager({ dirInput, dirStaged, ...config });
    await stager.stageAll({ products: [ROWS, AROUND] });
    checkProducts(dirStaged);
  };
  const blocks = { maxWorkers: 1, initBlocks: 2, maxBlocks: 2 };

  test('in this thread', () => check({ executor: 'inline' }));
  test('on threads', () => check({ executor: 'threads', workers: 2 }));
  test('on local workers', () => check({ executor: 'local', parallel: blocks }));
  test('through Redis', { skip: redisMissing() }, async () => {
    redis = await startRedis();
    await check({ executor: 'redis', parallel: { queue: redis.url, ...blocks } });
  });
  test('on Slurm', { skip: slurmMissing() || (!SOAK && 'left to the soak') }, async () => {
    slurm = await startSlurm();
    Object.assign(process.env, slurm.env);
    const common = { partition: 'test', walltime: '00:10:00', pollInterval: 0.5 };
    await check({ executor: 'slurm', parallel: { ...common, address: '127.0.0.1', ...blocks } });
    const batches = { maxElements: 2, secondsPerElement: 0.5 };
    await check({ executor: 'slurm-array', parallel: { ...common, ...batches } });
    await slurm.waitIdle(40_000);
  });
});

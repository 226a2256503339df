/** Duplicates are judged the same on all executors. */

import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { writeScenes } from '../../bench/scenes.ts';
import type { ConfigInput } from '../../src/staging/configuration/config-input.ts';
import { checkSame, SUMMARY, suiteFolder } from '../faults/faults.ts';
import { SOAK } from '../soak/rounds.ts';
import {
  BY_DATE,
  MODES,
  type Mode,
  stageInto,
} from '../staging/deduplication/deduplicate-support.ts';
import { hashFolder } from '../staging/support.ts';
import { type Redis, redisMissing, startRedis } from './engines/redis.ts';
import { type Slurm, slurmMissing, startSlurm } from './engines/slurm.ts';

suite('duplicates', () => {
  const folder = suiteFolder();
  const dirInput = join(folder, 'scenes');
  const expected = new Map<Mode, Map<string, string>>();
  let redis: Redis | undefined;
  let slurm: Slurm | undefined;
  after(() => redis?.stop());

  const base: ConfigInput = { dirInput, zRange: [0, 13], sliceBytes: 100_000, ...BY_DATE };
  const check = async (config: ConfigInput, modes: readonly Mode[] = MODES): Promise<void> => {
    for (const duplicates of modes) {
      const out = join(folder, 'staged');
      await stageInto(out, { ...base, duplicates, ...config });
      checkSame(out, expected.get(duplicates)!);
    }
  };
  before(async () => {
    const options = { seed: 11, count: 3, polygonsEach: 400, cellArea: 15_000, overlap: 0.5 };
    writeScenes(dirInput, options);
    for (const duplicates of MODES) {
      const out = join(folder, duplicates);
      await stageInto(out, { ...base, duplicates });
      expected.set(duplicates, hashFolder(out, { summary: SUMMARY }));
    }
  });
  const blocks = { maxWorkers: 1, initBlocks: 2, maxBlocks: 2 };

  test('on local workers', () => check({ executor: 'local', parallel: blocks }));
  test('through Redis', { skip: redisMissing() }, async () => {
    redis = await startRedis();
    await check({ executor: 'redis', parallel: { queue: redis.url, ...blocks } });
  });
  test('on Slurm', { skip: slurmMissing() || (!SOAK && 'left to the soak') }, async () => {
    slurm = await startSlurm();
    Object.assign(process.env, slurm.env);
    const common = { partition: 'test', walltime: '00:10:00', pollInterval: 0.5 };
    const parallel = { ...common, address: '127.0.0.1', ...blocks };
    await check({ executor: 'slurm', parallel }, ['remove']);
    const batches = { maxElements: 2, secondsPerElement: 0.5 };
    await check({ executor: 'slurm-array', parallel: { ...common, ...batches } }, ['label']);
    await slurm.waitIdle(40_000);
  });
});

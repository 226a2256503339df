/** What SlurmProvider asks for when nothing is said, and what it does with Parsl's options. */

import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, type TestContext, test } from 'node:test';
import {
  SlurmProvider,
  type SlurmProviderOptions,
} from '../../../src/parallel/providers/slurm-provider.ts';

/** The script that a provider submits to a Slurm that only keeps it. */
async function scriptOf(t: TestContext, options: SlurmProviderOptions): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'tilewright-slurm-defaults-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'sbatch'), '#!/bin/sh\necho 4711\n');
  chmodSync(join(folder, 'sbatch'), 0o755);
  const saved = process.env['PATH'];
  process.env['PATH'] = `${folder}:${saved}`;
  try {
    const launch = { blockId: 'b', name: 'n', command: ['node', 'worker.js', 'a b'], folder };
    assert.equal(await new SlurmProvider(options).submit(launch), '4711');
  } finally {
    process.env['PATH'] = saved;
  }
  return readFileSync(join(folder, 'b.sh'), 'utf8').split('\n');
}

const has = (lines: readonly string[], start: string): boolean =>
  lines.some((line) => line.startsWith(start));

suite('SlurmProvider', () => {
  // Parsl/parsl, parsl/providers/slurm/slurm.py: exclusive=True, walltime="00:10:00", nodes_per_block=1,
  // cores_per_node=None and mem_per_node=None, for which nothing is asked.
  test("defaults are Parsl's: a node for the block alone, for ten minutes", async (t) => {
    const lines = await scriptOf(t, {});
    for (const line of ['--exclusive', '--nodes=1', '--ntasks-per-node=1', '--time=00:10:00']) {
      assert.ok(lines.includes(`#SBATCH ${line}`), line);
    }
    for (const start of ['--cpus-per-task', '--mem', '--partition', '--account', '--qos']) {
      assert.equal(has(lines, `#SBATCH ${start}`), false, start);
    }
    assert.equal(lines[0], '#!/bin/bash');
    assert.equal(has(lines, 'export TILEWRIGHT_CORES'), false);
    assert.equal(lines.at(-2), "exec node worker.js 'a b'");
  });

  // The same file: cores_per_node becomes --cpus-per-task (one task a node) and PARSL_CORES, by which
  // the workers of a node are limited; mem_per_node becomes --mem in gigabytes.
  test("options become what Parsl's become", async (t) => {
    const lines = await scriptOf(t, {
      ...{
        exclusive: false,
        coresPerNode: 4,
        memPerNode: 8,
        nodesPerBlock: 2,
        walltime: '01:00:00',
      },
      ...{ constraint: 'fast', gpusPerNode: 2, gres: 'gpu:a100:2', qos: 'q' },
      ...{ schedulerOptions: '#SBATCH --licenses=x', workerInit: 'source venv' },
    });
    for (const line of [
      '--cpus-per-task=4',
      '--mem=8192M',
      '--nodes=2',
      '--constraint=fast',
    ].concat([
      '--gpus-per-node=2',
      '--gres=gpu:a100:2',
      '--qos=q',
      '--licenses=x',
      '--time=01:00:00',
    ])) {
      assert.ok(lines.includes(`#SBATCH ${line}`), line);
    }
    assert.equal(has(lines, '#SBATCH --exclusive'), false);
    assert.ok(lines.includes('export TILEWRIGHT_CORES=4'));
    assert.ok(lines.indexOf('source venv') > 0);
    assert.match(lines.at(-2)!, /^exec srun --nodes=2 --ntasks=2 .* node worker.js 'a b'$/);
  });

  test('a launcher of any kind', async (t) => {
    const wrap = (command: string): string => `nice ${command}`;
    assert.equal((await scriptOf(t, { launcher: { wrap } })).at(-2), "nice node worker.js 'a b'");
    assert.ok(has(await scriptOf(t, { launcher: 'mpiexec', nodesPerBlock: 2 }), 'mpiexec '));
  });
});

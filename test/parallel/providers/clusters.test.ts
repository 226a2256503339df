/** Providers of batch systems, whole, on programs that stand in for those systems. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, type TestContext, test } from 'node:test';
import { HighThroughputExecutor } from '../../../src/parallel/blocks/high-throughput-executor.ts';
import type { Provider } from '../../../src/parallel/blocks/provider.ts';
import type { ClusterOptions } from '../../../src/parallel/providers/cluster-provider.ts';
import { CondorProvider } from '../../../src/parallel/providers/condor-provider.ts';
import { GridEngineProvider } from '../../../src/parallel/providers/grid-engine-provider.ts';
import { LSFProvider } from '../../../src/parallel/providers/lsf-provider.ts';
import { PBSProProvider } from '../../../src/parallel/providers/pbs-pro-provider.ts';
import { assertNoneLeft, markedEnvironment } from '../../integration/engines/processes.ts';
import { task } from '../contract-tasks.ts';
import { type BatchSystem, type FakeSystem, fakeSystem } from './batch-systems.ts';

/** Each with options that its script has to have, and what they are there. */
const systems: {
  kind: BatchSystem;
  make: (options: ClusterOptions) => Provider;
  full: (options: ClusterOptions) => Provider;
  lines: string[];
}[] = [
  {
    kind: 'pbs',
    make: (options) => new PBSProProvider(options),
    full: (options) =>
      new PBSProProvider({
        ...{ ...options, account: 'a1', queue: 'short', cpusPerNode: 4, memPerNode: 2 },
        ...{ selectOptions: 'ngpus=1', schedulerOptions: '#PBS -l place=excl' },
      }),
    lines: [
      '#PBS -l walltime=26:00:30',
      '#PBS -l select=1:ncpus=4:mem=2048mb:ngpus=1',
      '#PBS -q short',
    ].concat(['#PBS -A a1', '#PBS -l place=excl', '#PBS -r n', 'export TILEWRIGHT_CORES=4']),
  },
  {
    kind: 'lsf',
    make: (options) => new LSFProvider(options),
    full: (options) =>
      new LSFProvider({
        ...{ ...options, project: 'p1', queue: 'short', requestByNodes: false, coresPerBlock: 4 },
        ...{ coresPerNode: 4, schedulerOptions: '#BSUB -x' },
      }),
    lines: [
      '#BSUB -W 26:01',
      '#BSUB -n 4',
      '#BSUB -R "span[ptile=4]"',
      '#BSUB -P p1',
      '#BSUB -q short',
    ].concat(['#BSUB -x', '#BSUB -rn', 'export TILEWRIGHT_CORES=4']),
  },
  {
    kind: 'grid-engine',
    make: (options) => new GridEngineProvider(options),
    full: (options) =>
      new GridEngineProvider({
        ...{ ...options, project: 'p1', queue: 'short', parallelEnvironment: 'smp' },
        ...{ coresPerNode: 4, schedulerOptions: '#$ -l gpu=1' },
      }),
    lines: [
      '#$ -l h_rt=26:00:30',
      '#$ -pe smp 4',
      '#$ -P p1',
      '#$ -q short',
      '#$ -l gpu=1',
      '#$ -r n',
    ].concat(['#$ -S /bin/bash', 'export TILEWRIGHT_CORES=4']),
  },
  {
    kind: 'condor',
    make: (options) => new CondorProvider(options),
    full: (options) =>
      new CondorProvider({
        ...{ ...options, coresPerSlot: 4, memPerSlot: 2, project: 'p1', requirements: 'HasGpu' },
        ...{ environment: { A: `it's "x"` }, schedulerOptions: '+WantIt = true' },
      }),
    lines: [
      'request_cpus = 4',
      'request_memory = 2048',
      '+ProjectName = "p1"',
      '+WantIt = true',
    ].concat(['requirements = HasGpu', `environment = "A='it''s ""x""'"`, 'queue']),
  },
];

function place(
  t: TestContext,
  kind: BatchSystem,
): { system: FakeSystem; runDir: string; mark: string } {
  const folder = mkdtempSync(join(tmpdir(), 'tilewright-clusters-'));
  const system = fakeSystem(kind, folder);
  const { mark, env } = markedEnvironment();
  const saved = { ...process.env };
  Object.assign(process.env, system.env, env);
  t.after(() => {
    for (const name of Object.keys({ ...system.env, ...env })) {
      if (saved[name] === undefined) delete process.env[name];
      else process.env[name] = saved[name];
    }
    rmSync(folder, { recursive: true, force: true });
  });
  return { system, runDir: join(folder, 'run'), mark };
}

for (const { kind, make, full, lines } of systems) {
  suite(`blocks of ${kind}`, () => {
    const executorFor = (t: TestContext, provider: Provider, runDir: string) => {
      const executor = new HighThroughputExecutor({ provider, runDir, address: '127.0.0.1' });
      t.after(() => executor.shutdown());
      return executor;
    };
    const quick = { pollInterval: 0.2, cancelTimeout: 20 };

    test('tasks run on them, and nothing is left', async (t) => {
      const { runDir, mark } = place(t, kind);
      const provider = make({ ...quick, initBlocks: 2, maxBlocks: 2, workerInit: 'export A=1' });
      const executor = executorFor(t, provider, runDir);
      const results = await Promise.all([1, 2, 3, 4].map((i) => executor.run(task('echo', i))));
      assert.deepEqual(results, [1, 2, 3, 4]);
      await executor.shutdown();
      await assertNoneLeft(mark, 10_000);
    });

    test('what the options say is in the script', async (t) => {
      const { system, runDir } = place(t, kind);
      const executor = executorFor(t, full({ ...quick, walltime: '1-02:00:30' }), runDir);
      assert.equal(await executor.run(task('echo', 1)), 1);
      await executor.shutdown();
      const written = system.scripts()[0]!.split('\n');
      for (const line of lines)
        assert.ok(written.includes(line), `${line} in\n${written.join('\n')}`);
    });

    test('a workerInit that fails is an error, with what it said', async (t) => {
      const { runDir } = place(t, kind);
      const provider = make({ ...quick, workerInit: 'echo no such module >&2\nfalse' });
      await assert.rejects(executorFor(t, provider, runDir).run(task('echo', 1)), {
        code: 'block-failed',
        message: /3 blocks in a row.*no such module/s,
      });
    });

    test('a job that is held too long is cancelled, and that is told', async (t) => {
      const { system, runDir, mark } = place(t, kind);
      system.set('hold');
      const provider = make({
        ...quick,
        maxHeldTime: 0.5,
        workerInit: 'sleep 600',
        cancelTimeout: 0.1,
      });
      const executor = executorFor(t, provider, runDir);
      await assert.rejects(executor.run(task('echo', 1)), {
        code: 'block-failed',
        message: /3 blocks in a row.*would never have started/,
      });
      await executor.shutdown();
      await assertNoneLeft(mark, 10_000);
    });

    test('nobody answers: refused by name when it submits, unknown when it looks', async (t) => {
      const { system, runDir } = place(t, kind);
      const provider = make(quick);
      const launch = { blockId: 'b', name: 'n', command: ['true'], folder: runDir };
      system.set('silent');
      assert.deepEqual(await provider.status(['1']), new Map([['1', { state: 'unknown' }]]));
      const executor = executorFor(t, provider, runDir);
      await assert.rejects(executor.run(task('echo', 1)), {
        code: 'block-failed',
        message: /no server/,
      });
      await assert.rejects(
        provider.submit({ ...launch, folder: '/a folder' }),
        (error: { code: string; message: string }) => {
          const refused =
            error.code === 'config-invalid' && /name another runDir/.test(error.message);
          assert.ok(refused || error.code === 'output-unwritable', error.message);
          return true;
        },
      );
    });
  });
}

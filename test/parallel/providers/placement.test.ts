/** Which worker is which, and the cores and accelerators that it has. */

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, type TestContext, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { HighThroughputExecutor } from '../../../src/parallel/blocks/high-throughput-executor.ts';
import type { HighThroughputOptions } from '../../../src/parallel/blocks/high-throughput-options.ts';
import { Registry } from '../../../src/parallel/registry.ts';
import { affinityRule, coresOf, parseCores } from '../../../src/parallel/worker/placement.ts';

const allowed = parseCores(
  /^Cpus_allowed_list:\s*(\S+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '',
);

const APPS = `
import { execFileSync } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
const cores = (text) => /^Cpus_allowed_list:\\s*(\\S+)/m.exec(text)[1];
export const where = async () => {
  await new Promise((resolve) => setTimeout(resolve, 400));
  return {
    env: Object.fromEntries(Object.entries(process.env).filter(([name]) => /^TILEWRIGHT_WORKER_|_VISIBLE_|^OMP/.test(name))),
    pid: process.pid,
    own: cores(readFileSync('/proc/' + readlinkSync('/proc/thread-self') + '/status', 'utf8')),
    child: cores(execFileSync('cat', ['/proc/self/status'], { encoding: 'utf8' })),
  };
};`;

interface Where {
  env: Record<string, string>;
  pid: number;
  own: string;
  child: string;
}

/** What the workers say of themselves, by rank. */
async function askAll(
  t: TestContext,
  options: HighThroughputOptions,
  count: number,
): Promise<Where[]> {
  const folder = mkdtempSync(join(tmpdir(), 'tilewright-placement-'));
  writeFileSync(join(folder, 'apps.mjs'), APPS);
  const registry = new Registry();
  registry.register(pathToFileURL(join(folder, 'apps.mjs')));
  const executor = new HighThroughputExecutor({ registry, ...options });
  t.after(async () => {
    await executor.shutdown();
    rmSync(folder, { recursive: true, force: true });
  });
  const all = await Promise.all(
    Array.from({ length: 2 * count }, () => executor.run({ name: 'apps.where', args: [] })),
  );
  const byRank = new Map((all as Where[]).map((one) => [one.env['TILEWRIGHT_WORKER_RANK'], one]));
  return [...byRank].sort().map(([, one]) => one);
}

suite('placement of workers', () => {
  // Parsl/parsl, parsl/executors/high_throughput/process_worker_pool.py: ten cores, three workers.
  test('cores, as Parsl gives them', () => {
    const ten = (): number[] => [2, 3, 4, 5, 6, 7, 8, 9, 10, 11];
    const all = (affinity: string): unknown =>
      [0, 1, 2].map((rank) => coresOf(rank, 3, affinity, ten));
    assert.deepEqual(all('none'), [null, null, null]);
    assert.deepEqual(all('block'), [
      [2, 3, 4],
      [5, 6, 7],
      [8, 9, 10],
    ]);
    assert.deepEqual(all('block-reverse'), [
      [8, 9, 10],
      [5, 6, 7],
      [2, 3, 4],
    ]);
    assert.deepEqual(all('alternating'), [
      [2, 5, 8, 11],
      [3, 6, 9],
      [4, 7, 10],
    ]);
    assert.deepEqual(all('list:2-4:5,9:11'), [[2, 3, 4], [5, 9], [11]]);
    assert.throws(() => coresOf(0, 11, 'block', ten), {
      code: 'config-invalid',
      message: /11 workers/,
    });
    assert.throws(() => coresOf(0, 1, 'list:1,2', ten), {
      message: /names the cores 1, and there/,
    });
    for (const wrong of ['blocks', 'list', 'list:', 'list:a', 'list:1-', '', 3, null]) {
      assert.equal(affinityRule.holds(wrong), false, String(wrong));
    }
  });

  test('each worker knows its number, its node and its block', async (t) => {
    const workers = await askAll(t, { maxWorkers: 2, coresPerWorker: 0.5 }, 2);
    assert.equal(workers.length, 2);
    for (const [rank, { env, pid, own }] of workers.entries()) {
      const { TILEWRIGHT_WORKER_BLOCK_ID: block, ...rest } = env;
      assert.match(block!, /^[0-9a-f]{12}$/);
      assert.deepEqual(rest, {
        TILEWRIGHT_WORKER_RANK: `${rank}`,
        TILEWRIGHT_WORKER_COUNT: '2',
        TILEWRIGHT_WORKER_POOL_ID: `${hostname()}/${pid}`,
      });
      assert.deepEqual(parseCores(own), allowed);
    }
  });

  const few = allowed.length < 2 && 'needs two cores';
  test('threads and their commands stay on their cores', { skip: few }, async (t) => {
    const [first, second] = allowed as [number, number];
    const options = { maxWorkers: 2, cpuAffinity: `list:${second}:${first}` };
    const workers = await askAll(t, options, 2);
    assert.deepEqual(
      workers.map(({ own, child, env }) => [own, child, env['OMP_NUM_THREADS']]),
      [second, first].map((core) => [`${core}`, `${core}`, '1']),
    );
  });

  test('one worker for each accelerator', async (t) => {
    const names = ['GPU-a', '-b'];
    const options = { coresPerWorker: 0.25, availableAccelerators: names };
    const workers = await askAll(t, options, 2);
    const seen = workers.map(({ env }) => [
      env['CUDA_VISIBLE_DEVICES'],
      env['ROCR_VISIBLE_DEVICES'],
    ]);
    assert.deepEqual(
      seen,
      names.map((name) => [name, name]),
    );
    const executor = new HighThroughputExecutor({ availableAccelerators: 1, maxWorkers: 4 });
    assert.ok(executor.slots < 4, `${executor.slots}`);
  });

  test('what a node can not do is said', async (t) => {
    const options = { maxWorkers: 1, cpuAffinity: 'list:4000' };
    await assert.rejects(askAll(t, options, 1), {
      code: 'block-failed',
      message: /cpuAffinity names the cores 4000, and there are/,
    });
  });
});

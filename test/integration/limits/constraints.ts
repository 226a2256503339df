/** A run of the command line that is really bound by one thing, for each thing that can bind it. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { ENGINE } from '../engines/daemon.ts';
import { createNamespace } from '../engines/network.ts';
import { assertNoneLeft, markedEnvironment, waitUntil } from '../engines/processes.ts';
import { startRedis } from '../engines/redis.ts';
import { startSlurm } from '../engines/slurm.ts';
import { diskOf } from './disk.ts';
import { bytesOf, CLI, type LimitedRun, type LimitedRuns } from './limited-runs.ts';
import { mountRemote } from './remote-folder.ts';

const MB = 1_000_000;
const DISK_SPEED = 20 * MB;

/** Both workers on one core. */
export function onOneCore(runs: LimitedRuns, inputs: string): Promise<LimitedRun> {
  return runs.stage({ inputs, cached: true, limits: { cpus: '0' } });
}

/** Both workers with the time of half a core. */
export function onHalfACore(runs: LimitedRuns, inputs: string): Promise<LimitedRun> {
  return runs.stage({ inputs, cached: true, limits: { cores: 0.5 } });
}

/** With a disk of 20 MB/s, from which the inputs have to be read. */
export function onSlowDisk(runs: LimitedRuns, inputs: string): Promise<LimitedRun> {
  const device = diskOf(runs.folder)!;
  return runs.stage({
    inputs,
    cached: false,
    limits: { disk: { device, bytesPerSecond: DISK_SPEED } },
  });
}

/**
 * With a disk of 20 MB/s, and with hardly any memory for rows, which so go to files and back. Returns the
 * run, and the same one with memory for all of them.
 */
export async function withLittleMemory(
  runs: LimitedRuns,
  inputs: string,
): Promise<{ enough: LimitedRun; little: LimitedRun }> {
  const disk = { device: diskOf(runs.folder)!, bytesPerSecond: DISK_SPEED };
  const common = { inputs, cached: true, limits: { disk } };
  const enough = await runs.stage(common);
  return { enough, little: await runs.stage({ ...common, args: ['--memory', '1'] }) };
}

/** Inputs on a server at the other end of a cable of 80 Mbit/s. */
export async function throughSlowLink(
  runs: LimitedRuns,
  inputs: string,
): Promise<LimitedRun & { bytes: number }> {
  const namespace = await createNamespace();
  try {
    const remote = await mountRemote(runs.folder, inputs, namespace);
    try {
      await namespace.slow('80mbit');
      const before = namespace.bytes();
      const run = await runs.stage({ inputs: remote.path });
      return { ...run, bytes: namespace.bytes() - before };
    } finally {
      await namespace.heal();
      await remote.remove();
    }
  } finally {
    await namespace.remove();
  }
}

/** Workers that get their tasks, which are many and small, through a cable of 500 kbit/s. */
export async function throughSlowQueue(
  runs: LimitedRuns,
  inputs: string,
): Promise<LimitedRun & { bytes: number }> {
  const namespace = await createNamespace();
  const redis = await startRedis({ bind: namespace.hostAddress, password: 'secret' });
  const marked = markedEnvironment();
  const [program, ...words] = [...namespace.run, process.execPath, CLI, 'worker'];
  const worker = spawn(program!, [...words, '--workers', '2'], {
    env: {
      ...process.env,
      ...marked.env,
      [ENGINE]: runs.folder,
      TILEWRIGHT_QUEUE: redis.url,
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  try {
    let said = '';
    worker.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    await waitUntil(() => said.includes('workers'), 20_000, 'the worker to be ready');
    await namespace.slow('500kbit');
    const before = namespace.bytes();
    const parallel = { queue: redis.url, initBlocks: 0, maxBlocks: 0 };
    const run = await runs.stage({
      inputs,
      cached: true,
      config: { executor: 'redis', sliceBytes: Math.ceil(bytesOf(inputs) / 50), parallel },
    });
    return { ...run, bytes: namespace.bytes() - before };
  } finally {
    await namespace.heal();
    if (worker.exitCode === null) {
      worker.kill('SIGINT');
      await once(worker, 'exit');
    }
    await assertNoneLeft(marked.mark);
    await redis.stop();
    await namespace.remove();
  }
}

/** Blocks of Slurm that wait behind another's job, for longer than the run then takes. */
export async function behindAnotherJob(
  runs: LimitedRuns,
  inputs: string,
  seconds: number,
): Promise<LimitedRun & { waited: boolean }> {
  const slurm = await startSlurm();
  try {
    const job = await slurm.submit('exec sleep 600', ['--nodes=2', '--exclusive']);
    const state = async (): Promise<string | undefined> =>
      (await slurm.squeue()).find(({ id }) => id === job)?.state;
    await waitUntil(async () => (await state()) === 'RUNNING', 20_000, 'the nodes to be busy');
    const running = runs.stage({
      inputs,
      cached: true,
      env: slurm.env,
      config: {
        executor: 'slurm',
        parallel: {
          partition: slurm.partition,
          walltime: '00:10:00',
          pollInterval: 0.5,
          address: '127.0.0.1',
          maxWorkers: 1,
          initBlocks: 2,
          maxBlocks: 2,
        },
      },
    });
    try {
      const pending = async (): Promise<boolean> =>
        (await slurm.squeue()).some(({ state }) => state === 'PENDING');
      await waitUntil(pending, 20_000, 'the blocks to wait');
      await setTimeout(seconds * 1000);
      const waited = await pending();
      await slurm.command(['scancel', job]);
      return { ...(await running), waited };
    } finally {
      await running.catch(() => undefined);
    }
  } finally {
    await slurm.stop();
  }
}

/** Four workers, for one input that is not read in slices, and a tile or two. */
export function oneBigInput(runs: LimitedRuns, inputs: string): Promise<LimitedRun> {
  return runs.stage({
    inputs,
    cached: true,
    config: { sliceBytes: 1e12 },
    workers: 4,
    args: ['--z', '6'],
  });
}

/** Two workers on all cores, with all inputs in memory. */
export function unhindered(runs: LimitedRuns, inputs: string): Promise<LimitedRun> {
  return runs.stage({ inputs, cached: true });
}

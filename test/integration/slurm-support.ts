/** What the tests with Slurm share: a cluster for a file, and proof that nothing is left on it. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { assertNoneLeft, MARK, markedEnvironment, waitUntil } from './engines/processes.ts';
import { type Slurm, slurmMissing, startSlurm } from './engines/slurm.ts';

export const skip = slurmMissing();

export interface Cluster {
  /** There once the tests of the file run. */
  readonly slurm: Slurm;
  /** A folder for the tests of the file. */
  readonly folder: string;
  /** Waits until the queue is empty and no process that the tests have caused is there. */
  nothingLeft(): Promise<void>;
  /** Keeps both nodes busy, so that jobs have to wait; returns what ends that. */
  occupy(): Promise<() => Promise<void>>;
  /** Holds all waiting jobs; returns how many they were. */
  holdWaiting(): Promise<number>;
}

/** Starts a cluster before the tests of a file, which this process's commands then talk to. */
export function useCluster(): Cluster {
  let slurm: Slurm | undefined;
  let folder = '';
  const { mark, env } = markedEnvironment();
  const saved = { ...process.env };
  if (skip === false) {
    before(async () => {
      slurm = await startSlurm({});
      Object.assign(process.env, slurm.env, env);
      folder = mkdtempSync(join(tmpdir(), 'tilewright-slurm-test-'));
      // Executors remove a folder that they leave empty.
      writeFileSync(join(folder, 'keep'), '');
    });
    after(async () => {
      rmSync(folder, { recursive: true, force: true });
      await slurm?.stop();
      for (const name of [...Object.keys(slurm?.env ?? {}), MARK]) {
        if (saved[name] === undefined) delete process.env[name];
        else process.env[name] = saved[name];
      }
    });
  }
  return {
    get slurm() {
      return slurm!;
    },
    get folder() {
      return folder;
    },
    async nothingLeft() {
      await slurm!.waitIdle(30_000);
      await assertNoneLeft(mark, 10_000);
    },
    async occupy() {
      const script = 'exec sleep 600';
      const options = ['--nodes=2', '--exclusive', '--job-name=occupied'];
      const id = await slurm!.submit(script, options);
      const state = async () => (await slurm!.squeue()).find((job) => job.id === id)?.state;
      await waitUntil(async () => (await state()) === 'RUNNING', 20_000, 'the nodes to be busy');
      return async () => {
        await slurm!.command(['scancel', id]);
      };
    },
    async holdWaiting() {
      const waiting = (await slurm!.squeue()).filter(
        ({ state, reason }) => state === 'PENDING' && !reason.startsWith('JobHeld'),
      );
      for (const { id } of waiting) {
        // It may have been cancelled a moment ago.
        await slurm!.command(['scontrol', 'hold', id]).catch(() => undefined);
      }
      return waiting.length;
    },
  };
}

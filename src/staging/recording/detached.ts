/**
 * Runs whose driver is a Slurm job, so that nobody has to stay logged in. What is known of one is
 * in the staged folder: `.tilewright/detached.json`, and `detached.log`, which has what it prints.
 * A driver that is started anew goes on where it was.
 */

import { randomBytes } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { TilewrightError, toTilewrightError } from '../../core/errors.ts';
import { replaceFile } from '../../core/files/replace-file.ts';
import { sealJson, unsealJson } from '../../core/files/sealed-json.ts';
import { shellWord } from '../../core/shell-word.ts';
import { isAbsent } from '../../core/system-causes.ts';
import { endAbandonedArrays } from '../../parallel/slurm/abandoned-arrays.ts';
import { SlurmCommands } from '../../parallel/slurm/commands.ts';
import { literal, overruledVariables, scriptHead } from '../../parallel/slurm/job-options.ts';
import { phaseOf } from '../../parallel/slurm/job-state.ts';
import { JobWatch } from '../../parallel/slurm/job-watch.ts';
import type { ConfigValues } from '../configuration/config-schema.ts';
import {
  makeStagedFolder,
  parallelFolder,
  privateFolder,
  requireOwn,
} from '../folder/staged-folder.ts';

const COMMAND_LIMIT_MS = 30_000;
const CANCEL_LIMIT_MS = 120_000;
/** Seconds before the end of its time at which a driver asks to be started again. */
const LAST_SECONDS = 120;

export interface DetachedRun {
  jobId: string;
  /** The job's name, which no other has. */
  name: string;
  command: readonly string[];
  cwd: string;
  /** ISO 8601. */
  submittedAt: string;
  log: string;
}

/** `unknown`: Slurm does not answer. */
export type DriverState = 'queued' | 'running' | 'ended' | 'unknown';

/** As Slurm numbers jobs, and as drivers are named below. */
const JOB_ID = /^\d{1,12}$/;
const JOB_NAME = /^tilewright-driver-[0-9a-f]{12}$/;
const SEAL = { kind: 'detached run', version: 1 };

function logPath(folder: string): string {
  return join(privateFolder(folder), 'detached.log');
}

function recordPath(folder: string): string {
  return join(privateFolder(folder), 'detached.json');
}

/** Null if no run is detached, or the last one has ended well. */
export function readDetached(folder: string): DetachedRun | null {
  try {
    requireOwn(folder);
    const run = unsealJson<DetachedRun>(readFileSync(recordPath(folder), 'utf8'), SEAL);
    // What comes with a folder that somebody else made is neither cancelled nor removed.
    if (!JOB_ID.test(run.jobId) || !JOB_NAME.test(run.name)) throw new TypeError('no job of ours');
    return { ...run, log: logPath(folder) };
  } catch (error) {
    if (error instanceof TilewrightError) throw error;
    if (isAbsent(error)) return null;
    throw new TilewrightError(
      'staged-folder',
      `${recordPath(folder)} can't be understood: ${(error as Error).message}. Remove it`,
      { cause: error },
    );
  }
}

/**
 * Submits the driver of a run.
 * @param command - program and arguments of the run
 * @throws TilewrightError block-failed, scheduler, output-unwritable
 */
export async function submitDetached(
  values: ConfigValues,
  command: readonly string[],
): Promise<DetachedRun> {
  const folder = resolve(values.dirStaged);
  makeStagedFolder(folder);
  const cwd = process.cwd();
  const name = `tilewright-driver-${randomBytes(6).toString('hex')}`;
  const log = logPath(folder);
  const script = join(privateFolder(folder), 'detached.sh');
  const { partition, account, qos, memPerNode, schedulerOptions, workerInit } = values.parallel;
  const options = {
    ...(partition !== null && { partition }),
    ...(account !== null && { account }),
    ...(qos !== null && { qos }),
    ...(memPerNode !== null && { memPerNode }),
    ...{ schedulerOptions, workerInit, coresPerNode: 1 },
  };
  const head = scriptHead({
    ...options,
    ...{ label: 'the detached run', name, nodes: 1, walltime: null },
    ...{ output: literal(log), error: literal(log) },
    more: ['--requeue', `--signal=B:USR1@${LAST_SECONDS}`, `--chdir=${quoted(cwd)}`],
  });
  try {
    rmSync(log, { force: true });
    rmSync(script, { force: true });
    writeFileSync(script, `${head}${driverLines(command)}`, { flag: 'wx' });
    const commands = new SlurmCommands({ timeoutMs: COMMAND_LIMIT_MS });
    const jobId = await commands.submit(script, overruledVariables(options));
    const submittedAt = new Date().toISOString();
    const run: DetachedRun = { jobId, name, command, cwd, submittedAt, log };
    replaceFile(recordPath(folder), sealJson(run, SEAL));
    return run;
  } catch (error) {
    throw toTilewrightError(error, {}, 'output-unwritable');
  } finally {
    rmSync(script, { force: true });
  }
}

/**
 * Runs the command. When the job's time is nearly over, the job goes back into the queue, and its
 * driver goes on from there: a run may take longer than a job. The shell outlives a SIGTERM, which
 * Slurm sends to all processes of the job, so that the driver has time to end.
 */
function driverLines(command: readonly string[]): string {
  return [
    'trap : TERM',
    'trap \'scontrol requeue "$SLURM_JOB_ID"\' USR1',
    `${command.map(shellWord).join(' ')} &`,
    'while :; do',
    '  wait $!; code=$?',
    '  kill -0 $! 2>/dev/null || exit $code',
    'done',
    '',
  ].join('\n');
}

function quoted(path: string): string {
  if (!/["\n\\]/.test(path)) return `"${path}"`;
  throw new TilewrightError('usage', `Slurm can't start a job in a folder such as ${path}`);
}

/** What Slurm knows of a driver; `reason` in its words. */
export async function driverState({
  jobId,
  name,
}: DetachedRun): Promise<{ state: DriverState; reason: string }> {
  const commands = new SlurmCommands({ timeoutMs: COMMAND_LIMIT_MS });
  const jobs = await commands.jobs();
  let job = jobs?.get(jobId) ?? (jobs === null ? null : await commands.show(jobId));
  if (job === null) return { state: 'unknown', reason: 'Slurm does not answer' };
  if (job === 'gone' || job.name !== name) return { state: 'ended', reason: 'Slurm forgot it' };
  job = { ...job };
  const phase = phaseOf(job);
  if (phase === 'pending') return { state: 'queued', reason: job.reason };
  const ended = phase === 'completed' || phase === 'failed';
  return { state: ended ? 'ended' : 'running', reason: job.state };
}

/** Whether this process is the driver of the folder's detached run. */
export function isOwnDriver(folder: string): boolean {
  const jobId = process.env['SLURM_JOB_ID'];
  return jobId !== undefined && readDetached(folder)?.jobId === jobId;
}

/** Removes what is known of a detached run; how it ended is in the run's own record. */
export function forgetDetached(folder: string): void {
  const run = readDetached(folder);
  rmSync(recordPath(folder), { force: true });
  if (run !== null) rmSync(run.log, { force: true });
}

/**
 * Ends a detached run, if there is one, and what drivers that are gone have left in the queue.
 * @returns whether Slurm has let go of all of it
 */
export async function cancelDetached(folder: string): Promise<boolean> {
  const commands = new SlurmCommands({ timeoutMs: COMMAND_LIMIT_MS });
  const watch = new JobWatch({ commands, pollMs: 1_000, heldMs: 0, blockedMs: 0 });
  const run = readDetached(folder);
  if (run !== null) {
    const left = await watch.cancelAndWait([{ id: run.jobId, name: run.name }], CANCEL_LIMIT_MS);
    if (left.length > 0) return false;
  }
  await endAbandonedArrays(parallelFolder(folder), watch, CANCEL_LIMIT_MS);
  return true;
}

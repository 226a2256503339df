/** A Slurm cluster of its own for a test: two virtual nodes on this machine, in a temporary folder. */

import { randomBytes, randomUUID } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { Daemon, ENGINE, Guard } from './daemon.ts';
import { type FoundProcess, killIfThere, processesWith, waitUntil } from './processes.ts';
import { cleanEnvironment, freePorts, missingPrograms, run, withRetries } from './programs.ts';
import { type NodeName, type SlurmOptions, slurmConfig } from './slurm-config.ts';

export interface SlurmNode {
  name: string;
  /** In small letters, with Slurm's marks: `idle`, `allocated`, `mixed`, `down*`, … */
  state: string;
}

/** A job that waits, runs or is just ending. */
export interface QueuedJob {
  /** The number; of an element of an array, `4_1`. */
  id: string;
  name: string;
  /** `PENDING`, `RUNNING`, `COMPLETING`, … */
  state: string;
  /** Why it waits; `None` if it doesn't. */
  reason: string;
  /** Empty while it waits. */
  node: string;
}

/** A job that has ended. */
export interface EndedJob {
  id: string;
  name: string;
  /** `COMPLETED`, `FAILED`, `CANCELLED`, `TIMEOUT`, `NODE_FAIL`, … */
  state: string;
  /** Exit code and signal, such as `1:0` or `0:9`. */
  exitCode: string;
  node: string;
}

export interface Slurm {
  /** To merge into the environment of whatever calls `sbatch` or `squeue`. */
  readonly env: Record<string, string>;
  readonly folder: string;
  /** The queue of both nodes. */
  readonly partition: 'test';
  /** Runs a command of Slurm's, and returns what it prints. */
  command(args: readonly string[], input?: string): Promise<string>;
  /** Submits a script with these options of sbatch; returns the job's number. */
  submit(script: string, options?: readonly string[]): Promise<string>;
  sinfo(): Promise<SlurmNode[]>;
  squeue(): Promise<QueuedJob[]>;
  /** Jobs that have ended, oldest first, for as long as the cluster exists; array by element. */
  jobs(): EndedJob[];
  /** Ends the daemon of a node; what it has started goes on. */
  killSlurmd(node: NodeName, signal: NodeJS.Signals): Promise<void>;
  /** Starts it, and waits until the controller takes the node for usable. */
  startSlurmd(node: NodeName): Promise<void>;
  killSlurmctld(signal: NodeJS.Signals): Promise<void>;
  /** Starts it with what was saved, and waits until it answers. */
  startSlurmctld(): Promise<void>;
  /** Ends jobs that a killed controller has brought back when those who had them were gone. */
  cancelAll(): Promise<void>;
  /**
   * Waits until the state of a job, as it is now, is on disk, where a killed controller's successor
   * finds it. Slurm saves up to 5 s late; to test what then gets lost, don't call this.
   */
  waitSaved(job: string): Promise<void>;
  /**
   * Waits until the queue is empty and both nodes are idle. A controller that was killed and forgot
   * a job gives its number to another one, and some seconds later drains the node where the first
   * still ran ("Duplicate jobid"): such nodes are resumed, as an administrator would.
   */
  waitIdle(timeoutMs?: number): Promise<void>;
  /** Ends all jobs and daemons at once, and removes the folder. */
  stop(): Promise<void>;
}

const PROGRAMS = ['munged', 'slurmctld', 'slurmd', 'sbatch', 'scancel', 'scontrol', 'sinfo'];
const UNUSABLE = /down|fail|unk|drain|not_resp|\*/;

/** Why tests with Slurm can't run here, or false. */
export function slurmMissing(): string | false {
  const missing = missingPrograms([...PROGRAMS, 'squeue']);
  if (missing.length > 0) {
    return `${missing.join(', ')} not found: apt-get install slurm-wlm munge`;
  }
  return process.getuid?.() === 0 ? false : 'a Slurm cluster of its own needs root';
}

/** Starts a cluster and waits until both nodes are idle. */
export function startSlurm(options: SlurmOptions = {}): Promise<Slurm> {
  return withRetries(5, () => start(options));
}

async function start(options: SlurmOptions): Promise<Slurm> {
  const folder = mkdtempSync(join(tmpdir(), 'tilewright-slurm-'));
  const guard = new Guard(folder);
  const config = join(folder, 'slurm.conf');
  const env = { SLURM_CONF: config };
  const { node1, node2 } = options.namespaces ?? {};
  const ports = await freePorts(3);
  const place = {
    folder,
    controllerAddress: (node1 ?? node2)?.hostAddress ?? '127.0.0.1',
    controllerPort: ports[0]!,
    nodes: [
      { name: 'node1', address: node1?.address ?? '127.0.0.1', port: ports[1]! },
      { name: 'node2', address: node2?.address ?? '127.0.0.1', port: ports[2]! },
    ],
  } as const;
  // Munge wants a folder that everybody can enter, and a key that only its owner can read.
  chmodSync(folder, 0o755);
  for (const name of ['state', 'spool', 'spool/node1', 'spool/node2'])
    mkdirSync(join(folder, name));
  writeFileSync(join(folder, 'munge.key'), randomBytes(128), { mode: 0o400 });
  writeFileSync(config, slurmConfig(options, place));

  const daemon = (name: string, command: readonly string[]): Daemon =>
    new Daemon(command, folder, join(folder, `${name}.out`), env);
  const munged = daemon('munged', [
    ...['munged', '--foreground', '--force', `--key-file=${folder}/munge.key`],
    ...[`--socket=${folder}/munge.sock`, `--pid-file=${folder}/munged.pid`],
    ...[`--log-file=${folder}/munged.log`, `--seed-file=${folder}/munged.seed`],
  ]);
  const slurmctld = daemon('slurmctld', ['slurmctld', '-D', '-i']);
  const slurmd = {
    node1: daemon('node1', [...(node1?.run ?? []), 'slurmd', '-D', '-N', 'node1']),
    node2: daemon('node2', [...(node2?.run ?? []), 'slurmd', '-D', '-N', 'node2']),
  };

  const command = (args: readonly string[], input = ''): Promise<string> =>
    run(args, { env: { ...cleanEnvironment(), ...env }, input, timeoutMs: 30_000 });
  const sinfo = async (): Promise<SlurmNode[]> =>
    lines(await command(['sinfo', '-h', '-N', '-o', '%N|%T'])).map((line) => {
      const [name = '', state = ''] = line.split('|');
      return { name, state };
    });
  const squeue = async (): Promise<QueuedJob[]> =>
    lines(await command(['squeue', '-h', '-r', '-o', '%i|%T|%r|%N|%j'])).map((line) => {
      const [id = '', state = '', reason = '', node = '', ...name] = line.split('|');
      return { id, name: name.join('|'), state, reason, node };
    });
  /** Whether the controller answers and the node, if one is named, can take jobs. */
  const usable = async (node?: NodeName): Promise<boolean> => {
    const nodes = await sinfo().catch(() => []);
    const wanted = nodes.filter(({ name }) => node === undefined || name === node);
    return wanted.length > 0 && !wanted.some(({ state }) => UNUSABLE.test(state));
  };
  const stop = async (): Promise<void> => {
    // First what starts jobs, then the jobs: nothing new comes up meanwhile.
    for (const each of [slurmctld, slurmd.node1, slurmd.node2]) {
      if (each.running) await each.kill('SIGKILL');
    }
    await waitUntil(
      () => {
        const left = clusterProcesses(folder, config);
        for (const { pid } of left) killIfThere(pid, 'SIGKILL');
        return left.length === 0;
      },
      20_000,
      'all jobs and daemons to end',
    );
    await guard.dismiss();
  };

  try {
    munged.start();
    await munged.ready(async () => existsSync(join(folder, 'munge.sock')));
    slurmctld.start();
    slurmd.node1.start();
    slurmd.node2.start();
    await slurmctld.ready(() => usable());
    for (const each of [slurmd.node1, slurmd.node2]) await each.ready(async () => true);
  } catch (error) {
    await stop();
    throw error;
  }

  return {
    env,
    folder,
    partition: 'test',
    command,
    async submit(script, more = []) {
      const text = script.startsWith('#!') ? script : `#!/bin/sh\n${script}\n`;
      const args = ['sbatch', '--parsable', '--chdir', folder, '--output', '/dev/null', ...more];
      return (await command(args, text)).trim();
    },
    sinfo,
    squeue,
    jobs: () => endedJobs(join(folder, 'jobs.log')),
    killSlurmd: (node, signal) => slurmd[node].kill(signal),
    async startSlurmd(node) {
      slurmd[node].start();
      await slurmd[node].ready(() => usable(node), 60_000);
    },
    killSlurmctld: (signal) => slurmctld.kill(signal),
    async startSlurmctld() {
      slurmctld.start();
      await slurmctld.ready(() => command(['sinfo', '-h']).then(Boolean, () => false), 60_000);
    },
    async waitSaved(job) {
      // The saved state is binary, but holds texts as they are.
      const comment = `saved ${randomUUID()}`;
      await command(['scontrol', 'update', `JobId=${job}`, `Comment=${comment}`]);
      const file = join(folder, 'state/job_state');
      const saved = (): boolean => existsSync(file) && readFileSync(file).includes(comment);
      await waitUntil(saved, 30_000, `the state of job ${job} to be saved`);
    },
    async cancelAll() {
      await command(['scancel', '--user=root']);
    },
    async waitIdle(timeoutMs = 60_000) {
      const idle = async (): Promise<boolean> => {
        // Each question is a process: not too many of them while others work.
        if ((await squeue()).length > 0) return setTimeout(200, false);
        const nodes = await sinfo();
        for (const { name } of nodes.filter(({ state }) => /drain/.test(state))) {
          await command(['scontrol', 'update', `NodeName=${name}`, 'State=RESUME']);
        }
        return nodes.every(({ state }) => state === 'idle') || setTimeout(200, false);
      };
      try {
        await waitUntil(idle, timeoutMs, 'the cluster to be idle');
      } catch (cause) {
        const state = JSON.stringify({ nodes: await sinfo(), jobs: await squeue() });
        throw new Error(`the cluster does not become idle: ${state}`, { cause });
      }
    },
    stop,
  };
}

function lines(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}

/** What is left of a cluster: daemons, the steps' daemons, and what its jobs have started. */
function clusterProcesses(folder: string, config: string): FoundProcess[] {
  const ofJob = processesWith(
    (variables) =>
      variables.includes(`${ENGINE}=${folder}`) ||
      (variables.includes(`SLURM_CONF=${config}`) &&
        // Whoever submits jobs has the configuration too, but no job's number.
        variables.some((variable) => variable.startsWith('SLURM_JOB_ID='))),
  );
  // The daemon of a step has thrown away all variables but this.
  const steps = processesWith((variables) => variables.includes(`SLURM_CONF=${config}`));
  return ofJob.concat(steps.filter(({ command }) => command.startsWith('slurmstepd:')));
}

/** Reads the file that the controller adds a line to for each job that ends. */
function endedJobs(file: string): EndedJob[] {
  if (!existsSync(file)) return [];
  return lines(readFileSync(file, 'utf8')).map((line) => {
    const field = (name: string): string =>
      new RegExp(`(?:^| )${name}=(.*?) (?:[A-Za-z]+=|$)`).exec(line)?.[1] ?? '';
    const array = field('ArrayJobId');
    return {
      id: array === '' ? field('JobId') : `${array}_${field('ArrayTaskId')}`,
      name: field('Name'),
      state: field('JobState'),
      exitCode: field('ExitCode'),
      node: field('NodeList'),
    };
  });
}

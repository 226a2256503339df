/** A Grid Engine of its own for a test: this machine as its only host, in a temporary folder. */

import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Daemon, Guard } from './daemon.ts';
import { waitUntil } from './processes.ts';
import { cleanEnvironment, freePorts, missingPrograms, run, withRetries } from './programs.ts';

export interface GridEngine {
  /** To merge into the environment of whatever calls `qsub` or `qstat`. */
  readonly env: Record<string, string>;
  /** Runs a command of Grid Engine's, and returns what it prints. */
  command(args: readonly string[]): Promise<string>;
  /** Ends all jobs and daemons, and removes the folder. */
  stop(): Promise<void>;
}

/** Where Debian has what is not for people to call. */
const PRIVATE = '/usr/lib/gridengine';
const SHARED = '/usr/share/gridengine';

/** Why tests with Grid Engine can't run here, or false. */
export function gridEngineMissing(): string | false {
  const missing = missingPrograms(['sge_qmaster', 'sge_execd', 'qsub', 'qstat', 'qconf']);
  if (missing.length > 0) {
    return (
      `${missing.join(', ')} not found: apt-get install gridengine-master gridengine-exec ` +
      'gridengine-client'
    );
  }
  return process.getuid?.() === 0 ? false : 'a Grid Engine of its own needs root';
}

/** Starts it, with a queue of four slots and the parallel environment `smp`. */
export function startGridEngine(): Promise<GridEngine> {
  return withRetries(3, start);
}

async function start(): Promise<GridEngine> {
  const root = mkdtempSync(join(tmpdir(), 'tilewright-grid-engine-'));
  const guard = new Guard(root);
  chmodSync(root, 0o755);
  const [master, execd] = (await freePorts(2)) as [number, number];
  const env = {
    ...{ SGE_ROOT: root, SGE_CELL: 'default', SGE_ND: '1' },
    ...{ SGE_QMASTER_PORT: String(master), SGE_EXECD_PORT: String(execd) },
  };
  const command = (args: readonly string[]): Promise<string> =>
    run(args, { env: { ...cleanEnvironment(), ...env } });

  const common = join(root, 'default', 'common');
  const spool = join(root, 'spool');
  for (const path of [common, join(spool, 'qmaster', 'job_scripts'), join(spool, 'execd')]) {
    mkdirSync(path, { recursive: true });
  }
  for (const name of ['bin', 'lib', 'util', 'utilbin']) {
    symlinkSync(`/var/lib/gridengine/${name}`, join(root, name));
  }
  const spooling = `${common};${spool}/qmaster`;
  writeFileSync(join(common, 'bootstrap'), bootstrap(spooling, spool));
  writeFileSync(join(common, 'act_qmaster'), 'localhost\n');
  writeFileSync(join(common, 'host_aliases'), `localhost ${hostname()}\n`);
  const defaults = readFileSync(join(SHARED, 'default-configuration'), 'utf8')
    .replace(/^execd_spool_dir.*$/m, `execd_spool_dir ${spool}/execd`)
    .replace(/^gid_range.*$/m, 'gid_range 20000-20100')
    .replace(/^min_(uid|gid).*$/gm, 'min_$1 0');
  writeFileSync(join(root, 'configuration'), defaults);
  await command([`${PRIVATE}/spoolinit`, 'classic', 'libspoolc', spooling, 'init']);
  for (const args of [
    ['configuration', join(root, 'configuration')],
    ['complexes', `${SHARED}/util/resources/centry`],
    ['usersets', `${SHARED}/util/resources/usersets`],
    ['managers', 'root'],
  ]) {
    await command([`${PRIVATE}/spooldefaults`, ...args]);
  }

  const daemons = ['sge_qmaster', 'sge_execd'].map(
    (name) => new Daemon([name], root, join(root, `${name}.out`), env),
  ) as [Daemon, Daemon];
  const stop = async (): Promise<void> => {
    for (const daemon of daemons.toReversed()) await daemon.kill('SIGKILL');
    await guard.dismiss();
  };
  const answers = (args: readonly string[], what: RegExp) => (): Promise<boolean> =>
    command(args).then(
      (out) => what.test(out),
      () => false,
    );
  try {
    daemons[0].start();
    await daemons[0].ready(answers(['qconf', '-sh'], /localhost/));
    await command(['qconf', '-as', 'localhost']);
    await configure(root, command);
    daemons[1].start();
    await daemons[1].ready(answers(['qhost'], /^localhost +lx/m), 30_000);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    env,
    command,
    async stop() {
      await command(['qdel', '-f', '-u', '*']).catch(() => '');
      const none = async (): Promise<boolean> =>
        (await command(['qstat', '-u', '*'])).trim() === '';
      await waitUntil(none, 20_000, 'all jobs to end');
      await stop();
    },
  };
}

function bootstrap(spooling: string, spool: string): string {
  const values = {
    ...{ admin_user: 'root', default_domain: 'none', ignore_fqdn: 'true' },
    ...{ spooling_method: 'classic', spooling_lib: 'libspoolc', spooling_params: spooling },
    ...{ binary_path: PRIVATE, qmaster_spool_dir: `${spool}/qmaster`, security_mode: 'none' },
    ...{ listener_threads: '2', worker_threads: '2', scheduler_threads: '1' },
  };
  const lines = Object.entries(values).map(([name, value]) => `${name} ${value}`);
  return `Version: 6.2\n${lines.join('\n')}\n`;
}

/** A queue, a parallel environment, and a scheduler that looks each second. */
async function configure(
  root: string,
  command: (args: readonly string[]) => Promise<string>,
): Promise<void> {
  const file = (name: string, text: string): string => {
    writeFileSync(join(root, name), text);
    return join(root, name);
  };
  const scheduler = (await command(['qconf', '-ssconf']))
    .replace(/^schedule_interval.*$/m, 'schedule_interval 0:0:1')
    .replace(/^flush_(submit|finish)_sec.*$/gm, 'flush_$1_sec 1');
  await command(['qconf', '-Msconf', file('scheduler', scheduler)]);
  await command(['qconf', '-Ap', file('smp', `${PARALLEL}\n`)]);
  await command(['qconf', '-Aq', file('queue', queue())]);
}

const PARALLEL = [
  'pe_name smp',
  'slots 4',
  'user_lists NONE',
  'xuser_lists NONE',
  'start_proc_args NONE',
  'stop_proc_args NONE',
  'allocation_rule $pe_slots',
  'control_slaves FALSE',
  'job_is_first_task TRUE',
  'urgency_slots min',
  'accounting_summary FALSE',
  'qsort_args NONE',
].join('\n');

function queue(): string {
  const limits = ['rt', 'cpu', 'fsize', 'data', 'stack', 'core', 'rss', 'vmem'];
  const values = {
    ...{ qname: 'all.q', hostlist: 'localhost', seq_no: '0', load_thresholds: 'NONE' },
    ...{ suspend_thresholds: 'NONE', nsuspend: '1', suspend_interval: '00:05:00', priority: '0' },
    ...{ min_cpu_interval: '00:05:00', processors: 'UNDEFINED', qtype: 'BATCH', ckpt_list: 'NONE' },
    ...{ pe_list: 'smp', rerun: 'FALSE', slots: '4', tmpdir: '/tmp', shell: '/bin/sh' },
    ...{ prolog: 'NONE', epilog: 'NONE', shell_start_mode: 'posix_compliant' },
    ...{ starter_method: 'NONE', suspend_method: 'NONE', resume_method: 'NONE' },
    ...{ terminate_method: 'NONE', notify: '00:00:60', owner_list: 'NONE', user_lists: 'NONE' },
    ...{ xuser_lists: 'NONE', subordinate_list: 'NONE', complex_values: 'NONE' },
    ...{ projects: 'NONE', xprojects: 'NONE', calendar: 'NONE', initial_state: 'default' },
  };
  const lines = Object.entries(values).map(([name, value]) => `${name} ${value}`);
  const unlimited = limits.flatMap((limit) => [`s_${limit} INFINITY`, `h_${limit} INFINITY`]);
  return `${[...lines, ...unlimited].join('\n')}\n`;
}

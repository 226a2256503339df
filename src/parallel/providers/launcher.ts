/** Launchers: what starts a worker process on each node of a block. Names are those of Parsl. */

import type { OptionRule } from '../options.ts';

/** Makes of the command that serves one node what starts it on all nodes of a block. */
export interface Launcher {
  /**
   * @param command - words for a shell, quoted where that is needed
   * @param nodes - nodes of the block
   * @param tasksPerNode - how often the command is to run on each
   * @returns lines for `bash`; their exit code is the block's
   */
  wrap(command: string, nodes: number, tasksPerNode: number): string;
}

/** A launcher, or the name of one: `simple`, `srun`, `mpiexec`. */
export type LauncherOption = 'simple' | 'srun' | 'mpiexec' | Launcher;

/** Runs the command as it is, where the block's script runs: for blocks of one node. */
export class SimpleLauncher implements Launcher {
  wrap(command: string): string {
    return `exec ${command}`;
  }
}

/** Runs the command behind another one, such as `nice` or `apptainer exec image.sif`. */
export class WrappedLauncher implements Launcher {
  readonly #prepend: string;

  constructor(prepend: string) {
    this.#prepend = prepend;
  }

  wrap(command: string): string {
    return `exec ${this.#prepend} ${command}`;
  }
}

/** Runs the command on all nodes of a Slurm job, as a step of it. */
export class SrunLauncher implements Launcher {
  readonly #overrides: string;

  /** @param options - `overrides`: more options of `srun`, which win over these */
  constructor(options: { overrides?: string } = {}) {
    this.#overrides = options.overrides ?? '';
  }

  wrap(command: string, nodes: number, tasksPerNode: number): string {
    const cores =
      tasksPerNode === 1 ? '$SLURM_CPUS_ON_NODE' : `$((SLURM_CPUS_ON_NODE / ${tasksPerNode}))`;
    // Workers of other nodes go on when those of one have ended, in whatever way.
    const options = [
      `--nodes=${nodes} --ntasks=${nodes * tasksPerNode} --ntasks-per-node=${tasksPerNode}`,
      `--cpus-per-task="\${SLURM_CPUS_PER_TASK:-${cores}}"`,
      `--export=ALL --input=none --kill-on-bad-exit=0 --wait=0 ${this.#overrides}`.trim(),
    ];
    return `exec srun ${options.join(' ')} ${command}`;
  }
}

/** Runs the command on all hosts that the batch system names, by `mpiexec` of any MPI. */
export class MpiExecLauncher implements Launcher {
  readonly #bind: string;
  readonly #overrides: string;

  /**
   * @param options - `bindCmd`: the option by which this `mpiexec` binds processes to cores, which
   *   they must not be, by default `--bind-to`; `overrides`: more options
   */
  constructor(options: { bindCmd?: string; overrides?: string } = {}) {
    this.#bind = options.bindCmd ?? '--bind-to';
    this.#overrides = options.overrides ?? '';
  }

  wrap(command: string, nodes: number, tasksPerNode: number): string {
    const options = `${this.#bind} none ${this.#overrides}`.trim();
    return [
      'hosts=$(mktemp) || exit 1',
      // PBS and LSF name a host once for each core, Grid Engine with more behind it.
      'if [ -n "$PBS_NODEFILE$LSB_DJOB_HOSTFILE" ]; then',
      `  sort -u "\${PBS_NODEFILE:-$LSB_DJOB_HOSTFILE}"`,
      'elif [ -n "$PE_HOSTFILE" ]; then',
      '  cut -d " " -f 1 "$PE_HOSTFILE" | sort -u',
      'elif [ -n "$SLURM_JOB_NODELIST" ]; then',
      '  scontrol show hostnames "$SLURM_JOB_NODELIST"',
      'else',
      '  echo localhost',
      'fi > "$hosts"',
      `mpiexec ${options} -n ${nodes * tasksPerNode} --hostfile "$hosts" ${command}`,
      'code=$?',
      'rm -f "$hosts"',
      'exit $code',
    ].join('\n');
  }
}

const NAMED = {
  simple: () => new SimpleLauncher(),
  srun: () => new SrunLauncher(),
  mpiexec: () => new MpiExecLauncher(),
} as const;

export const launcherRule: OptionRule = {
  says: '"simple", "srun", "mpiexec" or a launcher, with wrap',
  holds: (value) =>
    (typeof value === 'string' && Object.hasOwn(NAMED, value)) ||
    typeof (value as Partial<Launcher> | null)?.wrap === 'function',
};

export function launcherOf(option: LauncherOption): Launcher {
  return typeof option === 'string' ? NAMED[option]() : option;
}

/** Slurm's commands: called without a shell, with a time limit, never waited for by the thread. */

import { TilewrightError } from '../../core/errors.ts';
import { type Answer, runCommand } from '../providers/command.ts';
import { keptPath } from '../providers/login-shell.ts';
import { JOB_VARIABLES } from '../worker/job-end.ts';
import {
  type JobRef,
  parseJobs,
  parseShownJobs,
  type SlurmJob,
  SQUEUE_FORMAT,
} from './job-list.ts';

/** Identifiers in one call of `scancel`. */
const IDS_PER_CALL = 500;
const DEFAULT_MAX_ARRAY_SIZE = 1001;

/** What is said when the controller, or the way to it, is not there: later it may be. */
const NO_ANSWER = new RegExp(
  'Unable to contact|Socket timed out|Connection (refused|reset|timed out)|Zero Bytes|' +
    'Communication connection failure|temporarily unable|Transport endpoint|Protocol authentication|' +
    'Munge|Slurm (backup )?controller in standby|Send/Receive|Transmission',
  'i',
);
/** There are too many jobs already: fewer of them will be left after a while. */
const FULL = /MaxSubmit|submit limit|Job violates accounting\/QOS policy.*submit/i;

/** Variables that would change what the commands do or print. */
const FOREIGN =
  /^(SQUEUE_|SCANCEL_|SLURMD_|SBATCH_(ARRAY_INX|JOB_NAME|OUTPUT|ERROR|INPUT|WAIT|NO_REQUEUE|REQUEUE|OPEN_MODE|EXPORT|GET_USER_ENV|CLUSTERS|NO_KILL)$)/;
/** What says how Slurm is reached; all other SLURM_… describe the job that this process is in. */
const OWN = new Set(['SLURM_CONF', 'SLURM_CONF_SERVER', 'SLURM_JWT', 'SLURM_DEBUG_FLAGS']);

export class SlurmCommands {
  readonly #timeoutMs: number;

  constructor(options: { timeoutMs: number }) {
    this.#timeoutMs = options.timeoutMs;
  }

  /**
   * Submits a script.
   * @param given - options that the script sets: defaults from the environment don't overrule them
   * @returns the job's identifier; that of the whole array if it is one
   * @throws TilewrightError block-failed if it is refused; scheduler, retryable, if nobody answers:
   *   then it may have been submitted all the same
   */
  async submit(scriptPath: string, given: readonly string[] = []): Promise<string> {
    const answer = await this.#call('sbatch', ['--parsable', scriptPath], given);
    const id = /^(\d+)(;|\s*$)/m.exec(answer.out)?.[1];
    if (answer.code === 0 && id !== undefined) return id;
    const reason = reasonOf(answer);
    if (answer.code === null || NO_ANSWER.test(answer.err) || FULL.test(answer.err)) {
      throw noAnswer('sbatch', reason);
    }
    throw new TilewrightError('block-failed', `Slurm refuses the job: ${reason}`);
  }

  /** All jobs of this user, also those that have ended not long ago; null if nobody answers. */
  async jobs(): Promise<Map<string, SlurmJob> | null> {
    const args = ['--noheader', '--all', '--array', '--states=all', '--me', '-o', SQUEUE_FORMAT];
    const { code, out, err } = await this.#call('squeue', args);
    // It may end with 0 after an error, and then an empty list means nothing.
    if (code !== 0 || /error/i.test(err)) return null;
    return parseJobs(out);
  }

  /** A job that `squeue` does not tell of; `gone` if Slurm has forgotten it, null if it is silent. */
  async show(id: string): Promise<SlurmJob | 'gone' | null> {
    const { code, out, err } = await this.#call('scontrol', ['--oneliner', 'show', 'job', id]);
    if (code === 0) return parseShownJobs(out).get(id) ?? 'gone';
    // It says so on either stream.
    return /invalid job id|not found/i.test(out + err) ? 'gone' : null;
  }

  /**
   * Cancels jobs, whole arrays or elements, but none that has another name: after a crash of the
   * controller it may give identifiers again.
   * @returns whether Slurm has heard it; jobs that have ended are no error
   */
  async cancel(jobs: readonly JobRef[], options: { pendingOnly?: boolean } = {}): Promise<boolean> {
    const which = options.pendingOnly === true ? ['--state=PENDING'] : [];
    for (const [name, same] of Map.groupBy(jobs, (job) => job.name)) {
      const ids = same.map(({ id }) => id);
      for (let i = 0; i < ids.length; i += IDS_PER_CALL) {
        const some = ids.slice(i, i + IDS_PER_CALL);
        const { code, err } = await this.#call('scancel', [...which, `--name=${name}`, ...some]);
        if (code === null || (code !== 0 && NO_ANSWER.test(err))) return false;
      }
    }
    return true;
  }

  /** The highest index of an array, plus 1. */
  async maxArraySize(): Promise<number> {
    const { out } = await this.#call('scontrol', ['show', 'config']);
    return Number(/^MaxArraySize\s*=\s*(\d+)/m.exec(out)?.[1] ?? DEFAULT_MAX_ARRAY_SIZE);
  }

  #call(command: string, args: string[], given: readonly string[] = []): Promise<Answer> {
    const options = { timeoutMs: this.#timeoutMs, env: environment(given), system: 'Slurm' };
    return runCommand(command, args, options);
  }
}

/** This process's own environment, without what a job that it runs in would hand down. */
function environment(given: readonly string[]): NodeJS.ProcessEnv {
  const entries = Object.entries(process.env).filter(([name]) => {
    if (FOREIGN.test(name) || JOB_VARIABLES.has(name) || given.includes(name)) return false;
    return !name.startsWith('SLURM_') || OWN.has(name);
  });
  return { ...Object.fromEntries(entries), ...keptPath() };
}

function reasonOf({ code, err }: Answer): string {
  if (code === null) return 'it did not answer in time';
  const lines = err.split('\n').map((line) => line.replace(/^sbatch: (error: )?/, '').trim());
  return lines.filter((line) => line !== '').join('; ') || `exit code ${code}`;
}

function noAnswer(command: string, reason: string): TilewrightError {
  return new TilewrightError('scheduler', `Slurm's ${command} has no success now: ${reason}`, {
    retryable: true,
  });
}

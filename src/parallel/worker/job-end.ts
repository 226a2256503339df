/** What a batch system's job says to the worker in it, by variables of its environment. */

/** What a job's script sets: not to be handed down to jobs that are submitted in it. */
export const JOB_VARIABLES: ReadonlySet<string> = new Set([
  'TILEWRIGHT_CORES',
  'TILEWRIGHT_BLOCK_END',
]);

/** Cores of this node that the job has asked for; null if it has not said how many. */
export function jobCores(): number | null {
  const cores = Number(process.env['TILEWRIGHT_CORES']);
  return Number.isSafeInteger(cores) && cores > 0 ? cores : null;
}

/** When the job ends, in milliseconds since the epoch; null if there is none, or it is not known. */
export function jobEnd(): number | null {
  const seconds = process.env['SLURM_JOB_END_TIME'] ?? process.env['TILEWRIGHT_BLOCK_END'];
  return seconds !== undefined && /^\d+$/.test(seconds) ? Number(seconds) * 1000 : null;
}

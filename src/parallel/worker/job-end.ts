/** When the Slurm job that this process is in ends. */

/** Milliseconds since the epoch; null outside of a job, or of one of which it is not known. */
export function slurmJobEnd(): number | null {
  const seconds = process.env['SLURM_JOB_END_TIME'];
  return seconds !== undefined && /^\d+$/.test(seconds) ? Number(seconds) * 1000 : null;
}

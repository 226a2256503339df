/**
 * How a run is. `queued`: its driver waits in Slurm. `lost`: it ended without a word; the same
 * command goes on. `unknown`: Slurm does not answer.
 */
export type RunState =
  | 'queued'
  | 'running'
  | 'finished'
  | 'failed'
  | 'cancelled'
  | 'lost'
  | 'unknown';

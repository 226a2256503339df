/**
 * How a run is. `queued`: its driver waits in Slurm. `interrupted`: by whoever ran it. `lost`: it ended without a word; the same
 * command goes on. `unknown`: Slurm does not answer.
 */
export type RunState =
  | 'queued'
  | 'running'
  | 'finished'
  | 'failed'
  | 'interrupted'
  | 'cancelled'
  | 'lost'
  | 'unknown';

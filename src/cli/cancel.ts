/** `tilewright cancel`. */

import { resolve } from 'node:path';
import { TilewrightError } from '../core/errors.ts';
import { cancelDetached, readDetached } from '../staging/recording/detached.ts';
import { markCancelled } from '../staging/recording/run-record.ts';
import { runStatus } from '../staging/recording/run-status.ts';

export async function cancelCommand(given: string): Promise<number> {
  const folder = resolve(given);
  const { state, host, pid, jobId } = await runStatus(folder);
  if (readDetached(folder) === null && state === 'running') {
    throw new TilewrightError(
      'usage',
      `The run into ${given} is not detached: press Ctrl-C where it runs, which is process ${pid} ` +
        `on ${host}`,
    );
  }
  if (state === 'finished') {
    process.stdout.write('The run has ended already: there is nothing to cancel\n');
    return 0;
  }
  if (!(await cancelDetached(folder))) {
    throw new TilewrightError(
      'scheduler',
      'Slurm has not let go of the run yet. Call cancel again',
      { retryable: true },
    );
  }
  markCancelled(folder, jobId);
  process.stdout.write(
    `Cancelled: no job of the run is left. ${given} keeps the tiles and what was staged of the ` +
      'inputs; the same stage command goes on from there\n',
  );
  return 0;
}

/** `tilewright wait`. */

import { resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { type RunStatus, runStatus } from '../staging/run-status.ts';
import { ProgressLine } from './progress-line.ts';
import { statusText } from './status.ts';

/** Slurm is asked as often. */
const INTERVAL_MS = 3_000;
/** The last word of a run may be seen later than its end, on a disk that machines share. */
const LOST_LOOKS = 3;

/** @returns the run's exit code */
export async function waitCommand(folder: string): Promise<number> {
  const line = new ProgressLine(process.stderr);
  let lost = 0;
  for (;;) {
    const status = await runStatus(resolve(folder));
    const { state, phase, done, total } = status;
    lost = state === 'lost' ? lost + 1 : 0;
    if (['finished', 'failed', 'cancelled'].includes(state) || lost === LOST_LOOKS) {
      line.end();
      process.stdout.write(statusText(status));
      return codeOf(status);
    }
    if (state === 'running' && phase !== null)
      line.update({ type: 'progress', at: 0, phase, done, total });
    await setTimeout(INTERVAL_MS);
  }
}

function codeOf({ state, exitCode }: RunStatus): number {
  if (state === 'cancelled') return 130;
  return exitCode ?? 1;
}

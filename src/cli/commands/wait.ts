/** `tilewright wait`. */

import { resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { StatusEvents } from '../../insight/progress/status-events.ts';
import { type RunStatus, runStatus } from '../../staging/recording/run-status.ts';
import { progressOn } from '../progress/view.ts';
import { statusText } from './status.ts';

const ENDS: ReadonlySet<RunStatus['state']> = new Set([
  'finished',
  'failed',
  'interrupted',
  'cancelled',
]);
/** Slurm is asked as often. */
const INTERVAL_MS = 3_000;
/** The last word of a run may be seen later than its end, on a disk that machines share. */
const LOST_LOOKS = 3;

/** @returns the run's exit code */
export async function waitCommand(folder: string): Promise<number> {
  const view = await progressOn(process.stderr);
  const events = new StatusEvents();
  let lost = 0;
  for (;;) {
    const status = await runStatus(resolve(folder));
    const { state } = status;
    lost = state === 'lost' ? lost + 1 : 0;
    if (ENDS.has(state) || lost === LOST_LOOKS) {
      view.end();
      process.stdout.write(statusText(status));
      return codeOf(status);
    }
    if (state === 'running') for (const event of events.of(status)) view.update(event);
    await setTimeout(INTERVAL_MS);
  }
}

function codeOf({ state, exitCode }: RunStatus): number {
  if (state === 'cancelled') return 130;
  return exitCode ?? 1;
}

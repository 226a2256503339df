/** `tilewright stage --detach`: the same command, as a Slurm job. */

import { relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TilewrightError } from '../../core/errors.ts';
import { readDetached, submitDetached } from '../../staging/recording/detached.ts';
import { runStatus } from '../../staging/recording/run-status.ts';
import type { StageCommand } from '../arguments/arguments.ts';

// The source runs as it is; the published package is compiled.
const program = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? '../main.ts' : '../main.js', import.meta.url),
);

/**
 * @param args - arguments of `stage`
 * @throws TilewrightError usage if the executor is none of Slurm's, or a detached run is there
 */
export async function detach({ config, json }: StageCommand, args: string[]): Promise<number> {
  const { executor, dirStaged } = config.values;
  if (executor !== 'slurm' && executor !== 'slurm-array') {
    throw new TilewrightError(
      'usage',
      `--detach submits a Slurm job: give --executor slurm-array or slurm, not ${executor}`,
    );
  }
  const folder = resolve(dirStaged);
  const place = relative(process.cwd(), folder) || '.';
  if (readDetached(folder) !== null) {
    const { state, jobId } = await runStatus(folder);
    if (state === 'queued' || state === 'running' || state === 'unknown') {
      throw new TilewrightError(
        'usage',
        `A detached run into ${place} is there already, Slurm job ${jobId} (${state}): ` +
          `tilewright wait ${place}, or tilewright cancel ${place}`,
      );
    }
  }
  const run = await submitDetached(config.values, [process.execPath, program, 'stage', ...args]);
  if (json) process.stdout.write(`${JSON.stringify(run)}\n`);
  else {
    process.stdout.write(
      `Submitted as Slurm job ${run.jobId}. It goes on when you log out.\n` +
        `  tilewright status ${place}    how it goes\n` +
        `  tilewright wait ${place}      until it has ended\n` +
        `  tilewright cancel ${place}    end it; the same command goes on from there\n`,
    );
  }
  return 0;
}

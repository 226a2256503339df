/** What commands that run something share: progress, events as JSON, what others are told, and stopping. */

import { TilewrightError, toTilewrightError } from '../../core/errors.ts';
import { RunReporter } from '../../staging/recording/run-record.ts';
import type { StageOptions } from '../../staging/tile-stager.ts';
import { exitCode } from '../exit-code.ts';
import { JsonLines } from '../progress/json-lines.ts';
import { progressOn } from '../progress/view.ts';
import { STOP_SIGNALS } from '../stop-signals.ts';

export interface Followed {
  /** Of the call that runs it. */
  options: Required<Pick<StageOptions, 'onProgress' | 'signal' | 'drainSignal'>>;
  /** Inputs, and products of tiles, whose failure was printed when it happened. */
  told: ReadonlySet<string>;
  /** Prints the result as JSON, as the last line; null where that is not asked for. */
  printJson: ((result: object) => void) | null;
  /** Ends the progress on the screen, if there is one, before something else is printed. */
  endProgress(): void;
}

/** What a run exits with, and its last word. */
export interface RunEnd {
  code: number;
  words: string;
}

/**
 * @param folder - absolute path of the staged folder
 * @param work - runs it, and prints what came of it
 * @returns the exit code
 */
export async function followRun(
  {
    folder,
    quiet,
    json,
    stacks,
  }: {
    folder: string;
    quiet: boolean;
    json: boolean;
    stacks: boolean;
  },
  work: (followed: Followed) => Promise<RunEnd>,
): Promise<number> {
  const reporter = new RunReporter(folder);
  // Whoever waits for a detached run is told in any case how it ended.
  if (await isDriver(folder)) reporter.begin();
  const drain = new AbortController();
  const abort = new AbortController();
  let signals = 0;
  const onSignal = (): void => {
    signals++;
    if (signals === 1) {
      const notice = 'Stopping when the running tasks have ended; again: at once';
      if (view !== null) view.print(notice);
      else if (!quiet) process.stderr.write(`${notice}\n`);
      drain.abort();
    } else if (signals === 2) abort.abort();
    // Something hangs.
    else process.exit(130);
  };
  // To the end: a signal that comes when all is done is no reason to say that it was not.
  for (const signal of STOP_SIGNALS) process.on(signal, onSignal);
  const view = quiet || json ? null : await progressOn(process.stderr);
  const lines = json ? new JsonLines(process.stdout, stacks) : null;
  const told = new Set<string>();
  try {
    const { code, words } = await work({
      options: {
        signal: abort.signal,
        drainSignal: drain.signal,
        onProgress: (event) => {
          view?.update(event);
          if (!quiet) lines?.update(event);
          reporter.update(event);
          if (view !== null && event.type === 'input-failed') told.add(event.input);
          if (view !== null && event.type === 'product-failed') {
            told.add(`${event.product} ${event.tile}`);
          }
          if (view !== null && event.type === 'warning') view.print(`warning: ${event.message}`);
        },
      },
      told,
      printJson: lines && ((result) => lines.result(result)),
      endProgress: () => view?.end(),
    });
    reporter.end('finished', code, words);
    if (code === 0 && (await isDriver(folder))) {
      (await import('../../staging/recording/detached.ts')).forgetDetached(folder);
    }
    return code;
  } catch (caught) {
    view?.end();
    const error =
      signals > 0
        ? new TilewrightError('interrupted', 'Interrupted. The same command goes on from here')
        : toTilewrightError(caught);
    const state = error.code === 'interrupted' ? 'interrupted' : 'failed';
    reporter.end(state, exitCode(error), error.message);
    throw signals > 0 ? error : caught;
  } finally {
    lines?.end();
  }
}

/** Most runs are no jobs of Slurm, and start faster without what knows about these. */
async function isDriver(folder: string): Promise<boolean> {
  if (process.env['SLURM_JOB_ID'] === undefined) return false;
  return (await import('../../staging/recording/detached.ts')).isOwnDriver(folder);
}

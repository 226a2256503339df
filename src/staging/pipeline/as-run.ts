/** What every run has around its work: its own folder, the journal, a record, and who tells of it. */

import { TilewrightError, toTilewrightError } from '../../core/errors.ts';
import type { Executor } from '../../parallel/executor.ts';
import { Journal } from '../folder/journal/journal.ts';
import { beginRun, endRun, journalPath } from '../folder/staged-folder.ts';
import type { EndLine } from '../recording/record-lines.ts';
import { RunRecorder } from '../recording/run-recorder.ts';
import type { Phase } from '../telling/phases.ts';
import type { RunTeller } from '../telling/run-teller.ts';

export interface AsRunOptions {
  folder: string;
  executor: Executor;
  teller: RunTeller;
  /** Those that it has, as far as that is known before. */
  phases: Phase[];
  /** Path of the first input; null for none. */
  input: string | null;
  /** Whether a record is kept. */
  record: boolean;
}

type Made = Pick<EndLine, 'made' | 'judged'>;

/**
 * @param made - what the record says of the result
 * @returns the path of the record; null if there is none
 */
export async function asRun<T>(
  options: AsRunOptions,
  work: (journal: Journal, runId: string) => Promise<T>,
  made: (result: T) => Made,
): Promise<{ result: T; record: string | null }> {
  const { folder, executor, teller, phases } = options;
  const handle = beginRun(folder);
  const { runId } = handle;
  const recorder = options.record ? startRecorder(runId, options) : null;
  const { label, slots } = executor;
  teller.tell({ type: 'run-started', folder, runId, executor: label, slots, phases });
  let journal: Journal | undefined;
  try {
    journal = new Journal(journalPath(folder));
    const result = await work(journal, runId);
    teller.tell({ type: 'run-ended', state: 'finished', error: null });
    const record = recorder?.end({ state: 'finished', error: null, ...made(result) });
    return { result, record: record ?? null };
  } catch (caught) {
    const error = withAdvice(caught);
    const stopped = error.code === 'interrupted';
    const state = stopped ? 'interrupted' : 'failed';
    teller.tell({ type: 'run-ended', state, error: error.toJSON() });
    // In this case the message is of the executor that was shut down.
    recorder?.end({ state, error: stopped ? null : error.message, made: null });
    throw error;
  } finally {
    journal?.close();
    // A run that failed or was interrupted leaves what it has staged to the next one.
    endRun(folder, handle);
  }
}

function startRecorder(runId: string, options: AsRunOptions): RunRecorder {
  const { folder, executor, input, phases, teller } = options;
  const recorder = new RunRecorder({
    ...{ folder, runId, executor, input, phases },
    now: () => teller.now,
  });
  teller.listen((event) => recorder.note(event));
  return recorder;
}

function withAdvice(error: unknown): TilewrightError {
  const known = toTilewrightError(error);
  if (known.code !== 'disk-full') return known;
  const message = `${known.message}. Make room and run the same command again: it goes on from here`;
  const { input, feature, tile } = known;
  return new TilewrightError(known.code, message, { input, feature, tile, cause: error });
}

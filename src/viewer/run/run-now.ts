/** What is told of a run's progress, of what its events have come to. */

import type { PhaseProgress } from '../../insight/progress/phase-progress.ts';
import type { RunProgressState } from '../../insight/progress/progress-state.ts';
import { subjectText, type WorkerNames } from '../../insight/progress/words.ts';
import type { PhaseNow, RateNow, RunNow } from '../shared/run-messages.ts';

const MAX_WORKERS = 64;
const MAX_FAILURES = 20;
/** Names of files may be long; messages hold them. */
const MAX_TEXT = 2_000;

type Progress = Pick<
  RunNow,
  | 'share'
  | 'left'
  | 'rate'
  | 'phases'
  | 'toCome'
  | 'workers'
  | 'moreWorkers'
  | 'failed'
  | 'retries'
  | 'failures'
>;

export function nothingKnown(state: RunNow['state']): RunNow {
  return {
    ...{ state, reason: null, runId: null, executor: null, slots: null, host: null, pid: null },
    ...{ jobId: null, startedAt: null, toldAt: null, silent: 0, seconds: 0, share: 0, left: null },
    ...{ rate: null, phases: [], toCome: [], workers: [], moreWorkers: 0, workersThere: null },
    ...{ tasksWaiting: null, failed: 0, retries: 0, failures: [], warnings: [], made: null },
    ...{ tiles: null, lastLines: [], others: 0, problem: null },
  };
}

/** @param at - now, in seconds since the run's start */
export function progressOf(state: RunProgressState, names: WorkerNames, at: number): Progress {
  const named = state.running.map((task) => ({ task, name: names.nameOf(task.worker) }));
  named.sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
  return {
    share: state.share(at),
    left: state.timeLeft(at),
    rate: rateOf(state, at),
    phases: state.phases.map((phase) => phaseOf(phase, at)),
    toCome: state.toCome,
    workers: named.slice(0, MAX_WORKERS).map(({ task, name }) => ({
      name: short(name),
      subject: short(subjectText(task)),
      seconds: Math.max(0, at - task.since),
      attempt: task.attempt,
    })),
    moreWorkers: Math.max(0, named.length - MAX_WORKERS),
    failed: state.failedInputs + state.failedProducts,
    retries: state.retries,
    failures: state.failures
      .slice(-MAX_FAILURES)
      .reverse()
      .map(({ subject, error, retried }) => {
        return { subject: short(subject), message: short(error.message), retried };
      }),
  };
}

function phaseOf(phase: PhaseProgress, at: number): PhaseNow {
  const { done, total, share, tasks, tasksEnded } = phase;
  const ended = phase.endedAt !== null;
  return {
    ...{ phase: phase.phase, ended, seconds: phase.seconds(at) },
    ...{ done, total, share, tasks, tasksEnded },
  };
}

function rateOf(state: RunProgressState, at: number): RateNow | null {
  const rate = state.rate(at);
  const { current } = state;
  if (rate === null || current === null) return null;
  const isKnown = current.bytes > 0 && current.total > 0;
  const bytesPerSecond = isKnown ? (rate.perSecond / current.total) * current.bytes : null;
  return { ...rate, bytesPerSecond };
}

function short(text: string): string {
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text;
}

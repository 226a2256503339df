/**
 * Follows the runs into a folder by what they leave there: their locks, the record of the one that
 * goes on, and what the last one has told of itself. Nothing of it is waited for or changed.
 */

import { toTilewrightError } from '../../core/errors.ts';
import { RunProgressState } from '../../insight/progress/progress-state.ts';
import { StatusEvents } from '../../insight/progress/status-events.ts';
import { WorkerNames } from '../../insight/progress/words.ts';
import { liveRuns } from '../../staging/folder/staged-folder.ts';
import { type RecordedRun, readRecords } from '../../staging/recording/record-file.ts';
import type {
  EndLine,
  RecordLine,
  RunLine,
  SampleLine,
} from '../../staging/recording/record-lines.ts';
import { RecordTail } from '../../staging/recording/record-tail.ts';
import type { RunStatus } from '../../staging/recording/run-status.ts';
import type { RunNow } from '../shared/run-messages.ts';
import { nothingKnown, progressOf } from './run-now.ts';
import { RunTiles } from './run-tiles.ts';

/** More tasks at a time, or warnings, no run has. */
const MAX_RUNNING = 100_000;
const KEPT_WARNINGS = 5;

/** One run, as far as its record goes. */
class FollowedRun {
  readonly runId: string;
  readonly startedAt: string;
  readonly state = new RunProgressState();
  readonly names = new WorkerNames();
  readonly tiles: RunTiles;
  run: RunLine | null = null;
  sample: SampleLine | null = null;
  end: EndLine | null = null;
  warnings: string[] = [];
  problem: string | null = null;
  readonly #tail: RecordTail;
  /** The last change of the record, by the clock of `performance`. */
  #grewAt = 0;

  constructor(folder: string, record: RecordedRun) {
    this.runId = record.runId;
    this.startedAt = record.startedAt;
    this.#tail = new RecordTail(record.path);
    this.tiles = new RunTiles(folder, record.runId);
  }

  look(): void {
    if (this.problem !== null) return;
    const before = this.#tail.changedAt;
    try {
      this.#tail.look((line) => this.#note(line));
    } catch (error) {
      this.problem = toTilewrightError(error).message;
    }
    // Another machine's clock may be ahead; once the file has grown before our eyes, ours counts.
    const now = performance.now();
    if (before === 0) this.#grewAt = now - Math.max(0, Date.now() - this.#tail.changedAt);
    else if (before !== this.#tail.changedAt) this.#grewAt = now;
  }

  #note(line: RecordLine): void {
    switch (line.type) {
      case 'run':
        this.run = line;
        this.state.slots = line.slots;
        if (line.phases !== undefined) this.state.expect(line.phases);
        return;
      case 'sample':
        this.sample = line;
        return;
      case 'end': {
        this.end = line;
        this.state.apply({ at: line.at, type: 'run-ended', state: line.state, error: null });
        return;
      }
      case 'warning':
        this.warnings = [line.message, ...this.warnings].slice(0, KEPT_WARNINGS);
        break;
      case 'task-ended':
        if (line.phase === 'merge' && line.error === null) this.tiles.wrote(line.subject);
    }
    this.state.apply(line);
    if (this.state.runningCount > MAX_RUNNING) throw new Error('More tasks than any run has');
  }

  /** Seconds since the record has last grown. */
  get silent(): number {
    return (performance.now() - this.#grewAt) / 1000;
  }

  get toldAt(): string {
    return new Date(this.#tail.changedAt).toISOString();
  }
}

export class RunFollower {
  readonly #folder: string;
  #followed: FollowedRun | null = null;
  #watched: { startedAt: string | null; state: RunProgressState; events: StatusEvents } | null =
    null;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * @param status - of the last run that has told of itself; null if there is none
   * @returns null if nothing is known of any run
   */
  look(status: RunStatus | null): RunNow | null {
    const live = liveRuns(this.#folder);
    const record = this.#choose(live, status);
    if (record === null) return this.#ofStatus(live, status);
    if (this.#followed?.runId !== record.runId) {
      this.#followed = new FollowedRun(this.#folder, record);
    }
    const followed = this.#followed;
    followed.look();
    // A later run than the last one that has told of itself: one of the library.
    const own = status !== null && isBefore(status.updatedAt, record.startedAt) ? null : status;
    const state = stateOf(live.includes(record.runId), own, followed.end);
    const goesOn = state === 'running';
    const { state: progress, run, sample, end } = followed;
    const at = goesOn ? progress.at + Math.max(0, followed.silent) : progress.at;
    return {
      ...nothingKnown(state),
      ...progressOf(progress, followed.names, at),
      reason: own?.reason ?? end?.error ?? null,
      runId: followed.runId,
      executor: run?.executor ?? null,
      slots: run?.slots ?? null,
      host: own?.host ?? run?.machine?.host ?? null,
      pid: own?.pid ?? null,
      jobId: own?.jobId ?? null,
      startedAt: run?.startedAt ?? followed.startedAt,
      toldAt: followed.toldAt,
      silent: goesOn ? followed.silent : 0,
      seconds: at,
      workersThere: goesOn ? (sample?.workers ?? null) : null,
      tasksWaiting: goesOn ? (sample?.waiting ?? null) : null,
      warnings: followed.warnings,
      made: end?.made ?? null,
      tiles: goesOn ? followed.tiles.look() : null,
      lastLines: own?.lastLines ?? [],
      others: live.filter((runId) => runId !== record.runId).length,
      problem: followed.problem,
    };
  }

  /** Tiles or blocks of the run that is followed. */
  tiles(): Float64Array {
    return this.#followed?.tiles.blocks() ?? new Float64Array(0);
  }

  /** The record of what goes on, or of the last run, if that has one. */
  #choose(live: readonly string[], status: RunStatus | null): RecordedRun | null {
    const records = readRecords(this.#folder);
    const running = records.find(({ runId }) => live.includes(runId));
    if (running !== undefined) return running;
    const [last] = records;
    if (last === undefined || live.length > 0 || status?.state === 'queued') return null;
    // A run that had nothing to do leaves no record.
    return isBefore(last.startedAt, status?.startedAt ?? null) ? null : last;
  }

  /** Of a run without a record, or of one that has none yet. */
  #ofStatus(live: readonly string[], status: RunStatus | null): RunNow | null {
    if (status === null && live.length === 0) return null;
    // What goes on is another one than what has told of itself last.
    const own =
      status !== null && (live.length === 0 || status.state === 'running') ? status : null;
    if (own === null) return { ...nothingKnown('running'), others: live.length - 1 };
    if (this.#watched?.startedAt !== own.startedAt) {
      const { startedAt } = own;
      const [state, events] = [new RunProgressState(), new StatusEvents()];
      this.#watched = { startedAt, state, events };
    }
    const { state, events } = this.#watched;
    for (const event of events.of(own)) state.apply(event);
    const { reason, host, pid, jobId, startedAt, updatedAt, seconds, lastLines } = own;
    return {
      ...nothingKnown(own.state),
      ...progressOf(state, new WorkerNames(), seconds),
      ...{ reason, host, pid, jobId, startedAt, toldAt: updatedAt, seconds, lastLines },
      ...(own.state === 'finished' && { share: 1 }),
      others: Math.max(0, live.length - 1),
    };
  }
}

function isBefore(a: string | null, b: string | null): boolean {
  return a !== null && b !== null && Date.parse(a) < Date.parse(b);
}

/** Locks count before what was told, and what was told before a silence. */
function stateOf(isLive: boolean, own: RunStatus | null, end: EndLine | null): RunNow['state'] {
  if (isLive && end === null) return 'running';
  if (own !== null && own.state !== 'lost' && own.state !== 'finished') return own.state;
  return end?.state ?? own?.state ?? (isLive ? 'running' : 'lost');
}

/**
 * A run's events as lines of JSON. A reader that is slow does not hold up the run: lines wait in
 * memory, and those that only say how far it has come are left out meanwhile. One that is gone is no
 * reason to stop either.
 */

import type { Writable } from 'node:stream';
import type { RunEvent } from '../../staging/telling/events.ts';
import type { Phase } from '../../staging/telling/phases.ts';
import { unstacked } from '../told-error.ts';

/** Milliseconds between two `progress` lines of a phase. */
const PROGRESS_MS = 250;

type Progress = Extract<RunEvent, { type: 'progress' }>;

export class JsonLines {
  readonly #stream: Writable;
  readonly #stacks: boolean;
  readonly #pending = new Map<Phase, Progress>();
  readonly #writtenAt = new Map<Phase, number>();
  readonly #ticks: NodeJS.Timeout;
  #gone = false;
  #at = 0;

  /** @param stacks - whether errors have their stack traces */
  constructor(stream: Writable, stacks = false) {
    this.#stream = stream;
    this.#stacks = stacks;
    // Stays: the news that the reader is gone may come when all is written.
    stream.on('error', () => {
      this.#gone = true;
    });
    this.#ticks = setInterval(() => this.#flush(null), PROGRESS_MS).unref();
  }

  update(event: RunEvent): void {
    this.#at = Math.max(this.#at, event.at);
    if (event.type === 'progress') {
      this.#pending.set(event.phase, event);
      this.#flush(null);
      return;
    }
    // The last of a phase is told whatever happens.
    if (event.type === 'phase-ended') this.#flush(event.phase);
    else if (event.type === 'run-ended')
      for (const phase of this.#pending.keys()) this.#flush(phase);
    this.#write(event, true);
  }

  /** @param ending - the phase whose last word is due; null: those that it is time for */
  #flush(ending: Phase | null): void {
    const now = performance.now();
    for (const [phase, event] of this.#pending) {
      const due = now - (this.#writtenAt.get(phase) ?? Number.NEGATIVE_INFINITY) >= PROGRESS_MS;
      if (phase !== ending && (!due || this.#stream.writableNeedDrain)) continue;
      this.#pending.delete(phase);
      this.#writtenAt.set(phase, now);
      // It is as true at the time of what was written meanwhile, and times never go back.
      this.#write({ ...event, at: Math.max(event.at, this.#at) }, true);
    }
  }

  /** The last line. */
  result(report: object): void {
    this.#write({ type: 'result', ...report });
  }

  end(): void {
    clearInterval(this.#ticks);
  }

  #write(line: object, round = false): void {
    if (this.#gone || this.#stream.destroyed) return;
    const stacks = this.#stacks;
    const text = JSON.stringify(line, function (this: unknown, key: string, value: unknown) {
      const kept = stacks ? value : unstacked.call(this, key, value);
      return round ? rounded(kept) : kept;
    });
    this.#stream.write(`${text}\n`);
  }
}

/** Six digits behind the point: microseconds, where a number is seconds. */
function rounded(value: unknown): unknown {
  return typeof value === 'number' && !Number.isInteger(value) ? Number(value.toFixed(6)) : value;
}

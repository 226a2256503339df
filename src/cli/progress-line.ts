/** Progress of a run: a bar on a terminal, a line now and then elsewhere. */

import type { WriteStream } from 'node:tty';
import type { RunEvent } from '../staging/events.ts';

type RunProgress = Omit<Extract<RunEvent, { type: 'progress' }>, 'type' | 'at'>;

const BAR_INTERVAL_MS = 100;
const LINE_INTERVAL_MS = 10_000;
const LABELS = {
  plan: 'planning',
  stage: 'staging',
  merge: 'writing tiles',
  finalize: 'finishing',
  wait: 'waiting for another run',
};
const UNITS = { plan: 'inputs', stage: 'features', merge: 'rows', finalize: '', wait: '' };

export class ProgressLine {
  readonly #stream: WriteStream;
  readonly #interval: number;
  #phase: RunProgress['phase'] | undefined;
  #phaseStart = 0;
  #phaseFirst = 0;
  #lastShown = 0;

  constructor(stream: WriteStream) {
    this.#stream = stream;
    this.#interval = stream.isTTY ? BAR_INTERVAL_MS : LINE_INTERVAL_MS;
  }

  update(event: RunEvent): void {
    if (event.type === 'phase-started') this.#update({ ...event, done: 0 });
    else if (event.type === 'progress') this.#update(event);
  }

  #update(progress: RunProgress): void {
    const now = performance.now();
    if (progress.phase !== this.#phase) {
      this.#phase = progress.phase;
      this.#phaseStart = now;
      this.#phaseFirst = progress.done;
      // A pipe gets its first line only when a phase takes longer; a wait is told at once.
      const atOnce = this.#stream.isTTY || progress.phase === 'wait';
      this.#lastShown = atOnce ? Number.NEGATIVE_INFINITY : now;
    }
    if (now - this.#lastShown < this.#interval) return;
    this.#lastShown = now;
    const text = this.#text(progress, (now - this.#phaseStart) / 1000);
    if (!this.#stream.isTTY) {
      this.#stream.write(`${text}\n`);
      return;
    }
    const width = Math.max(20, (this.#stream.columns ?? 80) - 1);
    this.#stream.write(`\r\x1b[2K${text.slice(0, width)}`);
  }

  #text({ phase, done, total }: RunProgress, seconds: number): string {
    if (total === 0) return LABELS[phase];
    // Counts in files may be off: never show more than all.
    const share = total > 0 ? Math.min(1, done / total) : 1;
    const rate = seconds > 0.5 ? (done - this.#phaseFirst) / seconds : 0;
    const parts = [
      LABELS[phase].padEnd(13),
      this.#stream.isTTY ? bar(share) : '',
      `${Math.floor(share * 100)} %`.padStart(5),
      `${done.toLocaleString('en')} of ${total.toLocaleString('en')} ${UNITS[phase]}`,
    ];
    if (rate > 0) {
      parts.push(`${Math.round(rate).toLocaleString('en')} a second`);
      if (done < total) parts.push(`${duration((total - done) / rate)} left`);
    }
    return parts.filter((part) => part !== '').join('  ');
  }

  /** Clears the bar, so that what is printed next stands alone. */
  end(): void {
    if (this.#stream.isTTY && this.#phase !== undefined) this.#stream.write('\r\x1b[2K');
  }
}

function bar(share: number): string {
  const filled = Math.round(share * 20);
  return `${'█'.repeat(filled)}${'░'.repeat(20 - filled)}`;
}

function duration(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `${minutes} min` : `${(minutes / 60).toFixed(1)} h`;
}

/** A run as lines, for logs and pipes: few, whole, and without control characters. */

import { printable } from '../../core/printable.ts';
import { unitOf } from '../../insight/progress/phase-progress.ts';
import { RunProgressState } from '../../insight/progress/progress-state.ts';
import { clock, count, leftText, WorkerNames } from '../../insight/progress/words.ts';
import type { RunEvent } from '../../staging/telling/events.ts';
import { type Phase, phaseOf } from '../../staging/telling/phases.ts';
import { FailureTexts } from './failure-text.ts';

const TICK_MS = 1_000;
/** Seconds between two lines: ten, in a long run a thirtieth of its time so far, then five minutes. */
const SHORTEST = 10;
const LONGEST = 300;

export class PlainProgress {
  readonly #stream: { write(text: string): unknown };
  readonly #state = new RunProgressState();
  readonly #names = new WorkerNames();
  readonly #failures = new FailureTexts(this.#names);
  readonly #ticks: NodeJS.Timeout;
  #start: number | null = null;
  /** Seconds since the run's start at which a phase was told of last. */
  #toldAt = 0;

  constructor(stream: { write(text: string): unknown }) {
    this.#stream = stream;
    this.#ticks = setInterval(() => this.#tick(), TICK_MS).unref();
  }

  update(event: RunEvent): void {
    this.#start = performance.now() - event.at * 1000;
    this.#state.apply(event);
    for (const { text } of this.#failures.update(event)) this.print(text);
    if (event.type === 'phase-started') {
      this.#toldAt = event.at;
      if (isLong(event.phase)) this.#line(startText(event));
    } else if (event.type === 'phase-ended') this.#phaseEnded(event.phase);
    else if (event.type === 'progress') this.#tick();
  }

  #phaseEnded(name: Phase): void {
    const phase = this.#state.phase(name);
    if (phase === null) return;
    const { at } = this.#state;
    const seconds = phase.seconds(at);
    if (!isLong(name) && seconds < SHORTEST) return;
    const rate = phase.rate(at);
    const { words } = phaseOf(name);
    const { unit } = phase;
    const counts = unit === '' || phase.done === 0 ? '' : `, ${count(phase.done)} ${unit}`;
    const speed = counts === '' || rate === null ? '' : `, ${count(Math.round(rate))} a second`;
    this.#line(`${words}: done in ${clock(seconds)}${counts}${speed}`);
  }

  #tick(): void {
    const { current } = this.#state;
    if (current === null || this.#start === null) return;
    const at = Math.max(this.#state.at, (performance.now() - this.#start) / 1000);
    if (at - this.#toldAt < Math.min(LONGEST, Math.max(SHORTEST, at / 30))) return;
    this.#toldAt = at;
    const { done, total, unit } = current;
    const { words } = phaseOf(current.phase);
    const parts: string[] = [];
    if (total > 0) {
      parts.push(`${Math.floor(current.share * 100)} %`);
      parts.push(`${count(done)} of ${count(total)} ${unit}`.trimEnd());
    }
    const rate = this.#state.rate(at);
    if (rate !== null) parts.push(`${count(Math.round(rate.perSecond))} a second`);
    const left = this.#state.timeLeft(at);
    if (left !== null) parts.push(leftText(left));
    if (parts.length === 0) parts.push(`for ${clock(current.seconds(at))}`);
    this.#line(`${words}: ${parts.join(', ')}`);
  }

  print(text: string): void {
    for (const line of text.replace(/\r?\n$/, '').split(/\r?\n/)) this.#line(line);
  }

  #line(text: string): void {
    this.#stream.write(`${printable(text)}\n`);
  }

  end(): void {
    for (const { text } of this.#failures.end()) this.print(text);
    clearInterval(this.#ticks);
  }
}

/** It is told of when it begins; what the coordinator does alone is over at once, mostly. */
function isLong(phase: Phase): boolean {
  return phaseOf(phase).work !== 'coordinator';
}

function startText(event: Extract<RunEvent, { type: 'phase-started' }>): string {
  const { phase, total, tasks } = event;
  const parts: string[] = [];
  const { words } = phaseOf(phase);
  const unit = unitOf(event);
  if (total > 0 && unit !== '') parts.push(`${count(total)} ${unit}`);
  if (tasks > 0) parts.push(`${count(tasks)} ${tasks === 1 ? 'task' : 'tasks'}`);
  return parts.length === 0 ? words : `${words}: ${parts.join(', ')}`;
}

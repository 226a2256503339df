/** A line above the map that tells of the run, whatever tab is shown. */

import type { RunNow } from '../../shared/run-messages.ts';
import { byId } from '../dom.ts';
import { facts, goesOn, headline, isTrouble } from './run-words.ts';

export class RunStrip {
  readonly #strip = byId('run-strip');
  /** The run that was closed, or had ended well before anyone looked. */
  #closed: string | null = null;
  #told = '';
  #isFirst = true;

  constructor(open: (tab: 'run' | 'report') => void) {
    byId('run-strip-open').addEventListener('click', () => open('run'));
    byId('run-strip-report').addEventListener('click', () => open('report'));
    byId('run-strip-close').addEventListener('click', () => {
      this.#closed = this.#strip.dataset['run'] ?? '';
      this.#strip.hidden = true;
    });
  }

  show(run: RunNow | null, hasReport: boolean): void {
    const key = `${run?.state} ${run?.startedAt}`;
    // Who comes when all is done and well has not waited for it.
    const isOld = this.#isFirst && run !== null && ['finished', 'cancelled'].includes(run.state);
    if (isOld) this.#closed = key;
    this.#isFirst = false;
    this.#strip.hidden = run === null || this.#closed === key;
    if (run === null) return;
    this.#strip.dataset['run'] = key;
    this.#strip.classList.toggle('alarm', isTrouble(run));
    const isRunning = run.state === 'running';
    const bar = byId<HTMLProgressElement>('run-strip-share');
    bar.hidden = !isRunning;
    bar.value = run.share;
    const text = headline(run);
    byId('run-strip-text').textContent = text;
    const percent = `${Math.floor(run.share * 100)} %`;
    byId('run-strip-facts').textContent = isRunning ? [percent, ...facts(run)].join(' · ') : '';
    byId('run-strip-report').hidden = goesOn(run) || !hasReport;
    byId('run-strip-close').hidden = goesOn(run);
    // Each new state and phase is said once.
    if (text !== this.#told && !this.#strip.hidden) byId('news').textContent = text;
    this.#told = text;
  }
}

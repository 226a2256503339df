/** Everything on the page that tells of a run, but for the map. */

import type { RunNow } from '../../shared/run-messages.ts';
import { byId } from '../dom.ts';
import { RunPanel } from './run-panel.ts';
import { RunStrip } from './run-strip.ts';
import { RunWatch } from './run-watch.ts';
import { goesOn } from './run-words.ts';

export class RunView {
  readonly watch: RunWatch;
  /** Called when a run has come to its end while it was watched. */
  onEnd: () => void = () => undefined;
  /** Called with each answer. */
  onRun: (run: RunNow | null) => void = () => undefined;
  readonly #panel = new RunPanel();
  readonly #strip: RunStrip;
  #hasReport = false;

  constructor(open: (tab: 'run' | 'report') => void, onError: (error: unknown) => void) {
    this.#strip = new RunStrip(open);
    byId('run-report').addEventListener('click', () => open('report'));
    this.watch = new RunWatch(onError);
    this.watch.onRun = (run, before) => {
      this.#show();
      this.onRun(run);
      if (goesOn(before) && !goesOn(run)) this.onEnd();
    };
  }

  set hasReport(has: boolean) {
    if (has === this.#hasReport) return;
    this.#hasReport = has;
    if (this.watch.run !== null) this.#show();
  }

  #show(): void {
    const { run } = this.watch;
    this.#panel.show(run);
    this.#strip.show(run, this.#hasReport);
    byId('run-report').hidden = run === null || goesOn(run) || !this.#hasReport;
  }
}

/** The tab of the run: its phases, workers and failures, and in the end what it has made. */

import { phaseOf } from '../../../staging/telling/phases.ts';
import type { PhaseNow, RunNow } from '../../shared/run-messages.ts';
import { breakable, byId, make } from '../dom.ts';
import { count, counted } from '../format.ts';
import { facts, headline, isTrouble, phaseFacts, place, workforce } from './run-words.ts';

const MARKS = { ended: '✓', running: '▸', stopped: '×', toCome: '·' } as const;

/** Only what has changed is replaced: nothing jumps under the pointer, or is read out twice. */
export class RunPanel {
  readonly #progress = byId<HTMLProgressElement>('run-share');
  #shown = new Map<string, string>();

  show(run: RunNow | null): void {
    byId('run-none').hidden = run !== null;
    byId('run-body').hidden = run === null;
    if (run === null) return;
    const { state } = run;
    this.#text('run-headline', headline(run));
    byId('run-headline').classList.toggle('alarm', isTrouble(run));
    this.#progress.hidden = state !== 'running';
    this.#progress.value = run.share;
    const percent = `${Math.floor(run.share * 100)} %`;
    const words = state === 'running' ? [percent, ...facts(run)] : [];
    this.#text('run-facts', words.join(' · '));
    this.#text('run-place', place(run));
    this.#replace('run-phases', phaseItems(run));
    this.#text('run-workforce', workforce(run));
    byId('run-workers-part').hidden = state !== 'running' || run.phases.length === 0;
    this.#replace('run-workers', workerRows(run));
    this.#tiles(run);
    this.#replace('run-made', madeItems(run));
    byId('run-failures-part').hidden = run.failures.length + run.warnings.length === 0;
    this.#replace('run-failures', failureItems(run));
    byId('run-log').hidden = run.lastLines.length === 0;
    this.#text('run-log', run.lastLines.join('\n'));
  }

  #tiles({ tiles, state }: RunNow): void {
    byId('run-tiles').hidden = state !== 'running' || tiles === null || tiles.count === 0;
    if (tiles === null) return;
    this.#text(
      'run-tiles-count',
      `${count(tiles.written)} of ${counted(tiles.count, 'tile')} so far`,
    );
  }

  #text(id: string, text: string): void {
    const element = byId(id);
    if (element.textContent !== text) element.textContent = text;
  }

  #replace(id: string, children: HTMLElement[]): void {
    const markup = children.map(({ outerHTML }) => outerHTML).join('');
    if (this.#shown.get(id) === markup) return;
    this.#shown.set(id, markup);
    byId(id).replaceChildren(...children);
  }
}

function phaseItems({ phases, toCome, state }: RunNow): HTMLElement[] {
  const isRunning = state === 'running';
  const started = phases.map((phase) => phaseItem(phase, isRunning));
  if (!isRunning) return started;
  const others = toCome.map((name) =>
    make('li', { class: 'to-come' }, mark(MARKS.toCome), phaseOf(name).words),
  );
  return [...started, ...others];
}

function phaseItem(phase: PhaseNow, isRunning: boolean): HTMLElement {
  const { words: name, work } = phaseOf(phase.phase);
  const item = make(
    'li',
    {},
    mark(phase.ended ? MARKS.ended : isRunning ? MARKS.running : MARKS.stopped),
    make('span', { class: 'phase' }, name),
    make('span', { class: 'note' }, phaseFacts(phase)),
  );
  if (phase.ended || !isRunning || work === 'others') return item;
  const value = phase.total > 0 || phase.tasks > 0 ? { value: phase.share } : {};
  item.append(make('progress', { max: 1, ...value, 'aria-label': name }));
  return item;
}

function mark(text: string): HTMLElement {
  return make('span', { class: 'mark', 'aria-hidden': 'true' }, text);
}

function workerRows({ workers, moreWorkers }: RunNow): HTMLElement[] {
  const rows = workers.map(({ name, subject, seconds, attempt }) =>
    make(
      'tr',
      {},
      make('th', { scope: 'row' }, name),
      make(
        'td',
        { class: 'name' },
        breakable(subject),
        attempt > 1 ? make('span', { class: 'note' }, ` attempt ${attempt}`) : '',
      ),
      make('td', { class: 'number' }, `${Math.floor(seconds)} s`),
    ),
  );
  if (moreWorkers === 0) return rows;
  const more = `and ${count(moreWorkers)} more`;
  return [...rows, make('tr', {}, make('td', { colspan: 3, class: 'note' }, more))];
}

function madeItems({ made, state }: RunNow): HTMLElement[] {
  if (made === null || state !== 'finished') return [];
  const { inputs, tiles, featuresRead, featuresStaged } = made;
  const entries: [string, string][] = [
    [
      'Inputs',
      `${count(inputs.staged)} staged, ${count(inputs.unchanged)} unchanged, ${count(inputs.failed)} failed`,
    ],
    ['Features', `${count(featuresStaged)} staged of ${count(featuresRead)} read`],
    [
      'Tiles',
      `${count(tiles.new)} new, ${count(tiles.changed)} changed, ${count(tiles.unchanged)} unchanged, ` +
        `${count(tiles.removed)} removed; ${count(tiles.total)} in all`,
    ],
  ];
  return entries.flatMap(([name, value]) => [make('dt', {}, name), make('dd', {}, value)]);
}

function failureItems({ failures, warnings }: RunNow): HTMLElement[] {
  const item = (head: string, subject: string, text: string): HTMLElement =>
    make(
      'li',
      {},
      make('strong', {}, head),
      ...(subject === '' ? [] : [' ', make('span', { class: 'name' }, breakable(subject))]),
      make('p', { class: 'note name' }, text),
    );
  return [
    ...failures.map(({ subject, message, retried }) =>
      item(retried ? 'Tried again:' : 'Failed:', subject, message),
    ),
    ...warnings.map((warning) => item('Warning:', '', warning)),
  ];
}

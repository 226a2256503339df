/** The part of the time that all charts show. */

import { X_UNITS } from '../charts/page-data.ts';
import { timeTicks } from '../charts/time-ticks.ts';
import { timelinePaths } from '../charts/timeline-paths.ts';
import { charts, rows, seconds, timeline } from './page.ts';

/** What can be shown at the least, as a part of all. */
const LEAST = 1 / 5000;

/** In seconds. */
export const view = { from: 0, to: seconds };

export function zoomByButtons(): void {
  const ways: Readonly<Record<string, (span: number) => [from: number, to: number]>> = {
    in: (span) => [view.from + span / 4, view.to - span / 4],
    out: (span) => [view.from - span / 2, view.to + span / 2],
    left: (span) => [view.from - span / 3, view.to - span / 3],
    right: (span) => [view.from + span / 3, view.to + span / 3],
    all: () => [0, seconds],
  };
  for (const button of document.querySelectorAll<HTMLElement>('[data-zoom]')) {
    const way = ways[button.dataset['zoom']!]!;
    button.addEventListener('click', () => zoom(...way(view.to - view.from)));
  }
}

/** Shows this part of the time, or as much of it as there is. */
export function zoom(from: number, to: number): void {
  const span = Math.min(seconds, Math.max(seconds * LEAST, to - from));
  view.from = Math.max(0, Math.min(seconds - span, (from + to) / 2 - span / 2));
  view.to = view.from + span;
  for (const chart of charts) drawFrame(chart);
  drawBars();
}

function drawFrame(chart: HTMLElement): void {
  const share = seconds / (view.to - view.from);
  const start = view.from / seconds;
  const plot = chart.querySelector('.plot')!;
  const box = [start * X_UNITS, 0, X_UNITS / share, plot.getAttribute('height')];
  plot.setAttribute('viewBox', box.join(' '));
  const ticks = chart.querySelector('.ticks')!;
  const y = ticks.firstElementChild?.getAttribute('y') ?? '0';
  const texts = timeTicks(view.from, view.to).map(({ at, text }) => {
    const tick = document.createElementNS('http://www.w3.org/2000/svg', 'text');
    tick.setAttribute('class', 'tick');
    tick.setAttribute('x', `${((at - view.from) / (view.to - view.from)) * 100}%`);
    tick.setAttribute('y', y);
    tick.textContent = text;
    return tick;
  });
  ticks.replaceChildren(...texts);
  for (const name of chart.querySelectorAll<SVGElement>('.phase-name')) {
    const from = (Number(name.dataset['from']) / 100 - start) * share;
    const left = Math.max(0, from);
    const room = Math.min(1, from + (Number(name.dataset['share']) / 100) * share) - left;
    name.setAttribute('x', `${left * 100}%`);
    name.classList.toggle('tight', room < 0.14);
    name.setAttribute(
      'visibility',
      room < Number(name.dataset['least']) / 100 ? 'hidden' : 'visible',
    );
  }
}

function drawBars(): void {
  if (timeline === null) return;
  const { steps, ribbon, pitch, bar, least, detail } = timeline;
  const [from, to] = [(view.from / seconds) * steps, (view.to / seconds) * steps];
  const paths = timelinePaths(rows, { from, to, width: X_UNITS, pitch, bar, least, detail });
  const bars = document.querySelector('[data-chart=timeline] .bars')!;
  const [x, scale] = [(from / steps) * X_UNITS, (to - from) / steps];
  bars.setAttribute('transform', `translate(${x} ${ribbon}) scale(${scale} 1)`);
  for (const [name, path] of Object.entries(paths)) {
    bars.querySelector(`.bar-${name}`)!.setAttribute('d', path);
  }
}

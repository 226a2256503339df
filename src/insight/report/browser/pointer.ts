/** What the pointer is on, told beside it; a part of the time that it is drawn across is shown. */

import { secondsText } from '../../units.ts';
import { charts, seconds } from './page.ts';
import { seriesText, taskText } from './tips.ts';
import { view, zoom } from './zoom.ts';

/** Pixels that a pointer is drawn across at the least: less is a click. */
const LEAST_DRAG = 5;
const tip = document.getElementById('tip')!;

interface Place {
  /** Pixels from the chart's left, and from its picture's top. */
  x: number;
  y: number;
  /** Seconds. */
  at: number;
}

interface Drag {
  chart: HTMLElement;
  range: HTMLElement;
  start: Place;
}

let drag: Drag | null = null;

export function watchPointer(): void {
  const cursors = charts.map((chart) => addMark(chart, 'cursor'));
  for (const chart of charts) {
    const range = addMark(chart, 'range');
    chart.addEventListener('pointermove', (event) => {
      const here = placeOf(event, chart);
      for (const cursor of cursors) {
        cursor.style.display = 'block';
        cursor.style.left = `${here.x}px`;
      }
      if (drag?.chart === chart) showRange(drag, here);
      tell(event, textAt(chart, here));
    });
    chart.addEventListener('pointerleave', () => {
      tip.hidden = true;
      for (const cursor of cursors) cursor.style.display = 'none';
    });
    chart.addEventListener('pointerdown', (event) => {
      if (event.pointerType !== 'mouse' || event.button !== 0) return;
      drag = { chart, range, start: placeOf(event, chart) };
      event.preventDefault();
    });
    chart.addEventListener('dblclick', () => zoom(0, seconds));
  }
  addEventListener('pointerup', endDrag);
}

function addMark(chart: HTMLElement, className: string): HTMLElement {
  const mark = document.createElement('div');
  mark.className = className;
  return chart.appendChild(mark);
}

function placeOf(event: MouseEvent, chart: HTMLElement): Place {
  const box = chart.querySelector('svg')!.getBoundingClientRect();
  const share = Math.max(0, Math.min(1, (event.clientX - box.left) / box.width));
  return {
    x: box.left - chart.getBoundingClientRect().left + share * box.width,
    y: event.clientY - box.top,
    at: view.from + share * (view.to - view.from),
  };
}

function showRange({ range, start }: Drag, here: Place): void {
  range.style.display = 'block';
  range.style.left = `${Math.min(start.x, here.x)}px`;
  range.style.width = `${Math.abs(start.x - here.x)}px`;
}

function endDrag(event: MouseEvent): void {
  if (drag === null) return;
  const { chart, range, start } = drag;
  const here = placeOf(event, chart);
  range.style.display = 'none';
  drag = null;
  if (Math.abs(here.x - start.x) <= LEAST_DRAG) return;
  zoom(Math.min(here.at, start.at), Math.max(here.at, start.at));
}

function textAt(chart: HTMLElement, { at, y }: Place): string {
  const id = chart.dataset['chart']!;
  const text = id === 'timeline' ? taskText(at, y) : seriesText(id, at);
  return `${text}${text === '' ? '' : '\n'}at ${secondsText(at)}`;
}

/** Beside the pointer, where there is room. */
function tell({ clientX, clientY }: MouseEvent, text: string): void {
  tip.hidden = false;
  tip.textContent = text;
  const { width, height } = tip.getBoundingClientRect();
  tip.style.left = `${Math.max(4, Math.min(clientX + 14, innerWidth - width - 8))}px`;
  const below = clientY + height + 24 <= innerHeight;
  tip.style.top = `${below ? clientY + 16 : clientY - height - 12}px`;
}

/** Tables of the page that list inputs, tasks and workers. */

import { markupText } from '../../../core/printable.ts';
import { phaseOf } from '../../../staging/telling/phases.ts';
import type { RunAnalysis } from '../../analysis.ts';
import {
  bytesText,
  countText,
  momentText,
  percentText,
  rateText,
  secondsText,
  valueText,
} from '../../units.ts';
import { meanAndMost } from '../charts/lines.ts';
import type { SampleChart } from '../series.ts';
import { type Cell, htmlTable } from './markup.ts';
import { moreNote } from './sections.ts';

const STRAGGLERS = 50;
const FAILURES = 200;
const WORKERS = 1000;
const KEPT_WHOLE = 24;

const time = (seconds: number): Cell => ({ text: secondsText(seconds), sort: seconds });
const moment = (seconds: number): Cell => ({ text: momentText(seconds), sort: seconds });
const bytes = (size: number): Cell => ({ text: bytesText(size), sort: size });
const count = (number: number): Cell => ({ text: countText(number), sort: number });

/** Short names stay in one line. */
function workerCell(worker: string): Cell {
  if (worker.length > KEPT_WHOLE) return { text: worker };
  return { text: worker, markup: `<span class="keep">${markupText(worker)}</span>` };
}

export function slowestTable({ slowest }: RunAnalysis): string {
  if (slowest.length === 0) return '';
  return htmlTable(
    'Inputs that took longest',
    [
      { title: 'input', breaks: true },
      { title: 'took', align: 'right' },
      { title: 'CPU', align: 'right' },
      { title: 'size', align: 'right' },
      { title: 'speed', align: 'right' },
      { title: 'slices', align: 'right' },
    ],
    slowest.map((each) => [
      { text: each.input },
      time(each.wall),
      time(each.cpu),
      bytes(each.bytes),
      { text: rateText(each.speed), sort: each.speed },
      count(each.slices),
    ]),
  );
}

export function stragglerTable({ stragglers, workers }: RunAnalysis): string {
  if (stragglers.length === 0) return '';
  const rows = stragglers.slice(0, STRAGGLERS).map((each): Cell[] => [
    {
      text: each.parts > 1 ? `${each.subject}, slice ${each.part} of ${each.parts}` : each.subject,
    },
    { text: phaseOf(each.phase).words },
    moment(each.start),
    moment(each.end),
    time(each.end - each.start),
    workerCell(workers[each.worker]?.worker ?? ''),
    { text: each.why },
  ]);
  const headings = [
    { title: 'task', breaks: true },
    { title: 'phase' },
    { title: 'from', align: 'right' },
    { title: 'to', align: 'right' },
    { title: 'took', align: 'right' },
    { title: 'worker', breaks: true },
    { title: 'why it is here' },
  ] as const;
  return htmlTable('Stragglers', headings, rows) + moreNote(stragglers.length - STRAGGLERS);
}

export function failureTable({ failures }: RunAnalysis): string {
  if (failures.length === 0) return '';
  const rows = failures
    .slice(0, FAILURES)
    .map((each): Cell[] => [
      { text: each.subject },
      { text: each.message },
      { text: each.retried ? 'yes' : 'no' },
    ]);
  const headings = [
    { title: 'of', breaks: true },
    { title: 'message', breaks: true },
    { title: 'tried again' },
  ] as const;
  return htmlTable('Failures', headings, rows) + moreNote(failures.length - FAILURES);
}

export function workerTable({ workers, seconds }: RunAnalysis): string {
  if (workers.length === 0) return '';
  const rows = workers.slice(0, WORKERS).map((each): Cell[] => [
    { text: each.worker },
    count(each.tasks),
    time(each.busy),
    {
      text: seconds > 0 ? percentText(Math.min(1, each.busy / seconds)) : '',
      sort: each.busy,
    },
    time(each.cpu),
    bytes(each.peakMemory),
  ]);
  const table = htmlTable(
    'Workers',
    [
      { title: 'worker' },
      { title: 'tasks', align: 'right' },
      { title: 'busy', align: 'right' },
      { title: 'share', align: 'right' },
      { title: 'CPU', align: 'right' },
      { title: 'memory at most', align: 'right' },
    ],
    rows,
  );
  const more = moreNote(workers.length - WORKERS);
  return `<details><summary>Workers, as a table</summary>${table}${more}</details>`;
}

/** What the charts of samples show, in numbers. */
export function sampleTable(charts: readonly SampleChart[]): string {
  if (charts.length === 0) return '';
  const rows = charts.flatMap(({ title, series, limits, unit }) => [
    ...series.map(({ name, points }): Cell[] => [
      { text: title },
      { text: name },
      { text: meanAndMost(points, unit) },
    ]),
    ...limits.map(({ name, value }): Cell[] => [
      { text: title },
      { text: name },
      { text: valueText(value, unit) },
    ]),
  ]);
  const headings = [{ title: 'chart' }, { title: 'what' }, { title: 'value' }];
  return `<details><summary>The charts, as a table</summary>${htmlTable('The machine over time', headings, rows)}</details>`;
}

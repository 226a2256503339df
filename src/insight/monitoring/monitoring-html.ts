/** A monitored run as a page. */

import { markupText, printableData } from '../../core/printable.ts';
import { activityChart } from '../report/charts/areas.ts';
import { lineChart } from '../report/charts/lines.ts';
import { timelineChart } from '../report/charts/timeline.ts';
import { type Cell, type Heading, htmlTable, section } from '../report/page/markup.ts';
import { moreNote } from '../report/page/sections.ts';
import { chartsOverTime, pageHtml, statList } from '../report/page/shell.ts';
import { bytesText, countText, percentText, secondsText } from '../units.ts';
import { about, factTexts, headline, stateTexts } from './monitoring-words.ts';
import { ATTEMPTS, type RunHistory } from './read-history.ts';
import type { RunSummary } from './run-summary.ts';

const WORKERS = 1000;

const time = (seconds: number): Cell => ({ text: secondsText(seconds), sort: seconds });
const count = (number: number): Cell => ({ text: countText(number), sort: number });
const right = (title: string): Heading => ({ title, align: 'right' });

/**
 * A page as `pageHtml` makes it; names of apps and texts of errors are escaped.
 * @param isLive - whether it is served while the run goes on
 */
export function monitoringHtml(read: RunSummary, past: RunHistory, isLive = false): string {
  const summary = printableData(read);
  const history = printableData(past);
  const { seconds } = summary;
  const timeline = timelineChart(history, ATTEMPTS);
  const areas = activityChart(history);
  const lines = history.charts.map((chart) => ({ chart, ...lineChart(chart, seconds) }));
  const charts = chartsOverTime([
    ['Workers and their tasks', timeline?.svg ?? ''],
    ['All workers together', areas?.svg ?? ''],
    ...lines.map(({ chart, svg }) => [chart.title, svg] as const),
  ]);
  const left = history.left;
  const note =
    left > 0
      ? `The timeline leaves out the first ${countText(left)} attempts: it has the last.`
      : '';
  const body = [
    statList([
      ['time', secondsText(seconds)],
      ['workers', countText(summary.efficiency.workers)],
      ['busy', percentText(summary.efficiency.share)],
      ...stateTexts(summary).map(([name, n]) => [name, countText(n)] as const),
    ]),
    section('Apps', appTable(summary)),
    section('Failures', failureTable(summary)),
    section('Over time', seconds > 0 ? charts + workerTable(summary) : '', note),
    section('Slowest', slowestTable(summary)),
    section('Blocks', blockTable(summary)),
    section('Run', factTable(summary)),
  ].join('\n');
  return pageHtml({
    brand: 'Tilewright · monitoring',
    heading: headline(summary),
    lead: about(summary),
    body,
    data: {
      seconds,
      timeline: timeline?.data ?? null,
      lines: [...(areas === null ? [] : [areas.data]), ...lines.map(({ data }) => data)],
    },
    isLive,
  });
}

function appTable({ apps }: RunSummary): string {
  if (apps.length === 0) return '';
  const headings = [
    { title: 'app', breaks: true as const },
    ...['tasks', 'done', 'memoized', 'failed', 'cancelled', 'open', 'failed attempts'].map(right),
    ...['mean', 'most', 'together', 'in the queue'].map(right),
  ];
  const rows = apps.map((app): Cell[] => [
    { text: app.name },
    count(app.tasks),
    count(app.done),
    count(app.memoized),
    count(app.failed + app.dependencyFailed),
    count(app.cancelled),
    count(app.waiting + app.queued + app.running),
    count(app.failures),
    time(app.mean),
    time(app.most),
    time(app.total),
    time(app.queuedMean),
  ]);
  return htmlTable('Tasks by app', headings, rows);
}

function failureTable({ failures }: RunSummary): string {
  if (failures.length === 0) return '';
  const headings = [
    { title: 'app', breaks: true as const },
    { title: 'error', breaks: true as const },
    right('how often'),
    right('a task'),
    { title: 'tried again' },
  ];
  const rows = failures.map((each): Cell[] => [
    { text: each.name },
    { text: each.error },
    count(each.count),
    count(each.task),
    { text: each.retried ? 'yes' : 'no' },
  ]);
  return htmlTable('Failures', headings, rows);
}

function workerTable({ workers, seconds }: RunSummary): string {
  if (workers.length === 0) return '';
  const headings = [
    { title: 'worker', breaks: true as const },
    ...['tasks', 'busy', 'share', 'memory at most'].map(right),
  ];
  const rows = workers
    .slice(0, WORKERS)
    .map((each): Cell[] => [
      { text: each.worker },
      count(each.tasks),
      time(each.busy),
      { text: percentText(Math.min(1, each.busy / seconds)), sort: each.busy },
      { text: bytesText(each.peakMemory ?? Number.NaN), sort: each.peakMemory ?? -1 },
    ]);
  const more = moreNote(workers.length - WORKERS);
  return `<details><summary>Workers, as a table</summary>${htmlTable('Workers', headings, rows)}${more}</details>`;
}

function slowestTable({ slowest }: RunSummary): string {
  if (slowest.length === 0) return '';
  const headings = [
    { title: 'app', breaks: true as const },
    ...['task', 'attempt', 'took', 'CPU'].map(right),
    { title: 'worker', breaks: true as const },
  ];
  const rows = slowest.map((each): Cell[] => [
    { text: each.name },
    count(each.task),
    count(each.attempt),
    time(each.seconds),
    time(each.cpu ?? Number.NaN),
    { text: each.worker },
  ]);
  return htmlTable('Attempts that took longest', headings, rows);
}

function blockTable({ blocks }: RunSummary): string {
  if (blocks.length === 0) return '';
  const titles = ['executor', 'block', 'job', 'state', 'why'];
  const rows = blocks.map((each): Cell[] =>
    [each.executor, each.block, each.job ?? '', each.state, each.reason ?? ''].map((text) => ({
      text,
    })),
  );
  const headings = titles.map((title) => ({ title, breaks: true as const }));
  return htmlTable('Blocks', headings, rows);
}

function factTable(summary: RunSummary): string {
  const facts: [string, string][] = [
    ...factTexts(summary),
    ['file', summary.file],
    ['run', summary.runId],
    ['user', summary.user],
  ];
  const items = facts.map(
    ([name, text]) => `<dt>${markupText(name)}</dt><dd>${markupText(text)}</dd>`,
  );
  return `<dl class="facts">${items.join('')}</dl>`;
}

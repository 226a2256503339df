/** A monitored run for a terminal. */

import { clip, padEnd, wrap } from '../../core/columns-of-text.ts';
import { printableData } from '../../core/printable.ts';
import { paint as paintOf } from '../report/terminal/paint.ts';
import { table } from '../report/terminal/text-table.ts';
import { countText, secondsText } from '../units.ts';
import { about, factTexts, headline, stateTexts } from './monitoring-words.ts';
import { endedOf, type RunSummary } from './run-summary.ts';

const APPS = 12;
const SLOWEST = 5;
const FAILURES = 6;
const BAR = 40;

export interface MonitoringTextOptions {
  /** Columns of the terminal. */
  width: number;
  /** Lines that there is room for; default: all. */
  height?: number;
  color: boolean;
}

/** Lines of at most `width` columns; what has no room is left out from the end. */
export function monitoringLines(
  read: RunSummary,
  { width, height = Number.POSITIVE_INFINITY, color }: MonitoringTextOptions,
): string[] {
  // Names of apps and texts of errors can hold anything; only the colours are escape sequences.
  const summary = printableData(read);
  const columns = Math.max(10, Math.floor(width));
  const { bold, dim, bad } = paintOf(color);
  const lines: [text: string, paint: (text: string) => string][] = [];
  const add = (texts: readonly string[], paint = (text: string): string => text): void => {
    for (const text of texts) lines.push([clip(text, columns), paint]);
  };
  const section = (title: string, body: readonly string[], left = 0, paint?: typeof bad): void => {
    if (body.length === 0) return;
    add(['']);
    add([title], bold);
    add(body, paint);
    if (left > 0) add([`  and ${countText(left)} more`], dim);
  };
  const { apps, slowest, failures } = summary;
  const states = stateTexts(summary).map(([name, count]) => `${name} ${countText(count)}`);
  add(wrap(headline(summary), columns), bold);
  add([progressBar(summary)]);
  add(wrap(about(summary), columns), dim);
  add(['', ...wrap(states.join(', '), columns)]);
  add(factTexts(summary).map(([name, text]) => `${padEnd(name, 20)}${text}`));
  section('Apps', appLines(summary, columns), apps.length - APPS);
  const failed = failures.slice(0, FAILURES).map((each) => {
    const again = each.retried ? ', tried again' : '';
    return `  ${countText(each.count)} × ${each.name}${again}: ${each.error}`;
  });
  section('Failures', failed, failures.length - FAILURES, bad);
  const slow = slowest.slice(0, SLOWEST).map(({ task, name, seconds, attempt, worker }) => {
    const again = attempt > 1 ? `, attempt ${attempt}` : '';
    return `  ${secondsText(seconds)}  ${name}, task ${task}${again}, ${worker}`;
  });
  section('Slowest', slow);
  return lines.slice(0, height).map(([text, paint]) => paint(text));
}

/** One line for tasks that have ended, of all that there are so far. */
function progressBar({ counts, tasks }: RunSummary): string {
  const ended = endedOf(counts);
  const share = tasks > 0 ? ended / tasks : 0;
  const filled = Math.floor(share * BAR);
  const bar = '#'.repeat(filled) + '-'.repeat(BAR - filled);
  return `[${bar}] ${Math.floor(100 * share)} %`;
}

function appLines({ apps }: RunSummary, width: number): string[] {
  const titles = ['tasks', 'done', 'failed', 'running', 'queued', 'mean', 'most', 'in the queue'];
  const rows = apps
    .slice(0, APPS)
    .map((app) => [
      app.name,
      countText(app.tasks),
      countText(app.done + app.memoized),
      countText(app.failed + app.dependencyFailed),
      countText(app.running),
      countText(app.queued),
      secondsText(app.mean),
      secondsText(app.most),
      secondsText(app.queuedMean),
    ]);
  if (rows.length === 0) return [];
  const columns = [
    { title: 'app', shrinks: 'middle' as const },
    ...titles.map((title) => ({ title, align: 'right' as const })),
  ];
  return table(columns, rows, width - 2).map((line) => `  ${line}`);
}

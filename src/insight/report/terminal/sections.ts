/** The sections of the report for a terminal; one without anything to say has no lines. */

import { cellWidth, padEnd, wrap } from '../../../core/columns-of-text.ts';
import { phaseOf } from '../../../staging/telling/phases.ts';
import type { RunAnalysis } from '../../analysis.ts';
import {
  bytesText,
  counted,
  countText,
  momentText,
  percentText,
  rangeText,
  rateText,
  secondsText,
} from '../../units.ts';
import { type Fact, gain } from '../facts.ts';
import { bar } from './bar.ts';
import type { Paint } from './paint.ts';
import { table } from './text-table.ts';

const SLOWEST = 10;
const STRAGGLERS = 8;
const FAILURES = 10;

export function adviceLines(analysis: RunAnalysis, width: number, paint: Paint): string[] {
  const now = secondsText(analysis.seconds);
  return analysis.advice.flatMap((advice, i) => {
    const mark = `${i + 1}. `;
    const indent = ' '.repeat(mark.length);
    const { low, high } = advice.seconds;
    const effect = `${now} → ${rangeText(low, high)}, ${gain(analysis, advice)} as fast`;
    const what = advice.what;
    const oneLine = mark.length + cellWidth(what) + 3 + cellWidth(effect) <= width;
    const head = oneLine
      ? [`${mark}${paint.bold(what)}   ${paint.accent(effect)}`]
      : [
          ...wrap(what, width - mark.length).map(
            (line, k) => (k === 0 ? mark : indent) + paint.bold(line),
          ),
          ...wrap(effect, width - mark.length).map((line) => indent + paint.accent(line)),
        ];
    return [...head, ...wrap(advice.why, width - mark.length).map((line) => indent + line)];
  });
}

export function timeLines({ time }: RunAnalysis, width: number, paint: Paint): string[] {
  const rows = time.filter(({ seconds }) => seconds > 0);
  const barWidth = Math.min(40, width - 45);
  return table(
    [
      { title: '', shrinks: 'end' },
      { title: '', align: 'right' },
      { title: '', align: 'right' },
      { title: '' },
    ],
    rows.map(({ kind, seconds, share }) => [
      kind,
      secondsText(seconds),
      percentText(share),
      bar(share, barWidth),
    ]),
    width,
    (text, _row, column) => (column === 3 ? paint.accent(text) : text),
  );
}

export function slowestLines({ slowest }: RunAnalysis, width: number, paint: Paint): string[] {
  const shown = slowest.slice(0, SLOWEST);
  if (shown.length === 0) return [];
  const lines = table(
    [
      { title: '', shrinks: 'middle' },
      { title: 'took', align: 'right' },
      { title: 'CPU', align: 'right' },
      { title: 'size', align: 'right' },
      { title: 'speed', align: 'right' },
      { title: 'slices', align: 'right' },
    ],
    shown.map(({ input, wall, cpu, bytes, speed, slices }) => [
      input,
      secondsText(wall),
      secondsText(cpu),
      bytesText(bytes),
      rateText(speed),
      countText(slices),
    ]),
    width,
    (text, row) => (row < 0 ? paint.dim(text) : text),
  );
  return [...lines, ...more(slowest.length - shown.length, paint)];
}

export function stragglerLines({ stragglers }: RunAnalysis, width: number, paint: Paint): string[] {
  const lines: string[] = [];
  for (const { subject, part, parts, phase, start, end, why } of stragglers.slice(0, STRAGGLERS)) {
    const slice = parts > 1 ? `, slice ${part} of ${parts}` : '';
    const when = `${secondsText(end - start)}, begun after ${momentText(start)}`;
    lines.push(
      ...wrap(`${subject}${slice} (${phaseOf(phase).words}): ${when}`, width),
      ...wrap(why, width - 2).map((line) => paint.dim(`  ${line}`)),
    );
  }
  return [...lines, ...more(stragglers.length - STRAGGLERS, paint)];
}

export function failureLines({ failures }: RunAnalysis, width: number, paint: Paint): string[] {
  const lines = failures
    .slice(0, FAILURES)
    .flatMap(({ subject, message, retried }) => [
      ...wrap(`${subject}${retried ? ' (tried again)' : ''}`, width).map(
        retried ? (line) => line : paint.bad,
      ),
      ...wrap(message, width - 2).map((line) => paint.dim(`  ${line}`)),
    ]);
  return [...lines, ...more(failures.length - FAILURES, paint)];
}

function more(count: number, paint: Paint): string[] {
  return count > 0 ? [paint.dim(`… and ${counted(count, 'other')}`)] : [];
}

export function factLines(facts: readonly Fact[], width: number, paint: Paint): string[] {
  const nameWidth = Math.max(...facts.map(({ name }) => name.length));
  return facts.flatMap(({ name, value }) =>
    wrap(value, width - nameWidth - 2).map(
      (line, k) => `${paint.dim(padEnd(k === 0 ? name : '', nameWidth))}  ${line}`,
    ),
  );
}

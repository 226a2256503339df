/** The sections of the report for a terminal; one without anything to say has no lines. */

import type { PhaseShare, RunAnalysis } from '../../analysis.ts';
import { stateNames } from '../activity.ts';
import { type Fact, gain, phaseSplit } from '../facts.ts';
import {
  bytesText,
  counted,
  countText,
  momentText,
  percentText,
  rangeText,
  rateText,
  secondsText,
} from '../units.ts';
import { bar, cellWidth, clean, columnsOf, padEnd, padStart, wrap } from './cells.ts';
import { type Paint, STATE_MARKS } from './paint.ts';
import { table } from './table.ts';

const SLOWEST = 10;
const STRAGGLERS = 8;
const FAILURES = 10;
/** Columns between those of a table, and of a bar in one. */
const GAP = 2;
const LEAST_BAR = 9;
const MOST_BAR = 30;
/** Columns from which on evidence is a table. */
const SIDE_BY_SIDE = 70;
const LEAST_WORDS = 12;

export function evidenceLines({ verdict }: RunAnalysis, width: number, paint: Paint): string[] {
  const { evidence } = verdict;
  if (evidence.length === 0) return [];
  const cells = evidence.map(({ what, value, limit, share }) =>
    [what, value, limit ?? '', limit === null || share === null ? '' : percentText(share)].map(
      clean,
    ),
  );
  if (width < SIDE_BY_SIDE) return cells.flatMap((row) => evidenceBlock(row, width, paint));
  const titles = ['', 'measured', 'limit', ''];
  const widths = titles.map((title, k) =>
    Math.max(title.length, ...cells.map((row) => cellWidth(row[k]!))),
  );
  const room = (): number => width - widths.reduce((sum, each) => sum + each + GAP, 0);
  const wanted = width < 90 ? -GAP : LEAST_BAR;
  // The column gives way where the fewest texts need a second line for it.
  const broken = (k: number): number =>
    cells.filter((row) => cellWidth(row[k]!) >= widths[k]!).length;
  while (room() < wanted) {
    const columns = [0, 1, 2].filter((k) => widths[k]! > LEAST_WORDS);
    columns.sort((a, b) => broken(a) - broken(b) || widths[b]! - widths[a]!);
    if (columns.length === 0) break;
    widths[columns[0]!]!--;
  }
  const barWidth = room() < LEAST_BAR ? 0 : Math.min(MOST_BAR, room());
  const line = (row: readonly string[]): string => {
    const last = row.findLastIndex((text) => text !== '');
    const parts = row.slice(0, last + 1).map((text, k) => {
      if (k === last && k !== 3) return k === 4 ? paint.accent(text) : text;
      return (k === 3 ? padStart : padEnd)(text, widths[k]!);
    });
    return parts.map((text, k) => (k === 2 ? paint.dim(text) : text)).join(' '.repeat(GAP));
  };
  return [
    paint.dim(line(titles)),
    ...cells.flatMap((row, i) => {
      const wrapped = row.map((text, k) => wrap(text, widths[k]!));
      const height = Math.max(...wrapped.map(({ length }) => length));
      const mark = bar(evidence[i]!.share ?? 0, barWidth).trimEnd();
      return Array.from({ length: height }, (_, n) =>
        line([...wrapped.map((lines) => lines[n] ?? ''), n === 0 ? mark : '']),
      );
    }),
  ];
}

/** Where words have no room beside each other, they stand one below the other. */
function evidenceBlock(row: readonly string[], width: number, paint: Paint): string[] {
  const [what = '', value = '', limit = '', share = ''] = row;
  const beside = limit === '' ? '' : `, limit ${limit}${share === '' ? '' : ` (${share})`}`;
  return [
    ...wrap(what, width),
    ...wrap(`${value}${beside}`, width - 2).map((line) => paint.dim(`  ${line}`)),
  ];
}

export function adviceLines(analysis: RunAnalysis, width: number, paint: Paint): string[] {
  const now = secondsText(analysis.seconds);
  return analysis.advice.flatMap((advice, i) => {
    const mark = `${i + 1}. `;
    const indent = ' '.repeat(mark.length);
    const { low, high } = advice.seconds;
    const effect = `${now} → ${rangeText(low, high)}, ${gain(analysis, advice)} as fast`;
    const what = clean(advice.what);
    const oneLine = mark.length + cellWidth(what) + 3 + cellWidth(effect) <= width;
    const head = oneLine
      ? [`${mark}${paint.bold(what)}   ${paint.accent(effect)}`]
      : [
          ...wrap(what, width - mark.length).map(
            (line, k) => (k === 0 ? mark : indent) + paint.bold(line),
          ),
          ...wrap(effect, width - mark.length).map((line) => indent + paint.accent(line)),
        ];
    return [...head, ...wrap(clean(advice.why), width - mark.length).map((line) => indent + line)];
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

export function phaseLines(analysis: RunAnalysis, width: number, paint: Paint): string[] {
  const { phases, seconds } = analysis;
  if (phases.length === 0) return [];
  const names = stateNames(analysis);
  const bytes = (size: number): string => (size > 0 ? bytesText(size) : '');
  const number = (title: string, text: (phase: PhaseShare) => string) => ({
    title,
    texts: phases.map(text),
  });
  const numbers = [
    number('took', ({ start, end }) => secondsText(end - start)),
    number('share', ({ start, end }) => (seconds > 0 ? percentText((end - start) / seconds) : '')),
    number('tasks', ({ tasks }) => countText(tasks)),
    number('CPU', ({ tasks, cpu }) => (tasks > 0 ? secondsText(cpu) : '')),
    number('read', ({ readBytes }) => bytes(readBytes)),
    number('written', ({ writtenBytes }) => bytes(writtenBytes)),
  ];
  const columnWidth = (texts: string[]): number => Math.max(...texts.map(cellWidth)) + GAP;
  const room = (): number =>
    numbers.reduce(
      (left, { title, texts }) => left - columnWidth([title, ...texts]),
      width - columnWidth(phases.map(({ phase }) => phase)),
    );
  // Bytes stand back where the bar would have no room.
  while (room() < LEAST_BAR && numbers.length > 3) numbers.pop();
  const barWidth = Math.max(LEAST_BAR, Math.min(MOST_BAR, room()));
  const lines = table(
    [
      { title: '' },
      ...numbers.map(({ title }) => ({ title, align: 'right' as const })),
      { title: 'its tasks' },
    ],
    phases.map((phase, i) => [
      phase.phase,
      ...numbers.map(({ texts }) => texts[i]!),
      splitBar(phase, barWidth),
    ]),
    width,
    (text, row, column) =>
      row < 0 ? paint.dim(text) : column > numbers.length ? colored(text, paint) : text,
  );
  if (!phases.some(({ tasks }) => tasks > 0)) return lines;
  const marks = (['computing', 'core', 'blocked'] as const).map(
    (state) => `${STATE_MARKS[state]} ${names[state]}`,
  );
  return [...lines, ...wrap(marks.join('   '), width).map(paint.dim), ...partLines(phases, width)];
}

function splitBar(phase: RunAnalysis['phases'][number], width: number): string {
  const { computing, core, blocked } = phaseSplit(phase);
  const rest = Math.max(0, phase.wall - computing - core - blocked);
  const columns = columnsOf([computing, core, blocked, rest], width);
  const marks = [STATE_MARKS.computing, STATE_MARKS.core, STATE_MARKS.blocked, STATE_MARKS.unknown];
  return columns.map((count, i) => marks[i]!.repeat(count)).join('');
}

function colored(text: string, paint: Paint): string {
  return text
    .replace(/█+/g, (run) => paint.state('computing', run))
    .replace(/▓+/g, (run) => paint.state('core', run))
    .replace(/▒+/g, (run) => paint.state('blocked', run));
}

/** What tasks have noted of their own: `stage: kernels 55 %, writing 25 %, reading 20 %`. */
function partLines(phases: RunAnalysis['phases'], width: number): string[] {
  return phases.flatMap(({ phase, parts }) => {
    const entries = Object.entries(parts).filter(([, seconds]) => seconds > 0);
    const sum = entries.reduce((total, [, seconds]) => total + seconds, 0);
    if (entries.length === 0 || !(sum > 0)) return [];
    entries.sort((a, b) => b[1] - a[1]);
    const shares = entries.map(
      ([name, seconds]) => `${clean(name)} ${secondsText(seconds)} (${percentText(seconds / sum)})`,
    );
    return wrap(`${phase}: ${shares.join(', ')}`, width);
  });
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
      ...wrap(`${clean(subject)}${slice} (${phase}): ${when}`, width),
      ...wrap(clean(why), width - 2).map((line) => paint.dim(`  ${line}`)),
    );
  }
  return [...lines, ...more(stragglers.length - STRAGGLERS, paint)];
}

export function failureLines({ failures }: RunAnalysis, width: number, paint: Paint): string[] {
  const lines = failures
    .slice(0, FAILURES)
    .flatMap(({ subject, message, retried }) => [
      ...wrap(`${clean(subject)}${retried ? ' (tried again)' : ''}`, width).map(
        retried ? (line) => line : paint.bad,
      ),
      ...wrap(clean(message), width - 2).map((line) => paint.dim(`  ${line}`)),
    ]);
  return [...lines, ...more(failures.length - FAILURES, paint)];
}

function more(count: number, paint: Paint): string[] {
  return count > 0 ? [paint.dim(`… and ${counted(count, 'other')}`)] : [];
}

export function factLines(facts: readonly Fact[], width: number, paint: Paint): string[] {
  const nameWidth = Math.max(...facts.map(({ name }) => name.length));
  return facts.flatMap(({ name, value }) =>
    wrap(clean(value), width - nameWidth - 2).map(
      (line, k) => `${paint.dim(padEnd(k === 0 ? name : '', nameWidth))}  ${line}`,
    ),
  );
}

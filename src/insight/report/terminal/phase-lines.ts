/** The phases of a run in a terminal. */

import { cellWidth, wrap } from '../../../core/columns-of-text.ts';
import { phaseOf } from '../../../staging/telling/phases.ts';
import type { PhaseShare, RunAnalysis } from '../../analysis.ts';
import { bytesText, countText, percentText, secondsText } from '../../units.ts';
import { stateNames } from '../activity.ts';
import { phaseSplit } from '../facts.ts';
import { columnsOf } from './bar.ts';
import { legendLines } from './legend-lines.ts';
import { type Paint, STATE_MARKS } from './paint.ts';
import { table } from './text-table.ts';

/** Columns between those of the table, and of a bar in it. */
const GAP = 2;
const LEAST_BAR = 9;
const MOST_BAR = 30;

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
      width - columnWidth(phases.map(({ phase }) => phaseOf(phase).words)),
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
      phaseOf(phase.phase).words,
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
  return [...lines, ...legendLines(marks, width).map(paint.dim), ...partLines(phases, width)];
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

/** What tasks have noted of their own: `staging: kernels 55 %, writing 25 %, reading 20 %`. */
function partLines(phases: RunAnalysis['phases'], width: number): string[] {
  return phases.flatMap(({ phase, parts }) => {
    const entries = Object.entries(parts).filter(([, seconds]) => seconds > 0);
    const sum = entries.reduce((total, [, seconds]) => total + seconds, 0);
    if (entries.length === 0 || !(sum > 0)) return [];
    entries.sort((a, b) => b[1] - a[1]);
    const shares = entries.map(
      ([name, seconds]) => `${name} ${secondsText(seconds)} (${percentText(seconds / sum)})`,
    );
    return wrap(`${phaseOf(phase).words}: ${shares.join(', ')}`, width);
  });
}

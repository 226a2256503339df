/** The lines that show a run on a terminal, for a given size. */

import { cellWidth, clipMiddle, fit } from '../../core/columns-of-text.ts';
import { printable } from '../../core/printable.ts';
import type { PhaseProgress } from '../../insight/progress/phase-progress.ts';
import type { RunningTask, RunProgressState } from '../../insight/progress/progress-state.ts';
import {
  clock,
  count,
  leftText,
  subjectText,
  type WorkerNames,
} from '../../insight/progress/words.ts';
import { phaseOf } from '../../staging/telling/phases.ts';
import type { Style } from './style.ts';

/** Wider lines are harder to read, not better. */
const WIDEST = 120;
const MOST_WORKERS = 8;
/** They come before phases that are over or to come. */
const FEWEST_WORKERS = 3;
const GAP = '  ';
const NAME_COLUMNS = 13;

export interface Size {
  columns: number;
  rows: number;
}

/**
 * At most `rows` − 1 lines (1 at least), none wider than `columns` − 1: the line that was there
 * before stays in sight, and no terminal turns to the next line by itself.
 * @param at - now, in seconds since the run's start
 */
export function blockLines(
  state: RunProgressState,
  names: WorkerNames,
  at: number,
  { columns, rows }: Size,
  style: Style,
): string[] {
  const room = Math.max(1, Math.min(columns - 1, WIDEST));
  const height = Math.max(1, rows - 1);
  const lines = [overallLine(state, at, room, style)];
  const troubles = troubleLine(state, room, style);
  const phases = phaseLines(state, at, room, style);
  const left = height - lines.length - (troubles === null ? 0 : 1);
  const workers = Math.min(state.running.length, FEWEST_WORKERS);
  if (left >= phases.all.length + workers) lines.push(...phases.all);
  else if (left >= 1) lines.push(...phases.current);
  const forWorkers = height - lines.length - (troubles === null ? 0 : 1);
  lines.push(...workerLines(state.running, names, at, room, forWorkers, style));
  if (troubles !== null && lines.length < height) lines.push(troubles);
  return lines;
}

/** Percent, bar, speed, time so far, time left: as many of them as there is room for. */
function overallLine(state: RunProgressState, at: number, room: number, style: Style): string {
  const share = state.share(at);
  const percent = `${Math.floor(share * 100)} %`.padStart(5);
  const rate = state.rate(at);
  const left = state.timeLeft(at);
  const waiting = state.waitingSince !== null;
  const facts = [
    waiting ? phaseOf(state.current!.phase).words : left === null ? '' : leftText(left),
    at >= 1 ? clock(Math.floor(at)) : '',
    rate === null || waiting
      ? ''
      : `${count(Math.round(rate.perSecond))} ${phaseOf(rate.phase).unit}/s`,
  ].filter((fact) => fact !== '');
  const barRoom = (): number =>
    room -
    cellWidth(percent) -
    1 -
    facts.reduce((sum, fact) => sum + cellWidth(fact) + GAP.length, 0);
  while (facts.length > 0 && barRoom() < 10) facts.pop();
  const columns = Math.min(barRoom(), 50);
  const drawn = columns < 3 ? '' : ` ${style.bar(share, columns)}`;
  if (cellWidth(percent) > room) return style.bold(fit(percent.trim(), room));
  return (
    style.bold(percent) +
    drawn +
    facts
      .reverse()
      .map((fact) => GAP + fact)
      .join('')
  );
}

function phaseLines(
  state: RunProgressState,
  at: number,
  room: number,
  style: Style,
): { all: string[]; current: string[] } {
  const { current } = state;
  const all = [
    ...state.phases.map((phase) => phaseLine(phase, at, room, style)),
    ...state.toCome.map((name) =>
      style.dim(fit(`${style.marks.toCome} ${phaseOf(name).words}`, room).trimEnd()),
    ),
  ];
  return { all, current: current === null ? [] : [phaseLine(current, at, room, style)] };
}

function phaseLine(phase: PhaseProgress, at: number, room: number, style: Style): string {
  const { marks } = style;
  const done = phase.endedAt !== null;
  const { words: name, unit } = phaseOf(phase.phase);
  const mark = done ? style.green(marks.done) : style.bold(marks.running);
  const time = clock(phase.seconds(at));
  let counts = '';
  if (unit !== '' && phase.total > 0) {
    const all = count(phase.total);
    counts = done
      ? `${count(phase.done)} ${phase.unit}`
      : `${count(phase.done).padStart(all.length)} of ${all} ${phase.unit}`;
  }
  const tasks =
    done || phase.tasks === 0 ? '' : `${count(phase.tasksEnded)} of ${count(phase.tasks)} tasks`;
  const rate = done && phase.total > 0 ? phase.rate(at) : null;
  const speed = rate === null || unit === '' ? '' : `${count(Math.round(rate))} ${unit}/s`;
  const head = `${fit(name, Math.max(NAME_COLUMNS, cellWidth(name)))}`;
  const facts: string[] = [];
  let used = 2 + cellWidth(head);
  const add = (fact: string): void => {
    if (fact === '' || used + GAP.length + cellWidth(fact) > room) return;
    facts.push(fact);
    used += GAP.length + cellWidth(fact);
  };
  if (!done && phase.total > 0) {
    const percent = `${Math.floor(phase.share * 100)} %`.padStart(5);
    const rest = room - used - GAP.length - cellWidth(percent) - 1;
    // The counts give way to a bar that says something.
    const beside = rest - GAP.length - cellWidth(counts);
    const bar = Math.min(20, beside >= 6 ? beside : rest);
    add(bar < 6 ? percent : `${percent} ${style.bar(phase.share, bar)}`);
    add(counts);
    add(tasks);
  } else {
    add(done ? time.padStart(6) : time);
    add(counts);
    add(speed);
    add(tasks);
  }
  if (used > room) return `${mark} ${fit(name, Math.max(0, room - 2)).trimEnd()}`;
  const text = `${mark} ${[head, ...facts].join(GAP)}`;
  return text.trimEnd();
}

function workerLines(
  running: readonly RunningTask[],
  names: WorkerNames,
  at: number,
  room: number,
  height: number,
  style: Style,
): string[] {
  if (height < 1 || running.length === 0) return [];
  const named = running.map((task) => ({ task, name: printable(names.nameOf(task.worker)) }));
  named.sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
  const most = Math.min(MOST_WORKERS, height);
  const shown = named.length <= most ? named.length : most - 1;
  const lines: string[] = [];
  // Wide enough for all of them, so that columns stay where they are.
  const nameRoom = Math.min(
    Math.max(...named.map(({ name }) => cellWidth(name))),
    Math.max(4, Math.floor(room / 3)),
  );
  for (const { task, name } of named.slice(0, shown)) {
    const time = clock(Math.max(0, Math.floor(at - task.since))).replace(/^(\d)\.0 s$/, '$1 s');
    const again = task.attempt > 1 ? `${GAP}attempt ${task.attempt}` : '';
    const subjectRoom = room - 2 - nameRoom - GAP.length * 2 - 7 - cellWidth(again);
    const subject = clipMiddle(printable(subjectText(task)), Math.max(0, subjectRoom));
    const line =
      subjectRoom < 4
        ? `  ${clipMiddle(printable(subjectText(task)), Math.max(0, room - 2))}`
        : `  ${fit(name, nameRoom)}${GAP}${time.padStart(7)}${GAP}${subject}${again}`;
    lines.push(style.dim(line));
  }
  const more = named.length - shown;
  if (more > 0) {
    const text = shown === 0 ? `  ${more} workers busy` : `  and ${more} more workers busy`;
    lines.push(style.dim(fit(text, room).trimEnd()));
  }
  return lines;
}

function troubleLine(state: RunProgressState, room: number, style: Style): string | null {
  const { failedInputs, failedProducts, retries } = state;
  const parts: string[] = [];
  const failed = failedInputs + failedProducts;
  if (failed > 0) parts.push(`${count(failed)} failed`);
  if (retries > 0) parts.push(`${count(retries)} tried again`);
  if (parts.length === 0) return null;
  return style.red(fit(parts.join(', '), room).trimEnd());
}

/** The timeline of workers and tasks. */

import { markupText } from '../../../core/printable.ts';
import { inOrder, phaseOf } from '../../../staging/telling/phases.ts';
import type { TaskSpan } from '../../analysis.ts';
import { counted, secondsText } from '../../units.ts';
import { spansByWorker, splitOf, stateNames, type WorkerRun, workerOrder } from '../activity.ts';
import { legend } from '../page/markup.ts';
import { frame, round } from './chart-frame.ts';
import { FAILED, STRIDE, type TimelineData, X_UNITS } from './page-data.ts';
import { timelinePaths } from './timeline-paths.ts';

/** Times in the page are whole numbers of this part of the run. */
const TIME_STEPS = 200_000;
/** Bars with parts that there may be, about. */
const BARS = 12_000;
/** Letters that the names of tasks may have in all. */
const NAMES = 800_000;
const RIBBON = 26;
const HEIGHT = 720;
const PITCH = 30;

export interface Timeline {
  svg: string;
  data: TimelineData;
}

/** @param phases - what spans are told apart by, 8 at the most */
export function timelineChart(
  analysis: WorkerRun,
  phases: readonly string[] = kindsOf(analysis.timeline),
): Timeline | null {
  const { workers, timeline, seconds } = analysis;
  if (workers.length === 0 || timeline.length === 0 || !(seconds > 0)) return null;
  const order = workerOrder(analysis);
  const spans = spansByWorker(analysis);
  const names = [...new Set(timeline.map(({ subject }) => subject))].sort();
  const places = new Map(names.map((name, i) => [name, i]));
  const rows = order.map((i) => codeRow(spans[i]!, seconds, places, phases));
  const pitch = round(Math.min(PITCH, HEIGHT / workers.length));
  const bar = round(pitch >= 12 ? pitch - 6 : pitch >= 4 ? pitch - 1 : pitch);
  // Bars of parts need their height, and three times the letters of plain ones.
  const detail = pitch >= 12;
  const least = detail
    ? Math.max(X_UNITS / 500, (X_UNITS * workers.length) / BARS)
    : X_UNITS / 1000;
  const view = { from: 0, to: TIME_STEPS, width: X_UNITS, pitch, bar, least, detail };
  const paths = timelinePaths(rows, view);
  const shapes = (['computing', 'core', 'blocked', 'unknown', 'failed', 'cuts'] as const)
    .map((name) => `<path class="bar-${name}" d="${paths[name]}"/>`)
    .join('');
  const sorted = order.map((i) => workers[i]!);
  const height = Math.max(1, Math.ceil(pitch * workers.length));
  const svg = frame({
    id: 'timeline',
    title: 'Timeline of workers and tasks',
    description:
      `${counted(timeline.length, 'task')} on ${counted(workers.length, 'worker')} in ` +
      `${secondsText(seconds)}. The tables of workers, slowest inputs and stragglers say the same in numbers.`,
    height: height + RIBBON,
    seconds,
    shapes: `<g class="bars" transform="translate(0 ${RIBBON})">${shapes}</g>${ribbon(analysis)}`,
    labels: rowLabels(sorted, pitch),
    lines: [RIBBON - 0.5],
    over: ribbonNames(analysis),
  });
  const data: TimelineData = {
    steps: TIME_STEPS,
    ribbon: RIBBON,
    pitch,
    bar,
    least,
    detail,
    workers: sorted.map(({ worker }) => worker),
    rows: rows.map(pack),
    subjects: frontCoded(names),
    phases,
    states: stateNames(analysis),
  };
  return { svg: timelineLegend(analysis) + svg, data };
}

function timelineLegend(analysis: WorkerRun): string {
  const names = stateNames(analysis);
  const failed = analysis.timeline.some(({ error }) => error !== null);
  const unknown = analysis.timeline.some(
    (span) => splitOf(span).unknown > 0.02 * (span.end - span.start),
  );
  return legend([
    ['bar-computing', names.computing],
    ['bar-core', names.core],
    ['bar-blocked', names.blocked],
    ...(unknown ? [['bar-unknown', names.unknown] as const] : []),
    ...(failed ? [['bar-failed', 'failed'] as const] : []),
  ]);
}

/** Phases that the spans are of; where there are more than 8, the last stands for several. */
function kindsOf(spans: readonly TaskSpan[]): string[] {
  const names = inOrder(spans.map(({ phase }) => phase));
  return names.length <= 8 ? names : [...names.slice(0, 7), 'other'];
}

/** STRIDE numbers for each task. */
export function codeRow(
  spans: readonly TaskSpan[],
  seconds: number,
  places: ReadonlyMap<string, number>,
  phases: readonly string[] = kindsOf(spans),
): number[] {
  const row: number[] = [];
  for (const span of spans) {
    const start = Math.round((span.start / seconds) * TIME_STEPS);
    const end = Math.max(start, Math.round((span.end / seconds) * TIME_STEPS));
    const split = splitOf(span);
    const wall = span.end - span.start;
    const percent = (part: number): number =>
      wall > 0 ? Math.floor((100 * part) / wall + 0.5) : 0;
    const kind = phases.indexOf(span.phase);
    const flags = (kind < 0 ? phases.length - 1 : kind) + (span.error === null ? 0 : FAILED);
    const slice = span.parts > 1 ? [span.part, span.parts] : [0, 0];
    row.push(start, end, percent(split.computing), percent(split.core), percent(split.blocked));
    row.push(flags, places.get(span.subject) ?? 0, ...slice);
  }
  return row;
}

/** The same in fewer letters: times as differences. */
function pack(row: number[]): number[] {
  const packed: number[] = [];
  let before = 0;
  for (let i = 0; i < row.length; i += STRIDE) {
    const [start, end] = [row[i]!, row[i + 1]!];
    packed.push(start - before, end - start, ...row.slice(i + 2, i + STRIDE));
    before = end;
  }
  return packed;
}

/** Each with what it shares with the one before; long ones are cut if there are very many. */
function frontCoded(all: readonly string[]): [number, string][] {
  const longest = Math.max(24, Math.floor(NAMES / all.length));
  const names = all.map((name) => cut(name, longest));
  return names.map((name, i) => {
    const before = names[i - 1] ?? '';
    let same = 0;
    while (same < name.length && name[same] === before[same]) same++;
    return [same, name.slice(same)];
  });
}

/** Of the width of a narrow window, that a letter of a phase's words takes. */
const WORD_SHARE = 0.009;

/** Phases above the bars, alternately tinted. */
function ribbon({ phases, seconds }: WorkerRun): string {
  return phases
    .map(({ start, end }, i) => {
      const x = Math.round((start / seconds) * X_UNITS);
      const width = Math.max(1, Math.round((end / seconds) * X_UNITS) - x);
      return `<rect class="phase-${i % 2}" x="${x}" y="0" width="${width}" height="${RIBBON - 6}"/>`;
    })
    .join('');
}

function ribbonNames({ phases, seconds }: WorkerRun): string {
  const names = phases.map(({ phase, start, end }) => {
    const [from, share] = [(100 * start) / seconds, (end - start) / seconds];
    // In a narrow window there must be room for the name too.
    const { words } = phaseOf(phase);
    const least = Math.max(0.07, WORD_SHARE * words.length);
    const hidden = share < least ? ' visibility="hidden"' : '';
    return (
      `<text class="phase-name${share < 0.14 ? ' tight' : ''}" data-from="${round(from)}" data-share="${round(100 * share)}" data-least="${round(100 * least)}" ` +
      `x="${round(from)}%" dx="8" y="${RIBBON - 12}"${hidden}>${markupText(words)}</text>`
    );
  });
  return `<g class="phase-names">${names.join('')}</g>`;
}

/** Names beside the rows: of each worker if there is room, else of each host. */
function rowLabels(
  workers: readonly WorkerRun['workers'][number][],
  pitch: number,
): { y: number; text: string; className?: string }[] {
  const hosts = new Set(workers.map(({ host }) => host));
  const middle = (row: number): number => RIBBON + (row + 0.5) * pitch + 4;
  if (pitch >= 12) {
    return workers.map(({ worker, host }, i) => {
      const thread = worker.slice(worker.lastIndexOf('/') + 1);
      const name = hosts.size === 1 ? `worker ${thread}` : `${cut(host, 9)}/${cut(thread, 4)}`;
      return { y: middle(i), text: cut(name, 14) };
    });
  }
  const labels: { y: number; text: string }[] = [];
  let last = Number.NEGATIVE_INFINITY;
  for (const [i, { host, worker }] of workers.entries()) {
    const begins = i === 0 || workers[i - 1]!.host !== host;
    const y = middle(i) + (begins && hosts.size > 1 ? 6 : 0);
    if (y - last < 13 || (hosts.size > 1 && !begins)) continue;
    labels.push({ y, text: hosts.size > 1 ? cut(host, 13) : cut(worker.split('/').at(-1)!, 13) });
    last = y;
  }
  return labels;
}

function cut(text: string, length: number): string {
  if (text.length <= length) return text;
  return `${text.slice(0, Math.ceil((length - 1) / 2))}…${text.slice(-Math.floor((length - 1) / 2))}`;
}

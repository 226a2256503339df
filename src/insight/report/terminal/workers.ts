/** The timeline of workers in a terminal: a row each, a mark for each part of the time. */

import { cellWidth, clipMiddle, padEnd, padStart } from '../../../core/columns-of-text.ts';
import { phaseOf } from '../../../staging/telling/phases.ts';
import type { RunAnalysis } from '../../analysis.ts';
import { counted, percentText, secondsText } from '../../units.ts';
import {
  activity,
  STATES,
  type State,
  spansByWorker,
  stateNames,
  stateSequence,
  workerOrder,
} from '../activity.ts';
import { legendLines } from './legend-lines.ts';
import { type Paint, STATE_MARKS } from './paint.ts';

/** Workers that are shown; of more, the busiest and the idlest. */
const ROWS = 20;

export function workerLines(analysis: RunAnalysis, width: number, paint: Paint): string[] {
  const { workers, seconds, timeline } = analysis;
  if (workers.length === 0 || timeline.length === 0 || !(seconds > 0)) return [];
  const names = stateNames(analysis);
  const oneProcess = new Set(workers.map(({ worker }) => processOf(worker))).size === 1;
  const label = (worker: string): string =>
    oneProcess ? `worker ${worker.slice(processOf(worker).length + 1)}` : worker;
  const order = workerOrder(analysis);
  if (workers.length > ROWS) order.sort((a, b) => workers[b]!.busy - workers[a]!.busy);
  const first = order.slice(0, workers.length > ROWS ? ROWS / 2 : ROWS);
  const rest = workers.length > ROWS ? order.slice(-ROWS / 2) : [];
  const labelWidth = Math.min(
    Math.floor(width / 4),
    Math.max(...[...first, ...rest].map((i) => cellWidth(label(workers[i]!.worker)))),
  );
  const columns = Math.max(10, width - labelWidth - 8);
  const spans = spansByWorker(analysis);
  const seen = new Set<State>();
  const row = (i: number): string => {
    const states = stateSequence(activity(spans[i]!, seconds, columns, 1));
    let text = '';
    for (let from = 0; from < states.length; ) {
      const state = states[from]!;
      seen.add(state);
      let to = from + 1;
      while (states[to] === state) to++;
      text += paint.state(state, STATE_MARKS[state].repeat(to - from));
      from = to;
    }
    const share = percentText(Math.min(1, workers[i]!.busy / seconds));
    const name = clipMiddle(label(workers[i]!.worker), labelWidth);
    return `${padEnd(name, labelWidth)} ${text} ${padStart(share, 5)}`;
  };
  const indent = ' '.repeat(labelWidth + 1);
  const leftOut = workers.length - first.length - rest.length;
  const [upper, lower] = [first.map(row), rest.map(row)];
  const legend = STATES.filter((state) => seen.has(state)).map(
    (state) => `${paint.state(state, STATE_MARKS[state])} ${names[state]}`,
  );
  return [
    `${indent}${phaseRuler(analysis, columns, paint)} ${padStart('busy', 5)}`,
    ...upper,
    ...(leftOut > 0
      ? [paint.dim(`${indent}… ${counted(leftOut, 'worker')} between these are left out …`)]
      : []),
    ...lower,
    `${indent}${axis(seconds, columns)}`,
    ...legendLines(legend, width - indent.length).map((line) => indent + line),
  ];
}

function processOf(worker: string): string {
  return worker.slice(0, Math.max(0, worker.lastIndexOf('/')));
}

/** The phases above their time, by their names where words have no room: `╷staging       ╷merge`. */
function phaseRuler({ phases, seconds }: RunAnalysis, columns: number, paint: Paint): string {
  const cells = Array.from({ length: columns }, () => ' ');
  for (const { phase, start, end } of phases) {
    const from = Math.min(columns - 1, Math.round((start / seconds) * columns));
    const to = Math.min(columns, Math.round((end / seconds) * columns));
    const room = to - from;
    if (room < 1) continue;
    cells[from] = '╷';
    const name = [phaseOf(phase).words, phase].find(({ length }) => room > length) ?? '';
    for (let i = 0; i < name.length; i++) cells[from + 1 + i] = name[i]!;
  }
  return paint.dim(cells.join(''));
}

function axis(seconds: number, columns: number): string {
  const end = secondsText(seconds);
  const middle = columns >= 30 ? secondsText(seconds / 2) : '';
  const left = padEnd('0', Math.floor((columns - middle.length) / 2)) + middle;
  return left + padStart(end, columns - left.length);
}

/** What charts show at a moment, in words. */

import { secondsText, valueText } from '../../units.ts';
import { FAILED, STRIDE } from '../charts/page-data.ts';
import { data, rows, seconds, subjects, timeline } from './page.ts';
import { view } from './zoom.ts';

/** Of the charts' width, to both sides, so that short tasks can be met. */
const NEAR = 1 / 1500;
/** Of a task, behind its start and end. */
type Rest = [
  computing: number,
  core: number,
  blocked: number,
  flags: number,
  subject: number,
  slice: number,
  slices: number,
];

/**
 * The task of the timeline at a moment in seconds.
 * @param y - pixels from the top
 */
export function taskText(at: number, y: number): string {
  if (timeline === null) return '';
  const r = Math.floor((y - timeline.ribbon) / timeline.pitch);
  const row = rows[r];
  if (row === undefined) return '';
  const { steps, phases, states, workers } = timeline;
  const near = (view.to - view.from) * NEAR;
  const inSeconds = (length: number): number => (length / steps) * seconds;
  for (let i = 0; i < row.length; i += STRIDE) {
    const [from, to] = [inSeconds(row[i]!), inSeconds(row[i + 1]!)];
    if (at < from - near || at > to + near) continue;
    const [computing, core, blocked, flags, subject, slice, slices] = row.slice(i + 2) as Rest;
    const hasFailed = (flags & FAILED) > 0;
    const shares = [
      [states.computing, computing],
      [states.core, core],
      [states.blocked, blocked],
    ] as const;
    const parts = shares
      .filter(([, percent]) => percent > 0)
      .map(([name, percent]) => `${name} ${percent} %`);
    const phase = `${phases[flags & (FAILED - 1)]}${hasFailed ? ', failed' : ''}`;
    return [
      `${subjects[subject]}${slices > 0 ? `, slice ${slice} of ${slices}` : ''}`,
      `${phase}, ${secondsText(to - from)}, from ${secondsText(from)} on`,
      ...(hasFailed ? [] : [parts.join(', ')]),
      workers[r],
    ].join('\n');
  }
  return `nothing to do\n${workers[r]}`;
}

/** What lines show at a moment in seconds. */
export function seriesText(id: string, at: number): string {
  const chart = data.lines.find((each) => each.id === id);
  const texts = chart?.lines.map((line) => {
    const distances = line.at.map((each) => Math.abs(each - at));
    const value = line.values[distances.indexOf(Math.min(...distances))] ?? null;
    return `${line.name}: ${value === null ? 'not measured' : valueText(value, chart.unit)}`;
  });
  return texts?.join('\n') ?? '';
}

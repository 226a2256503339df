/** The parts of the page that are words, tables and bars. */

import type { Phase } from '../../../staging/events.ts';
import type { RunAnalysis, TimeKind } from '../../analysis.ts';
import { capacity, stateNames } from '../activity.ts';
import { round, X_UNITS } from '../charts/frame.ts';
import { type Fact, gain, phaseSplit } from '../facts.ts';
import {
  bytesText,
  clampShare,
  counted,
  countText,
  percentText,
  rangeText,
  secondsText,
  shortCount,
} from '../units.ts';
import { type Cell, escaped, htmlTable, legend } from './markup.ts';

const KINDS: Readonly<Record<TimeKind, string>> = {
  computing: 'bar-computing',
  'waiting for a core': 'bar-core',
  'waiting for the disk': 'bar-blocked',
  'waiting for memory': 'bar-memory',
  'waiting for the network': 'bar-network',
  'waiting for the scheduler': 'bar-scheduler',
  'nothing to do': 'bar-idle',
  'starting up': 'bar-unknown',
  'the coordinator': 'bar-coordinator',
  'waiting for another run': 'bar-other-run',
};

const PHASE_CLASSES: Readonly<Record<Phase, string>> = {
  plan: 'bar-around',
  stage: 'bar-stage',
  wait: 'bar-other-run',
  merge: 'bar-merge',
  finalize: 'bar-around',
};

/** The few numbers that tell how big the run was. */
export function stats(analysis: RunAnalysis): string {
  const { seconds, end, timeline } = analysis;
  const entries: [string, string][] = [
    ['time', secondsText(seconds)],
    ['workers', countText(capacity(analysis))],
    ['tasks', shortCount(timeline.length)],
  ];
  if (end !== null && end.made !== null) {
    const { inputs, tiles, featuresStaged } = end.made;
    entries.push(
      ['inputs staged', shortCount(inputs.staged)],
      ['features', shortCount(featuresStaged)],
      ['tiles written', shortCount(tiles.new + tiles.changed)],
    );
  }
  if (end !== null) entries.push(['written', bytesText(end.tileBytes)]);
  const items = entries.map(
    ([name, value]) => `<div><dt>${escaped(name)}</dt><dd>${escaped(value)}</dd></div>`,
  );
  return `<dl class="stats">${items.join('')}</dl>`;
}

export function evidenceTable({ verdict }: RunAnalysis): string {
  if (verdict.evidence.length === 0) return '';
  const rows = verdict.evidence.map(({ what, value, limit, share }): Cell[] => [
    { text: what },
    { text: value },
    { text: limit ?? '' },
    limit === null || share === null
      ? { text: '', sort: share ?? -1 }
      : { text: percentText(share), sort: share },
    share === null
      ? { text: '', sort: -1 }
      : {
          text: '',
          sort: share,
          markup: `<span class="meter"><i style="width:${round(100 * clampShare(share))}%"></i></span>`,
        },
  ]);
  return htmlTable(
    'Evidence for the verdict',
    [
      { title: 'what' },
      { title: 'measured' },
      { title: 'limit' },
      { title: 'of it', align: 'right' },
      { title: '' },
    ],
    rows,
  );
}

export function adviceList(analysis: RunAnalysis): string {
  const { advice, seconds } = analysis;
  if (advice.length === 0) return '';
  const now = secondsText(seconds);
  const items = advice.map((each) => {
    const { low, high } = each.seconds;
    const [from, to] = [low, high].map((time) => round(100 * clampShare(time / seconds)));
    const bar =
      `<svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">` +
      `<rect width="100" height="8" fill="var(--track)"/><rect width="${to}" height="8" fill="var(--soft)"/>` +
      `<rect width="${from}" height="8" fill="var(--accent)"/></svg>`;
    return (
      `<li><div><b>${escaped(each.what)}</b><p>${escaped(each.why)}</p></div><div class="gain">` +
      `<b>${escaped(gain(analysis, each))}</b> as fast${bar}` +
      `<small>${escaped(`${now} → ${rangeText(low, high)}`)}</small></div></li>`
    );
  });
  return `<ol class="advice">${items.join('')}</ol>`;
}

/** One bar of the whole, divided. */
function dividedBar(
  title: string,
  parts: readonly { className: string; value: number }[],
  className = 'bar',
): string {
  const sum = parts.reduce((total, { value }) => total + value, 0);
  let x = 0;
  const rects = parts.map(({ className: color, value }) => {
    const width = sum > 0 ? (value / sum) * X_UNITS : 0;
    const rect = `<rect class="${color}" x="${round(x)}" width="${round(width)}" height="10"/>`;
    x += width;
    return width > 0 ? rect : '';
  });
  return (
    `<svg class="${className}" viewBox="0 0 ${X_UNITS} 10" preserveAspectRatio="none" role="img">` +
    `<title>${escaped(title)}</title>${rects.join('')}</svg>`
  );
}

export function timeShares({ time }: RunAnalysis): string {
  const shown = time.filter(({ seconds }) => seconds > 0);
  if (shown.length === 0) return '';
  const title = shown.map(({ kind, share }) => `${kind} ${percentText(share)}`).join(', ');
  const parts = shown.map(({ kind, seconds }) => ({ className: KINDS[kind], value: seconds }));
  const rows = shown.map(({ kind, seconds, share }): Cell[] => [
    { text: kind, markup: dotted(KINDS[kind], kind) },
    { text: secondsText(seconds), sort: seconds },
    { text: percentText(share), sort: share },
  ]);
  return (
    dividedBar(title, parts, 'bar big') +
    htmlTable(
      'Time of the workers by what it went into',
      [
        { title: 'time of the workers' },
        { title: 'worker time', align: 'right' },
        { title: 'share', align: 'right' },
      ],
      rows,
    )
  );
}

export function phaseTable(analysis: RunAnalysis): string {
  const { phases, seconds } = analysis;
  if (phases.length === 0) return '';
  const names = stateNames(analysis);
  const rows = phases.map((phase): Cell[] => {
    const { computing, core, blocked } = phaseSplit(phase);
    const rest = Math.max(0, phase.wall - computing - core - blocked);
    const took = phase.end - phase.start;
    const parts = [
      { className: 'bar-computing', value: computing },
      { className: 'bar-core', value: core },
      { className: 'bar-blocked', value: blocked },
      { className: 'bar-unknown', value: rest },
    ];
    const all = computing + core + blocked + rest;
    const title = `${phase.phase}: ${parts.map(({ className, value }) => `${names[className.slice(4) as keyof typeof names]} ${secondsText(value)}`).join(', ')}`;
    return [
      {
        text: phase.phase,
        sort: phase.start,
        markup: dotted(PHASE_CLASSES[phase.phase], phase.phase),
      },
      { text: secondsText(took), sort: took },
      { text: seconds > 0 ? percentText(took / seconds) : '', sort: took },
      { text: countText(phase.tasks), sort: phase.tasks },
      { text: phase.tasks > 0 ? secondsText(phase.cpu) : '', sort: phase.cpu },
      { text: phase.gc > 0 ? secondsText(phase.gc) : '', sort: phase.gc },
      { text: phase.readBytes > 0 ? bytesText(phase.readBytes) : '', sort: phase.readBytes },
      {
        text: phase.writtenBytes > 0 ? bytesText(phase.writtenBytes) : '',
        sort: phase.writtenBytes,
      },
      all > 0
        ? { text: '', markup: dividedBar(title, parts), sort: computing / all }
        : { text: '', sort: -1 },
    ];
  });
  const table = htmlTable(
    'Phases of the run',
    [
      { title: 'phase' },
      { title: 'took', align: 'right' },
      { title: 'share', align: 'right' },
      { title: 'tasks', align: 'right' },
      { title: 'CPU', align: 'right' },
      { title: 'of it GC', align: 'right' },
      { title: 'read', align: 'right' },
      { title: 'written', align: 'right' },
      { title: 'its tasks' },
    ],
    rows,
  );
  const key = legend([
    ['bar-computing', names.computing],
    ['bar-core', names.core],
    ['bar-blocked', names.blocked],
  ]);
  const shares = phases.map(({ phase, start, end }) => ({
    className: PHASE_CLASSES[phase],
    value: Math.max(0, end - start),
  }));
  const whole = phases.map(({ phase, start, end }) => `${phase} ${secondsText(end - start)}`);
  return `${dividedBar(whole.join(', '), shares, 'bar big')}${table}${phases.some(({ tasks }) => tasks > 0) ? key : ''}${partTable(phases)}`;
}

function dotted(className: string, name: string): string {
  return `<span class="keep"><i class="dot ${className}"></i>${escaped(name)}</span>`;
}

/** What tasks have noted of their own, as bars. */
function partTable(phases: RunAnalysis['phases']): string {
  const rows = phases.flatMap(({ phase, parts }) => {
    const entries = Object.entries(parts).filter(([, seconds]) => seconds > 0);
    const sum = entries.reduce((total, [, seconds]) => total + seconds, 0);
    entries.sort((a, b) => b[1] - a[1]);
    return entries.map(([name, seconds]): Cell[] => [
      { text: phase },
      { text: name },
      { text: secondsText(seconds), sort: seconds },
      { text: percentText(seconds / sum), sort: seconds / sum },
      {
        text: '',
        sort: seconds / sum,
        markup: `<span class="meter"><i style="width:${round((100 * seconds) / sum)}%"></i></span>`,
      },
    ]);
  });
  if (rows.length === 0) return '';
  const headings = [
    { title: 'phase' },
    { title: 'step' },
    { title: 'took', align: 'right' },
    { title: 'share', align: 'right' },
    { title: '' },
  ] as const;
  return `<h3>Steps of the tasks</h3>${htmlTable('Steps of the tasks', headings, rows)}`;
}

export function factList(facts: readonly Fact[]): string {
  const entries = facts.map(
    ({ name, value }) => `<dt>${escaped(name)}</dt><dd>${escaped(value)}</dd>`,
  );
  return `<dl class="facts">${entries.join('')}</dl>`;
}

export function missingList({ missing }: RunAnalysis): string {
  if (missing.length === 0) return '';
  return `<ul>${missing.map((reason) => `<li>${escaped(reason)}</li>`).join('')}</ul>`;
}

/** A note below a list that does not show all. */
export function moreNote(count: number): string {
  return count > 0
    ? `<p class="note" style="margin-top:10px">… and ${counted(count, 'other')}.</p>`
    : '';
}

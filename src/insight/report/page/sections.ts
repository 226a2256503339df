/** The parts of the page that are words, tables and bars. */

import { markupText } from '../../../core/printable.ts';
import type { RunAnalysis, TimeKind } from '../../analysis.ts';
import {
  bytesText,
  clampShare,
  counted,
  countText,
  percentText,
  rangeText,
  secondsText,
  shortCount,
} from '../../units.ts';
import { capacity } from '../activity.ts';
import { round } from '../charts/chart-frame.ts';
import { type Fact, gain } from '../facts.ts';
import { dividedBar, dotted } from './bars.ts';
import { type Cell, htmlTable } from './markup.ts';
import { statList } from './shell.ts';

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
  return statList(entries);
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
      `<li><div><b>${markupText(each.what)}</b><p>${markupText(each.why)}</p></div><div class="gain">` +
      `<b>${markupText(gain(analysis, each))}</b> as fast${bar}` +
      `<small>${markupText(`${now} → ${rangeText(low, high)}`)}</small></div></li>`
    );
  });
  return `<ol class="advice">${items.join('')}</ol>`;
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

export function factList(facts: readonly Fact[]): string {
  const entries = facts.map(
    ({ name, value }) => `<dt>${markupText(name)}</dt><dd>${markupText(value)}</dd>`,
  );
  return `<dl class="facts">${entries.join('')}</dl>`;
}

export function missingList({ missing }: RunAnalysis): string {
  if (missing.length === 0) return '';
  return `<ul>${missing.map((reason) => `<li>${markupText(reason)}</li>`).join('')}</ul>`;
}

/** A note below a list that does not show all. */
export function moreNote(count: number): string {
  return count > 0
    ? `<p class="note" style="margin-top:10px">… and ${counted(count, 'other')}.</p>`
    : '';
}

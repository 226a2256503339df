/** The phases of a run on the page. */

import { phases as declared, type Phase, phaseOf } from '../../../staging/telling/phases.ts';
import type { RunAnalysis } from '../../analysis.ts';
import { bytesText, countText, percentText, secondsText } from '../../units.ts';
import { stateNames } from '../activity.ts';
import { round } from '../charts/chart-frame.ts';
import { phaseSplit } from '../facts.ts';
import { dividedBar, dotted } from './bars.ts';
import { type Cell, htmlTable, legend } from './markup.ts';

/** Phases of tasks have colours in turn. */
function classOf(phase: Phase): string {
  const { work } = phaseOf(phase);
  if (work !== 'tasks') return work === 'others' ? 'bar-other-run' : 'bar-around';
  const ofTasks = declared.filter((one) => one.work === 'tasks');
  return `bar-tasks-${ofTasks.findIndex(({ name }) => name === phase) % 3}`;
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
    const { words } = phaseOf(phase.phase);
    const title = `${words}: ${parts.map(({ className, value }) => `${names[className.slice(4) as keyof typeof names]} ${secondsText(value)}`).join(', ')}`;
    return [
      {
        text: words,
        sort: phase.start,
        markup: dotted(classOf(phase.phase), words),
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
    className: classOf(phase),
    value: Math.max(0, end - start),
  }));
  const whole = phases.map(
    ({ phase, start, end }) => `${phaseOf(phase).words} ${secondsText(end - start)}`,
  );
  return `${dividedBar(whole.join(', '), shares, 'bar big')}${table}${phases.some(({ tasks }) => tasks > 0) ? key : ''}${partTable(phases)}`;
}

/** What tasks have noted of their own, as bars. */
function partTable(phases: RunAnalysis['phases']): string {
  const rows = phases.flatMap(({ phase, parts }) => {
    const entries = Object.entries(parts).filter(([, seconds]) => seconds > 0);
    const sum = entries.reduce((total, [, seconds]) => total + seconds, 0);
    entries.sort((a, b) => b[1] - a[1]);
    return entries.map(([name, seconds]): Cell[] => [
      { text: phaseOf(phase).words },
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

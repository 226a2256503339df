/** The report as a page: one file that needs nothing else. */

import { printableData } from '../../core/printable.ts';
import type { RunAnalysis } from '../analysis.ts';
import { activityChart } from './charts/areas.ts';
import { lineChart } from './charts/lines.ts';
import { timelineChart } from './charts/timeline.ts';
import { boundText, machineFacts, outcome, runFacts } from './facts.ts';
import {
  failureTable,
  sampleTable,
  slowestTable,
  stragglerTable,
  workerTable,
} from './page/lists.ts';
import { section } from './page/markup.ts';
import { phaseTable } from './page/phase-table.ts';
import {
  adviceList,
  evidenceTable,
  factList,
  missingList,
  stats,
  timeShares,
} from './page/sections.ts';
import { chartsOverTime, pageHtml } from './page/shell.ts';
import { sampleCharts } from './series.ts';

/** A page as `pageHtml` makes it. Names of inputs and messages are escaped. */
export function reportHtml(recorded: RunAnalysis): string {
  const analysis = printableData(recorded);
  const { run, verdict, seconds } = analysis;
  const timeline = timelineChart(analysis);
  const areas = activityChart(analysis);
  const charts = sampleCharts(analysis);
  const lines = charts.map((chart) => ({ chart, ...lineChart(chart, seconds) }));
  const data = {
    seconds,
    timeline: timeline?.data ?? null,
    lines: [...(areas === null ? [] : [areas.data]), ...lines.map((line) => line.data)],
  };
  const next = verdict.next === null ? '' : ` Next in the way: ${boundText(verdict.next)}.`;
  const body = `${stats(analysis)}
${section('Evidence', evidenceTable(analysis))}${section(
  'What would make it faster',
  adviceList(analysis),
)}${section('What the time of the workers went into', timeShares(analysis))}${section(
  'Over time',
  chartsOverTime([
    ['Workers and their tasks', timeline?.svg ?? ''],
    ['All workers together', areas?.svg ?? ''],
    ...lines.map(({ chart, svg }) => [chart.title, svg] as const),
  ]) +
    workerTable(analysis) +
    sampleTable(charts),
)}${section('Phases', phaseTable(analysis))}${section(
  'Slowest inputs',
  slowestTable(analysis),
)}${section(
  'Stragglers',
  stragglerTable(analysis),
  'Tasks that ran on while most workers had nothing to do any more, or that took far longer than others of their kind.',
)}${section('Failures', failureTable(analysis))}<div class="pair">
${section('Run', factList(runFacts(analysis)))}${section('Machine', factList(machineFacts(analysis)))}</div>
${section('Not measured', missingList(analysis))}`;
  return pageHtml({
    brand: 'Tilewright · report of a run',
    heading: verdict.sentence,
    lead: `${run.folder}, ${outcome(analysis)}.${next}`,
    body,
    data,
    version: run.tilewright,
  });
}

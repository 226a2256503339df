/** The report as a page: one file that needs nothing else. */

import { createHash } from 'node:crypto';
import { markupText, printableData } from '../../core/printable.ts';
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
import { scriptJson, section } from './page/markup.ts';
import { phaseTable } from './page/phases.ts';
import { SCRIPT } from './page/script.ts';
import {
  adviceList,
  evidenceTable,
  factList,
  missingList,
  stats,
  timeShares,
} from './page/sections.ts';
import { STYLE } from './page/style.ts';
import { sampleCharts } from './series.ts';

const BUTTONS = [
  ['in', 'Zoom in'],
  ['out', 'Zoom out'],
  ['left', '←'],
  ['right', '→'],
  ['all', 'All of it'],
] as const;

/**
 * A self-contained page with charts. It asks for nothing from anywhere, can be shown in a frame that
 * may only run scripts, and has all but details without scripts. Names of inputs and messages are
 * escaped; the one script that may run is named by its hash.
 */
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
  const hash = createHash('sha256').update(SCRIPT).digest('base64');
  const policy = `default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-${hash}'`;
  const next = verdict.next === null ? '' : ` Next in the way: ${boundText(verdict.next)}.`;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8"/>
<meta http-equiv="Content-Security-Policy" content="${policy}"/>
<meta name="viewport" content="width=device-width, initial-scale=1"/>
<meta name="generator" content="tilewright ${markupText(run.tilewright)}"/>
<title>${markupText(verdict.sentence)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<header><span>Tilewright · report of a run</span><button id="theme" type="button">Light or dark</button></header>
<h1>${markupText(verdict.sentence)}</h1>
<p class="lead">${markupText(`${run.folder}, ${outcome(analysis)}.${next}`)}</p>
${stats(analysis)}
${section('Evidence', evidenceTable(analysis))}${section(
  'What would make it faster',
  adviceList(analysis),
)}${section('What the time of the workers went into', timeShares(analysis))}${section(
  'Over time',
  overTime(
    timeline?.svg ?? '',
    areas?.svg ?? '',
    lines.map(({ chart, svg }) => [chart.title, svg]),
  ) +
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
${section('Not measured', missingList(analysis))}</main>
<div id="tip" hidden="hidden"></div>
<script type="application/json" id="data">${scriptJson(data)}</script>
<script>${SCRIPT}</script>
</body>
</html>
`;
}

function overTime(timeline: string, areas: string, lines: [title: string, svg: string][]): string {
  if (timeline === '' && lines.length === 0) return '';
  const buttons = BUTTONS.map(
    ([way, name]) => `<button type="button" data-zoom="${way}">${name}</button>`,
  );
  const tools = `<div class="tools">${buttons.join('')}<span>or drag across a chart</span></div>`;
  const charts: [string, string][] = [
    ['Workers and their tasks', timeline],
    ['All workers together', areas],
    ...lines,
  ];
  return (
    tools +
    charts
      .filter(([, svg]) => svg !== '')
      .map(([title, svg]) => `<h3>${markupText(title)}</h3>${svg}`)
      .join('\n')
  );
}

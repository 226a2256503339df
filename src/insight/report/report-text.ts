/** The report for a terminal. */

import { wrap } from '../../core/columns-of-text.ts';
import { printableData } from '../../core/printable.ts';
import type { RunAnalysis } from '../analysis.ts';
import { boundText, machineFacts, outcome, runFacts } from './facts.ts';
import { evidenceLines } from './terminal/evidence-table.ts';
import { type Paint, paint as paintOf } from './terminal/paint.ts';
import { phaseLines } from './terminal/phase-lines.ts';
import {
  adviceLines,
  factLines,
  failureLines,
  slowestLines,
  stragglerLines,
  timeLines,
} from './terminal/sections.ts';
import { workerLines } from './terminal/workers.ts';

/** How the report of a run is set for a terminal. */
export interface TextOptions {
  /** Columns of the terminal; below 60 it is taken as 60, above 200 as 200. */
  width: number;
  /** Whether to colour it with codes of terminals. */
  color: boolean;
}

const INDENT = '  ';
const WIDTHS = { least: 60, most: 200 };

/**
 * What bound a run, why, what would make it faster, and where its time went. The verdict is the
 * first line, or lines where it is longer than the terminal is wide.
 * @returns lines of at most `width` columns, with a newline at the end
 */
export function reportText(run: RunAnalysis, { width, color }: TextOptions): string {
  // Names of inputs, hosts and errors can hold anything; only the colours are escape sequences.
  const analysis = printableData(run);
  const columns = Math.max(WIDTHS.least, Math.min(WIDTHS.most, Math.floor(width)));
  const paint = paintOf(color);
  const inner = columns - INDENT.length;
  const lines = [
    ...wrap(analysis.verdict.sentence, columns).map(paint.bold),
    ...wrap(about(analysis), columns).map(paint.dim),
  ];
  const section = (title: string, body: string[]): void => {
    if (body.length === 0) return;
    lines.push('', paint.bold(title), ...body.map((line) => (line === '' ? '' : INDENT + line)));
  };
  section('Evidence', evidenceLines(analysis, inner, paint));
  section('What would make it faster', adviceLines(analysis, inner, paint));
  section('What the time of the workers went into', timeLines(analysis, inner, paint));
  section('Phases', phaseLines(analysis, inner, paint));
  section('Workers over time', workerLines(analysis, inner, paint));
  section('Slowest inputs', slowestLines(analysis, inner, paint));
  section('Stragglers', stragglerLines(analysis, inner, paint));
  section('Failures', failureLines(analysis, inner, paint));
  section('Run', factLines(runFacts(analysis), inner, paint));
  section('Machine', factLines(machineFacts(analysis), inner, paint));
  section('Not measured', missing(analysis, inner, paint));
  return `${lines.join('\n')}\n`;
}

function about(analysis: RunAnalysis): string {
  const { run, verdict } = analysis;
  const next = verdict.next === null ? '' : ` Next in the way: ${boundText(verdict.next)}.`;
  return `${run.folder}, ${outcome(analysis)}.${next}`;
}

function missing({ missing: reasons }: RunAnalysis, width: number, paint: Paint): string[] {
  return reasons.flatMap((reason) => wrap(reason, width).map(paint.dim));
}

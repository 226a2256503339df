/** `tilewright report`: what bound a run, and what would make it faster. */

import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { WriteStream } from 'node:tty';
import { TilewrightError } from '../core/errors.ts';
import { analyse } from '../insight/analyse.ts';
import type { RunAnalysis } from '../insight/analysis.ts';
import { reportHtml } from '../insight/report/html.ts';
import { reportJson } from '../insight/report/json.ts';
import { reportText } from '../insight/report/text.ts';
import { readRecordLines, readRecords } from '../staging/recording/record-file.ts';
import type { ReportCommand } from './report-arguments.ts';

/** Columns of what is no terminal. */
const PIPE_WIDTH = 100;

export function reportCommand({ folder, json, html, run }: ReportCommand): number {
  const analysis = analyse(readRecordLines(recordOf(folder, run)));
  if (html !== null) writePage(html, analysis);
  if (json) {
    process.stdout.write(reportJson(analysis));
  } else if (html !== null) {
    process.stdout.write(`${analysis.verdict.sentence}\n${html}: the report with charts\n`);
  } else {
    process.stdout.write(reportText(analysis, textOptions(process.stdout, process.env)));
  }
  return 0;
}

function writePage(file: string, analysis: RunAnalysis): void {
  try {
    writeFileSync(file, reportHtml(analysis));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new TilewrightError('output-unwritable', `${file} can't be written: ${reason}`, {
      cause,
    });
  }
}

/** Path of the nth last run's record. */
function recordOf(folder: string, run: number): string {
  const newest = readRecords(resolve(folder));
  const record = newest[run - 1];
  if (record !== undefined) return record.path;
  if (newest.length === 0) {
    throw new TilewrightError(
      'staged-folder',
      `${folder} has no record of a run. Give a folder that tilewright stage has written to.`,
    );
  }
  const kept = newest.length === 1 ? 'one run' : `${newest.length} runs`;
  throw new TilewrightError(
    'usage',
    `${folder} has the records of ${kept}: --run can be at most ${newest.length}, not ${run}.`,
  );
}

/** As wide as the terminal; colours only there, and not if NO_COLOR says so. */
export function textOptions(
  stream: Pick<WriteStream, 'isTTY' | 'columns'>,
  environment: NodeJS.ProcessEnv,
): { width: number; color: boolean } {
  if (!stream.isTTY) return { width: PIPE_WIDTH, color: false };
  const { NO_COLOR = '', TERM } = environment;
  return { width: stream.columns || PIPE_WIDTH, color: NO_COLOR === '' && TERM !== 'dumb' };
}

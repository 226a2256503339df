/** `tilewright report`: what bound a run, and what would make it faster. */

import type { WriteStream } from 'node:tty';
import { writeOutput } from '../../core/files/write-output.ts';
import { reportHtml } from '../../insight/report/html.ts';
import { reportJson } from '../../insight/report/json.ts';
import { reportText } from '../../insight/report/report-text.ts';
import { runReport } from '../../insight/run-report.ts';
import type { ReportCommand } from '../arguments/report-arguments.ts';
import { styledWriter } from '../output.ts';
import { wantsColor } from '../progress/style.ts';

/** Columns of what is no terminal. */
const PIPE_WIDTH = 100;

export function reportCommand({ folder, json, html, run }: ReportCommand): number {
  const analysis = runReport(folder, run);
  if (html !== null) writeOutput(html, reportHtml(analysis));
  if (json) {
    process.stdout.write(reportJson(analysis));
  } else if (html !== null) {
    process.stdout.write(`${analysis.verdict.sentence}\n${html}: the report with charts\n`);
  } else {
    const options = textOptions(process.stdout, process.env);
    styledWriter(process.stdout)(reportText(analysis, options));
  }
  return 0;
}

/** As wide as the terminal; colours only there, unless the environment says otherwise. */
export function textOptions(
  stream: Pick<WriteStream, 'isTTY' | 'columns'>,
  environment: NodeJS.ProcessEnv,
): { width: number; color: boolean } {
  const { isTTY, columns } = stream;
  return {
    width: isTTY ? columns || PIPE_WIDTH : PIPE_WIDTH,
    color: wantsColor(isTTY, environment),
  };
}

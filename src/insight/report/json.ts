/** The report for programs. */

import type { RunAnalysis } from '../analysis.ts';

/** The analysis, and the version of its shape. */
export interface ReportJson extends RunAnalysis {
  version: 1;
}

/** One line of JSON, with a newline at the end. */
export function reportJson(analysis: RunAnalysis): string {
  const report: ReportJson = { version: 1, ...analysis };
  return `${JSON.stringify(report)}\n`;
}

/** Options of `tilewright report`. */

import { z } from 'zod';
import { optionsOf } from './option.ts';
import { flag, pageFile, runNumber } from './shared-fields.ts';

export const reportSchema = z.strictObject({
  json: flag('Print the report as JSON.'),
  html: pageFile('Write it as one page with charts; a file that is there is replaced.'),
  run: runNumber('Which run to report: 1 the last, 2 the one before, and so on.'),
});

export interface ReportCommand extends z.output<typeof reportSchema> {
  command: 'report';
  folder: string;
}

export const REPORT_OPTIONS = optionsOf(reportSchema, {
  json: {},
  html: { argument: 'FILE', kind: 'file' },
  run: {},
});

/** Options of `tilewright monitor`. */

import { z } from 'zod';
import { serveSchema } from '../../viewer/serve-schema.ts';
import { optionsOf } from './option.ts';
import { flag, pageFile, runNumber } from './shared-fields.ts';

export const monitorSchema = z
  .strictObject({
    once: flag('Print how it goes, and end; so it is where there is no terminal.'),
    json: flag('Print it as JSON, and end.'),
    html: pageFile('Write it as one page with charts, and end; a file that is there is replaced.'),
    serve: flag('Show it as a page that goes with the run, on this machine alone.'),
    port: serveSchema.shape.port,
    run: runNumber('Which run of the file: 1 the last, 2 the one before, and so on.'),
  })
  .refine(({ port, serve }) => serve || port === undefined, { error: '--port goes with --serve' })
  .refine(({ serve, once, json, html }) => !(serve && (once || json || html !== null)), {
    error: '--serve goes with none of --once, --json and --html',
  });

export interface MonitorCommand extends z.output<typeof monitorSchema> {
  command: 'monitor';
  /** A file of a MonitoringHub, or a folder that has one. */
  path: string;
}

export const MONITOR_OPTIONS = optionsOf(monitorSchema, {
  once: {},
  json: {},
  html: { argument: 'FILE|DIR', kind: 'file' },
  serve: {},
  port: {
    description: 'Port of the page; 0: any that is free.',
    default: '4183, or the next one that is free',
  },
  run: {},
});

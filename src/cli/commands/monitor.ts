/** `tilewright monitor`: how a run on `tilewright/parallel` goes, or how it has gone. */

import { statSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { WriteStream } from 'node:tty';
import { writeOutput } from '../../core/files/write-output.ts';
import { monitoringHtml } from '../../insight/monitoring/monitoring-html.ts';
import {
  findMonitoringFile,
  MonitoringSource,
} from '../../insight/monitoring/monitoring-source.ts';
import { monitoringLines } from '../../insight/monitoring/monitoring-text.ts';
import { headline } from '../../insight/monitoring/monitoring-words.ts';
import { readHistory } from '../../insight/monitoring/read-history.ts';
import { readSummary } from '../../insight/monitoring/read-summary.ts';
import type { RunSummary } from '../../insight/monitoring/run-summary.ts';
import { serveMonitor } from '../../viewer/serve-monitor.ts';
import type { MonitorCommand } from '../arguments/monitor-arguments.ts';
import { styledWriter } from '../output.ts';
import { LiveBlock } from '../progress/live-block.ts';
import { STOP_SIGNALS } from '../stop-signals.ts';
import { textOptions } from './report.ts';

/** Milliseconds between two looks; where a look takes long, it takes a fifth of the time. */
const LOOK_MS = 1_000;
const LOOK_SHARE = 5;

/** @returns the exit code */
export async function monitorCommand(command: MonitorCommand): Promise<number> {
  const file = findMonitoringFile(command.path);
  if (command.serve) return serve(file, command);
  const source = new MonitoringSource(file, command.run);
  try {
    const { json, html, once } = command;
    if (!json && html === null && !once && canRedraw(process.stdout)) {
      return await follow(source, process.stdout);
    }
    const summary = readSummary(source);
    if (html !== null) {
      const path = writePage(html, file, monitoringHtml(summary, readHistory(source, summary)));
      if (!json) process.stdout.write(`${headline(summary)}\n${path}: the page with charts\n`);
    }
    if (json) process.stdout.write(`${JSON.stringify({ version: 1, ...summary })}\n`);
    else if (html === null) print(summary);
    return 0;
  } finally {
    source.close();
  }
}

function canRedraw(stream: WriteStream): boolean {
  return stream.isTTY && process.env['TERM'] !== 'dumb';
}

function print(summary: RunSummary): void {
  const lines = monitoringLines(summary, textOptions(process.stdout, process.env));
  styledWriter(process.stdout)(`${lines.join('\n')}\n`);
}

/** Redraws until the run has ended, or somebody presses Ctrl-C: the run goes on then. */
async function follow(source: MonitoringSource, stream: WriteStream): Promise<number> {
  const write = styledWriter(stream);
  const block = new LiveBlock({
    write,
    get columns() {
      return stream.columns;
    },
    get rows() {
      return stream.rows;
    },
  });
  const stopped = Promise.withResolvers<void>();
  let on = true;
  let took = 0;
  const stop = (): void => {
    on = false;
    stopped.resolve();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, stop);
  let summary = readSummary(source);
  try {
    while (on && summary.state === 'running') {
      const { columns, rows } = block.size;
      const { color } = textOptions(stream, process.env);
      block.draw(monitoringLines(summary, { width: columns - 1, height: rows - 1, color }), true);
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, Math.max(LOOK_MS, LOOK_SHARE * took));
      await Promise.race([promise, stopped.promise]);
      clearTimeout(timer);
      const started = performance.now();
      summary = readSummary(source);
      took = performance.now() - started;
    }
  } finally {
    block.clear();
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.off(signal, stop);
  }
  print(summary);
  return 0;
}

/** @returns the path of the file, which is in the folder if one was given */
function writePage(given: string, file: string, html: string): string {
  const isFolder = statSync(given, { throwIfNoEntry: false })?.isDirectory() ?? false;
  const path = isFolder ? join(given, `${basename(file, '.db')}.html`) : given;
  writeOutput(path, html);
  return path;
}

async function serve(file: string, { run, port }: MonitorCommand): Promise<number> {
  const viewer = await serveMonitor(file, run, { port });
  const stopped = new Promise<void>((resolve) => {
    for (const signal of STOP_SIGNALS) process.once(signal, resolve);
  });
  process.stdout.write(`${file} is shown at ${viewer.url}\nCtrl-C ends it; the run goes on\n`);
  await stopped;
  await viewer.close();
  return 0;
}

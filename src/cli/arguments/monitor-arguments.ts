/** Options of `tilewright monitor`, and how their texts are read. */

import type { Option } from './option.ts';
import { readPort } from './serve-arguments.ts';

export interface MonitorCommand {
  command: 'monitor';
  /** A file of a MonitoringHub, or a folder that has one. */
  path: string;
  once: boolean;
  json: boolean;
  /** The file or folder that the page is written to; null: no page. */
  html: string | null;
  serve: boolean;
  port: number | undefined;
  /** Which of the file's runs: 1 is the last, 2 the one before. */
  run: number;
}

export const MONITOR_OPTIONS: readonly Option[] = [
  { name: 'once', description: 'Print how it goes, and end; so it is where there is no terminal.' },
  { name: 'json', description: 'Print it as JSON, and end.' },
  {
    name: 'html',
    argument: 'FILE|DIR',
    kind: 'file',
    description: 'Write it as one page with charts, and end; a file that is there is replaced.',
    default: 'none',
  },
  {
    name: 'serve',
    description: 'Show it as a page that goes with the run, on this machine alone.',
  },
  {
    name: 'port',
    argument: 'N',
    description: 'Port of the page; 0: any that is free.',
    default: '4183, or the next one that is free',
  },
  {
    name: 'run',
    argument: 'N',
    description: 'Which run of the file: 1 the last, 2 the one before, and so on.',
    default: '1',
  },
];

/**
 * @param given - texts of the options
 * @param usage - makes the error for a wrong command line
 */
export function monitorValues(
  given: ReadonlyMap<string, string[]>,
  positionals: readonly string[],
  usage: (message: string) => Error,
): MonitorCommand {
  const [path = 'runinfo', ...more] = positionals;
  if (more.length > 0) throw usage('monitor takes one RUN.');
  const run = given.get('run')?.at(-1) ?? '1';
  if (!/^0*[1-9]\d{0,8}$/.test(run)) {
    throw usage(`--run must be a whole number ≥ 1, not "${run}".`);
  }
  const serve = given.has('serve');
  if (given.has('port') && !serve) throw usage('--port goes with --serve.');
  if (serve && (given.has('json') || given.has('html') || given.has('once'))) {
    throw usage('--serve goes with none of --once, --json and --html.');
  }
  return {
    command: 'monitor',
    path,
    once: given.has('once'),
    json: given.has('json'),
    html: given.get('html')?.at(-1) ?? null,
    serve,
    port: readPort(given, usage),
    run: Number(run),
  };
}

/** Options of `tilewright report`, and how their texts are read. */

import type { Option } from './option.ts';
export interface ReportCommand {
  command: 'report';
  folder: string;
  json: boolean;
  /** The file that the page is written to; null: no page. */
  html: string | null;
  /** Which run: 1 is the last, 2 the one before. */
  run: number;
}

export const REPORT_OPTIONS: readonly Option[] = [
  { name: 'json', description: 'Print the report as JSON.' },
  {
    name: 'html',
    argument: 'FILE',
    kind: 'file',
    description: 'Write it as one page with charts; a file that is there is replaced.',
    default: 'none',
  },
  {
    name: 'run',
    argument: 'N',
    description: 'Which run to report: 1 the last, 2 the one before, and so on.',
    default: '1',
  },
];

/**
 * @param given - texts of the options
 * @param usage - makes the error for a wrong command line
 */
export function reportValues(
  given: ReadonlyMap<string, string[]>,
  positionals: readonly string[],
  usage: (message: string) => Error,
): ReportCommand {
  const [folder, ...more] = positionals;
  if (folder === undefined || more.length > 0) throw usage('report needs one DIR.');
  const run = given.get('run')?.at(-1) ?? '1';
  if (!/^0*[1-9]\d{0,8}$/.test(run)) {
    throw usage(`--run must be a whole number ≥ 1, not "${run}".`);
  }
  const html = given.get('html')?.at(-1) ?? null;
  return { command: 'report', folder, json: given.has('json'), html, run: Number(run) };
}

/**
 * How an error is told: in a sentence or as JSON, and with the places in the program where it came
 * from only if somebody asks for them.
 */

import { type ErrorJson, TilewrightError, toTilewrightError } from '../core/errors.ts';
import { hanging } from './output.ts';

/** What the command line says about how errors are told, whether it can be understood or not. */
export interface Manner {
  json: boolean;
  /** Whether stack traces are shown. */
  stacks: boolean;
}

export function mannerOf(argv: readonly string[], environment: NodeJS.ProcessEnv): Manner {
  const end = argv.indexOf('--');
  const words = end === -1 ? argv : argv.slice(0, end);
  const debug = environment['TILEWRIGHT_DEBUG'] ?? '';
  // Before the command, -v asks for the version.
  const verbose = words.includes('--verbose') || words.slice(1).includes('-v');
  return {
    json: words.includes('--json'),
    stacks: verbose || (debug !== '' && debug !== '0'),
  };
}

/** Prints an error: as one event on standard output with `--json`, else as text on standard error. */
export function tellError(caught: unknown, { json, stacks }: Manner): void {
  const error = toTilewrightError(caught);
  if (json) {
    const event = { type: 'error', ...error.toJSON(), ...(stacks && { stack: stackOf(caught) }) };
    process.stdout.write(`${JSON.stringify(event, stacks ? undefined : unstacked)}\n`);
    return;
  }
  process.stderr.write(`tilewright: ${hanging(error.message)}\n`);
  if (error.code === 'internal') process.stderr.write(`${FAULT}\n`);
  if (stacks) process.stderr.write(`${stackOf(caught)}\n`);
}

/** What is said besides of an error that nobody has thought of. */
const FAULT =
  'This is a fault in tilewright itself. With --verbose, or TILEWRIGHT_DEBUG=1, it tells where.';

/** The stack trace of what was thrown, and those of its causes. */
export function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const stack = error.stack ?? String(error);
  return error.cause === undefined ? stack : `${stack}\nCaused by ${stackOf(error.cause)}`;
}

/** For JSON.stringify: leaves out the stack traces of errors, which have a code and a message. */
export function unstacked(this: unknown, key: string, value: unknown): unknown {
  if (key !== 'stack') return value;
  const error = this as Partial<ErrorJson>;
  return error.code !== undefined && error.message !== undefined ? undefined : value;
}

/** An error of a worker, as it is told: with its stack trace if somebody asks for it. */
export function workerErrorText(text: string, json: ErrorJson, stacks: boolean): string {
  const fault = json.code === 'internal' ? `\n${FAULT}` : '';
  return stacks ? `${text}${fault}\n${stackOf(TilewrightError.fromJSON(json))}` : text + fault;
}

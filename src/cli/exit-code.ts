/** What the program exits with. */

import type { TilewrightError } from '../core/errors.ts';

const EXIT_FAILED = 1;
const EXIT_USAGE = 2;
const EXIT_INTERRUPTED = 130;

/** Codes of errors in what the person wrote, not in the data. */
const USAGE_CODES = new Set([
  'usage',
  'config-invalid',
  'config-differs',
  'tiles-foreign',
  'tms-unknown',
  'tms-invalid',
]);

/** The code that the program exits with after this error. */
export function exitCode(error: TilewrightError): number {
  if (error.code === 'interrupted') return EXIT_INTERRUPTED;
  return USAGE_CODES.has(error.code) ? EXIT_USAGE : EXIT_FAILED;
}

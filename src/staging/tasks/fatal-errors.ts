/** Errors that are about more than what a task works on. */

import type { ErrorCode, TilewrightError } from '../../core/errors.ts';

/** Of the disk, of whoever stops the run, and of the engine: none of them is about one input. */
const FATAL: readonly ErrorCode[] = [
  'disk-full',
  'disk-fault',
  'system-limit',
  'output-unwritable',
  'interrupted',
  'block-failed',
  'scheduler',
  'queue',
];

/** Errors after which the other inputs, or tiles, can't be worked on either. */
export function isFatal(error: TilewrightError): boolean {
  return FATAL.includes(error.code);
}

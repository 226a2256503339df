/** Opens files, and nothing else, for reading. */

import { closeSync, constants, fstatSync, lstatSync, openSync } from 'node:fs';
import { TilewrightError } from '../errors.ts';
import { kindOf } from './make-folder.ts';

/** Windows has neither. */
const { O_RDONLY, O_NONBLOCK = 0, O_NOFOLLOW = 0 } = constants;

/** For files of a staged folder: no link is followed, no named pipe is waited for. */
export const READ_FLAGS = O_RDONLY | O_NONBLOCK | O_NOFOLLOW;

/**
 * Opens a file for reading. Of a named pipe, open(2) would wait for the other end, for ever perhaps;
 * so it is asked not to, and what was opened is looked at.
 * @param input - what errors name
 * @throws TilewrightError input-format for anything but a file; the system's own errors
 */
export function openRegular(path: string, input = path): number {
  let fd: number;
  try {
    fd = openSync(path, O_RDONLY | O_NONBLOCK);
  } catch (error) {
    // What open(2) says of a socket, and of devices that are not there.
    if ((error as NodeJS.ErrnoException).code === 'ENXIO') throw noFile(path, 'a socket', input);
    throw error;
  }
  const stats = fstatSync(fd);
  if (stats.isFile()) return fd;
  closeSync(fd);
  throw noFile(path, kindOf(stats), input);
}

/** Opens a file of a staged folder for reading. @throws TilewrightError staged-folder for a link */
export function openOwn(path: string): number {
  try {
    return openSync(path, READ_FLAGS);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ELOOP' && code !== 'ENXIO') throw error;
    const what = kindOf(lstatSync(path));
    throw new TilewrightError('staged-folder', `${path} is ${what}, where a file should be`);
  }
}

function noFile(path: string, what: string, input: string): TilewrightError {
  return new TilewrightError(
    'input-format',
    `${path} is ${what}, not a file. Save what comes out of it as a file first`,
    { input },
  );
}

/** A file by which tasks hand data on: what an app reads or writes, as a value that can be sent. */

import { basename, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { TilewrightError } from '../../core/errors.ts';

/**
 * A file on a disk that the program and its workers reach under the same path, as Parsl's `File`. In
 * a text it stands for its path. Sent to a worker it is a `File` there, too.
 */
export class File {
  /** `file:///data/lakes.gpkg`, whichever way it was given. */
  readonly url: string;
  readonly scheme = 'file';
  /** Absolute. */
  readonly path: string;
  /** The last part of the path. */
  readonly filename: string;

  /**
   * @param url - a path, or a URL with the scheme `file`; a relative path begins at the working
   *   directory of whoever makes the File
   * @throws TilewrightError usage for other schemes, and for what is no path
   */
  constructor(url: string | URL) {
    this.path = localPath(String(url));
    this.url = pathToFileURL(this.path).href;
    this.filename = basename(this.path);
  }

  /** The path: Parsl's name for it. */
  get filepath(): string {
    return this.path;
  }

  /** Another File of the same path. */
  cleancopy(): File {
    return new File(this.url);
  }

  toString(): string {
    return this.path;
  }

  toJSON(): string {
    return this.path;
  }
}

function localPath(text: string): string {
  const scheme = /^([a-z][a-z\d+.-]+):\/|^(file|data|https?):/i.exec(text);
  const name = (scheme?.[1] ?? scheme?.[2])?.toLowerCase();
  if (name !== undefined && name !== 'file') {
    throw new TilewrightError(
      'usage',
      `A File is on a disk that the workers reach; ${text} is not (${name}:). Have an app fetch it, ` +
        'to a File among its outputs, and pass that on',
    );
  }
  if (text === '' || text.includes('\0')) {
    throw new TilewrightError('usage', `${JSON.stringify(text)} is no path of a File`);
  }
  if (name === undefined) return resolve(text);
  try {
    return fileURLToPath(text);
  } catch (cause) {
    throw new TilewrightError('usage', `${text} is no URL of a file here: write file:///PATH`, {
      cause,
    });
  }
}

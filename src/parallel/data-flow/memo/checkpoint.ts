/**
 * A file of results that outlive their process: lines of JSON, to which any number of processes may
 * append at once. Each says its version.
 */

import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { TilewrightError, toTilewrightError } from '../../../core/errors.ts';
import { makeFolder } from '../../../core/files/make-folder.ts';

const VERSION = 1;

/** A line. Lines of version 0.1.0 have neither `v` nor a key that could be asked for. */
interface Entry {
  v: number;
  key: string;
  /** By values/codec.ts. */
  text: string;
}

/**
 * Calls back with each result in a file.
 * @param required - whether it is an error if there is none
 * @throws TilewrightError input-unreadable; input-format for a later version than this program's
 */
export function readCheckpoint(
  path: string,
  required: boolean,
  onEntry: (key: string, text: string) => void,
): void {
  let content: string;
  try {
    content = readFileSync(path, 'utf8');
  } catch (error) {
    if (!required && (error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw toTilewrightError(error, { input: path }, 'input-unreadable');
  }
  for (const line of content.split('\n')) {
    const entry = parse(line);
    if (entry === null || entry.v === undefined) continue;
    if (entry.v > VERSION) {
      throw new TilewrightError(
        'input-format',
        `${path} was written by a later version of Tilewright (version ${entry.v} of its form, ` +
          `where this one knows ${VERSION}): take that version, or another runDir`,
        { input: path },
      );
    }
    if (typeof entry.key === 'string' && typeof entry.text === 'string') {
      onEntry(entry.key, entry.text);
    }
  }
}

/** Null for a line that a crash has cut short: its result has to be computed again. */
function parse(line: string): Partial<Entry> | null {
  if (line === '') return null;
  try {
    return Object(JSON.parse(line)) as Partial<Entry>;
  } catch {
    return null;
  }
}

/** Appends to a file of results. */
export class CheckpointWriter {
  readonly path: string;
  #file: number | undefined;

  constructor(path: string) {
    this.path = path;
  }

  /** @throws TilewrightError output-unwritable, disk-full */
  append(entries: readonly (readonly [key: string, text: string])[]): void {
    if (entries.length === 0) return;
    const lines = entries.map(([key, text]) => JSON.stringify({ v: VERSION, key, text }));
    try {
      let first = '';
      if (this.#file === undefined) {
        makeFolder(dirname(this.path));
        this.#file = openSync(this.path, 'a');
        // Another process may have left half a line.
        first = '\n';
      }
      const bytes = Buffer.from(`${first}${lines.join('\n')}\n`);
      for (let at = 0; at < bytes.length; ) at += writeSync(this.#file, bytes, at);
    } catch (error) {
      throw toTilewrightError(error, {}, 'output-unwritable');
    }
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }
}

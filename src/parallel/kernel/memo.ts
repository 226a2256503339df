/**
 * Results of apps that were run before, by what they depend on: the app's name, the text of its
 * module, its arguments. With a checkpoint they outlive the process, and the next one finds them.
 */

import { createHash } from 'node:crypto';
import { appendFileSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { toTilewrightError } from '../../core/errors.ts';
import { makeFolder } from '../../core/make-folder.ts';
import type { FunctionLocation } from '../registry.ts';

/** A line of a checkpoint file. */
interface Entry {
  key: string;
  /** Absent for undefined. */
  result?: unknown;
}

export interface KeyOptions {
  each?: boolean | undefined;
  /** Positions of arguments, from 0, and names of keys of arguments that are plain objects. */
  ignoreForCache?: readonly (number | string)[] | undefined;
}

function withoutIgnored(
  args: readonly unknown[],
  ignored: readonly (number | string)[],
): readonly unknown[] {
  if (ignored.length === 0) return args;
  return args.map((arg, i) => {
    if (ignored.includes(i)) return null;
    if (typeof arg !== 'object' || arg === null) return arg;
    if (Object.getPrototypeOf(arg) !== Object.prototype) return arg;
    return Object.fromEntries(Object.entries(arg).filter(([key]) => !ignored.includes(key)));
  });
}

export class Memo {
  readonly #results = new Map<string, unknown>();
  readonly #moduleHashes = new Map<string, string>();
  readonly #checkpoint: string | null;

  /** @param checkpoint - file that results are appended to, and read from now; null for none */
  constructor(checkpoint: string | null, alsoRead: readonly string[] = []) {
    this.#checkpoint = checkpoint;
    for (const path of alsoRead) this.#read(path, true);
    if (checkpoint !== null) this.#read(checkpoint, false);
  }

  get size(): number {
    return this.#results.size;
  }

  /** @param call - `each` and `ignoreForCache` of it */
  keyOf({ name, url }: FunctionLocation, args: readonly unknown[], call: KeyOptions = {}): string {
    const { each = false, ignoreForCache = [] } = call;
    const lists = (each ? args : [args]) as readonly (readonly unknown[])[];
    const kept = lists.map((list) => withoutIgnored(list, ignoreForCache));
    const text = JSON.stringify([name, this.#hashOf(url), each, kept], sortKeys);
    return createHash('sha256').update(text).digest('base64url');
  }

  has(key: string): boolean {
    return this.#results.has(key);
  }

  get(key: string): unknown {
    return this.#results.get(key);
  }

  /** Written at once: a process that is killed later has not computed it in vain. */
  set(key: string, result: unknown): void {
    this.#results.set(key, result);
    if (this.#checkpoint === null) return;
    try {
      makeFolder(dirname(this.#checkpoint));
      appendFileSync(this.#checkpoint, `${JSON.stringify({ key, result } satisfies Entry)}\n`);
    } catch (error) {
      throw toTilewrightError(error, {}, 'output-unwritable');
    }
  }

  #hashOf(url: string): string {
    let hash = this.#moduleHashes.get(url);
    if (hash === undefined) {
      const text = url.startsWith('file:') ? readFileSync(fileURLToPath(url)) : url;
      hash = createHash('sha256').update(text).digest('base64url');
      this.#moduleHashes.set(url, hash);
    }
    return hash;
  }

  #read(path: string, required: boolean): void {
    let text: string;
    try {
      text = readFileSync(path, 'utf8');
    } catch (error) {
      if (!required && (error as NodeJS.ErrnoException).code === 'ENOENT') return;
      throw toTilewrightError(error, { input: path }, 'input-unreadable');
    }
    // A last line that was cut short by a crash has no end; half a line in between, where two
    // processes were killed, is no JSON. Both stand for results that have to be computed again.
    for (const line of text.split('\n').slice(0, -1)) {
      try {
        const { key, result } = JSON.parse(line) as Entry;
        if (typeof key === 'string') this.#results.set(key, result);
      } catch (error) {
        if (!(error instanceof SyntaxError)) throw error;
      }
    }
  }
}

/** Objects that differ in the order of their keys alone are the same arguments. */
function sortKeys(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

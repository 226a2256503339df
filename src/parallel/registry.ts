/**
 * Which functions may be run by name. A queue carries names, so nobody who can write to a queue can
 * make a worker run anything that its owner has not registered.
 */

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TilewrightError } from '../core/errors.ts';
import { didYouMean } from '../core/nearest.ts';
import { packageVersion } from '../core/version.ts';
import { isOwnModule } from './inside/import-module.ts';

/** Where the function of a task is found. */
export interface FunctionLocation {
  /** The task's name, `module.export`. */
  name: string;
  /** URL of the module. */
  url: string;
  exportName: string;
  /** What stands behind the first `+` of a name `module.export+module.export`: see `nextFunction`. */
  next?: FunctionLocation;
}

/** The modules whose functions tasks may call, by name. */
export class Registry {
  readonly #modules = new Map<string, string>();
  readonly #fingerprints = new Map<string, string>();
  #more: () => Iterable<readonly [name: string, url: string]> = () => [];

  /** @param modules - URLs of modules by name, to begin with */
  constructor(modules: Iterable<readonly [name: string, url: string]> = []) {
    for (const [name, url] of modules) this.register(url, name);
  }

  /**
   * Makes the functions that a module exports known as `name.export`.
   * @param module - URL of the module, such as `new URL('./apps.ts', import.meta.url)`
   * @param name - default: the file's name without its extension, other characters than letters, digits, _
   *   and - as -
   * @returns the name
   * @throws TilewrightError usage if another module has the name
   */
  register(module: string | URL, name?: string): string {
    if (typeof module === 'function') {
      const { name: own } = module as { name: string };
      throw new TilewrightError(
        'usage',
        `A function is sent by its name: export it, and write app(import.meta.url, '${own || 'name'}')`,
      );
    }
    const url = String(module);
    if (!/^(file|data|node):/.test(url)) {
      throw new TilewrightError(
        'usage',
        `A module is named by its URL, not "${url}": write new URL('./apps.ts', import.meta.url)`,
      );
    }
    const chosen = name ?? stem(url);
    if (!/^[\w-]+$/.test(chosen)) {
      throw new TilewrightError(
        'usage',
        `"${chosen}" can't name a module: take letters, digits, _ and -`,
      );
    }
    const known = this.#modules.get(chosen);
    if (known !== undefined && known !== url) {
      throw new TilewrightError(
        'usage',
        `Two modules would be named ${chosen}: ${known} and ${url}. Give one another name`,
      );
    }
    this.#modules.set(chosen, url);
    return chosen;
  }

  /** Says where modules are looked for that nobody has registered here. */
  lookIn(more: () => Iterable<readonly [name: string, url: string]>): void {
    this.#more = more;
  }

  /**
   * What tells a module from another one of its name: a hash of its text, or this package's version.
   * Null if none has the name.
   */
  fingerprint(name: string): string | null {
    const url = this.#urlOf(name);
    if (url === undefined) return null;
    let known = this.#fingerprints.get(url);
    if (known === undefined) {
      known = fingerprintOf(url);
      this.#fingerprints.set(url, known);
    }
    return known;
  }

  /** Those of all modules of a task's name, between spaces; of one that none has, nothing. */
  fingerprintsOf(task: string): string {
    return modulesOf(task)
      .map((name) => this.fingerprint(name) ?? '')
      .join(' ');
  }

  /**
   * The first module of a task's name that is not here, or is another one than where the task is from.
   * @param fingerprints - as `fingerprintsOf` has them there
   */
  foreignModule(task: string, fingerprints: string): string | undefined {
    const theirs = fingerprints.split(' ');
    return modulesOf(task).find((name, i) => this.fingerprint(name) !== theirs[i]);
  }

  /** @throws TilewrightError task-unknown */
  locate(name: string): FunctionLocation {
    const plus = name.indexOf('+');
    if (plus > 0) {
      return {
        ...this.locate(name.slice(0, plus)),
        name,
        next: this.locate(name.slice(plus + 1)),
      };
    }
    const dot = name.indexOf('.');
    const module = name.slice(0, Math.max(dot, 0));
    const url = this.#urlOf(module);
    if (url === undefined || dot < 1) {
      throw new TilewrightError(
        'task-unknown',
        `No function is registered as ${name} here.${didYouMean(module, this.#modules.keys())} ` +
          'A worker that was started by hand needs --tasks with its module, or --commands for ' +
          'those of bash apps',
      );
    }
    return { name, url, exportName: name.slice(dot + 1) };
  }

  #urlOf(module: string): string | undefined {
    if (!this.#modules.has(module)) {
      for (const [known, url] of this.#more()) this.register(url, known);
    }
    return this.#modules.get(module);
  }

  /** Names and URLs of all modules. */
  modules(): [name: string, url: string][] {
    return [...this.#modules];
  }
}

/** What is registered in this process. */
export const registry = new Registry();

function fingerprintOf(url: string): string {
  if (isOwnModule(url)) return packageVersion();
  let text: Buffer | string = url;
  try {
    if (url.startsWith('file:')) text = readFileSync(fileURLToPath(url));
  } catch {
    // Who imports it will say so.
  }
  return createHash('sha256').update(text).digest('base64url').slice(0, 22);
}

/** The modules of a task's name, one for each function in it, in their order. */
export function modulesOf(task: string): string[] {
  return task.split('+').map((name) => name.slice(0, Math.max(0, name.indexOf('.'))));
}

function stem(url: string): string {
  if (!url.startsWith('file:')) return '';
  return basename(fileURLToPath(url))
    .replace(/\.[cm]?[jt]sx?$/, '')
    .replaceAll(/[^\w-]+/g, '-');
}

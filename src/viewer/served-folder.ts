/** The folder that is shown: staged already, or one that a run is about to begin in. */

import { existsSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, sep } from 'node:path';
import { TilewrightError } from '../core/errors.ts';
import { Journal } from '../staging/folder/journal/journal.ts';
import { journalPath, PRIVATE, privateFolder } from '../staging/folder/staged-folder.ts';
import { FolderData } from './data/folder-data.ts';
import { LastReport } from './last-report.ts';
import { LiveRun } from './run/live-run.ts';
import type { WaitingFolder } from './shared/run-messages.ts';

export class ServedFolder {
  readonly run: LiveRun;
  readonly #path: string;
  /** As it was given. */
  readonly #name: string;
  #data: FolderData | null = null;
  #report: LastReport | null = null;

  /** @param path - absolute; @param name - as it was given */
  constructor(path: string, name: string) {
    this.#path = path;
    this.#name = name;
    this.run = new LiveRun(path);
  }

  /** @throws TilewrightError staged-folder for what is no staged folder, and won't become one */
  static open(path: string, name: string): ServedFolder {
    requireLikely(path, name);
    return new ServedFolder(path, name);
  }

  async close(): Promise<void> {
    await Promise.all([this.run.close(), this.#data?.close()]);
  }

  /** What is staged; null while nothing is. @throws TilewrightError staged-folder */
  async data(): Promise<FolderData | null> {
    if (this.#data !== null) return this.#data;
    const journal = journalPath(this.#path);
    if (!existsSync(journal)) return null;
    if (!realpathSync(journal).startsWith(realpathSync(this.#path) + sep)) {
      throw new TilewrightError(
        'staged-folder',
        `The journal of ${this.#name} is a link out of the folder, and is not read`,
      );
    }
    // Of a run that has just begun it is empty.
    if (statSync(journal).size === 0 || !hasSettings(journal)) return null;
    this.#data = new FolderData(this.#path);
    await this.#data.version();
    return this.#data;
  }

  get waiting(): WaitingFolder {
    return { waiting: true, name: basename(this.#path), isThere: existsSync(this.#path) };
  }

  /** null while there is no folder. */
  get report(): LastReport | null {
    if (this.#report === null && existsSync(privateFolder(this.#path))) {
      this.#report = new LastReport(realpathSync(this.#path));
    }
    return this.#report;
  }

  /** A message without where the folder is. */
  shown(message: string): string {
    const root = this.#data?.root ?? this.#path;
    return message.replaceAll(root + sep, '').replaceAll(this.#path + sep, '');
  }
}

function hasSettings(path: string): boolean {
  const journal = new Journal(path, { readOnly: true });
  try {
    return journal.settings() !== null;
  } finally {
    journal.close();
  }
}

/** A name that is mistyped would be waited for in vain. */
function requireLikely(path: string, name: string): void {
  const advice = 'Name the folder that was given to tilewright stage as --out';
  const there = statSync(path, { throwIfNoEntry: false });
  let what = '';
  if (there === undefined) {
    if (existsSync(dirname(path))) return;
    what = 'is not there, nor is the folder above it';
  } else if (!there.isDirectory()) what = 'is no folder';
  else {
    const entries = readdirSync(path);
    if (entries.length === 0 || entries.includes(PRIVATE)) return;
    what = 'has no journal: it is no staged folder';
  }
  throw new TilewrightError('staged-folder', `${name} ${what}. ${advice}`);
}

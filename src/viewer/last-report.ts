/** The report of the last run into a staged folder, made when somebody wants to see it. */

import { existsSync, realpathSync, statSync } from 'node:fs';
import { sep } from 'node:path';
import { reportHtml } from '../insight/report/html.ts';
import { runReport } from '../insight/run-report.ts';
import { readRecords } from '../staging/recording/record-file.ts';

export class LastReport {
  readonly #folder: string;
  #made: { version: string; html: string } | null = null;

  /** @param folder - the staged folder's real path */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Which report it is; null if no run was recorded. A run that goes on has one after the other. */
  version(): string | null {
    const path = readRecords(this.#folder)[0]?.path;
    if (path === undefined || !existsSync(path)) return null;
    // Nothing is shown that is not in the folder.
    if (!realpathSync(path).startsWith(this.#folder + sep)) return null;
    return `${path} ${statSync(path).size}`;
  }

  /** A file of its own; null if no run was recorded. */
  html(): string | null {
    const version = this.version();
    if (version === null) return null;
    if (this.#made?.version !== version) {
      this.#made = { version, html: reportHtml(runReport(this.#folder)) };
    }
    return this.#made.html;
  }
}

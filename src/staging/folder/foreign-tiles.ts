/**
 * What is in the way of a staged folder: tiles and a summary that its journal knows nothing of, made
 * by another program, or left where a journal was removed. Nothing says which inputs their rows are
 * from, so they are not mixed with ours unless somebody wants it.
 */

import { closeSync, existsSync, openSync, readdirSync, readSync } from 'node:fs';
import { join, relative } from 'node:path';
import { TilewrightError } from '../../core/errors.ts';
import { stagedFormat } from '../../formats/staged-formats.ts';
import { tileKey } from '../../tms/tile-path.ts';
import type { FolderSettings, Journal } from './journal/journal.ts';
import { journalPath } from './staged-folder.ts';
import { summaryHead } from './summary.ts';
import { filesOf } from './tile-place.ts';

export interface Place {
  folder: string;
  settings: FolderSettings;
  /** Path of the summary. */
  summary: string;
  /** Whether the folder is to be taken over as it is. */
  adopt: boolean;
}

const NAMED = 3;

/**
 * @param journal - null if the folder has none
 * @throws TilewrightError tiles-foreign
 */
export function refuseForeign(place: Place, journal: Journal | null): void {
  if (place.adopt) return;
  const { folder, summary } = place;
  let found: string[] = [];
  if (!hasTiles(journal)) {
    for (const path of tileFiles(place)) if (found.push(path) > NAMED) break;
    // Another process may have begun to stage here while we looked.
    if (hasTiles(journal)) found = [];
  }
  if (isForeignSummary(place, journal)) {
    const below = relative(folder, summary);
    found.unshift(below.startsWith('..') ? summary : below);
  }
  if (found.length === 0 || (journal === null && existsSync(journalPath(folder)))) return;
  const named = found.slice(0, NAMED).join(', ');
  throw new TilewrightError(
    'tiles-foreign',
    `${folder} holds files that were not staged here: ${named}` +
      `${found.length > NAMED ? ' and more' : ''}. Nothing was changed. Choose another folder; or ` +
      'take this one over with --adopt: files in the way are replaced then, and the others stay',
  );
}

/** What is among the tiles besides those of the journal: for whoever has taken the folder over. */
export function foreignTiles(place: Place, journal: Journal): string | null {
  const own = new Set(filesOf(journal, place.settings).map(({ x, y }) => tileKey(x, y)));
  const { z, pack = 0, tilePathStructure, format } = place.settings;
  const { extension } = stagedFormat(format);
  const named: string[] = [];
  let count = 0;
  for (const path of tileFiles(place)) {
    const numbers = path.split('/').slice(-3);
    const at = Object.fromEntries(tilePathStructure.slice(2).map((name, i) => [name, numbers[i]]));
    const [x, y] = [at['x'], at['y']].map((text) => Number.parseInt(text!, 10));
    const isOwn = path.endsWith(extension) && Number.parseInt(at['z']!, 10) === z - pack;
    if (isOwn && own.has(tileKey(x!, y!))) continue;
    count++;
    if (named.length < NAMED) named.push(path);
  }
  if (count === 0) return null;
  const more = count > NAMED ? ` and ${(count - NAMED).toLocaleString('en')} more` : '';
  return `Not staged here, and left as they were: ${named.join(', ')}${more}`;
}

function hasTiles(journal: Journal | null): boolean {
  if (journal === null) return false;
  return journal.pending() !== null || journal.plannedReset() !== null || journal.countTiles() > 0;
}

/** A table of another kind, or one that no run of this folder has written. */
function isForeignSummary({ summary }: Place, journal: Journal | null): boolean {
  if (!existsSync(summary)) return false;
  return journal === null || !journal.hasSummary() || !beginsWithHeader(summary);
}

function beginsWithHeader(path: string): boolean {
  const header = Buffer.from(summaryHead(path));
  const bytes = Buffer.alloc(header.length);
  const fd = openSync(path, 'r');
  try {
    return readSync(fd, bytes) === header.length && bytes.equals(header);
  } finally {
    closeSync(fd);
  }
}

/** Files below the folder whose paths are those of tiles, of any z, with any extension of one point or its own. */
function* tileFiles({ folder, settings }: Place): Generator<string> {
  const { style, tms, tilePathStructure, format } = settings;
  const { extension } = stagedFormat(format);
  const base = tilePathStructure
    .slice(0, 2)
    .map((part) => (part === 'style' ? style : tms))
    .filter((name) => name !== '');
  yield* numbered(folder, base.join('/'), 3, extension);
}

function* numbered(
  folder: string,
  below: string,
  levels: number,
  extension: string,
): Generator<string> {
  for (const { name } of entriesOf(join(folder, below))) {
    const own = levels === 1 && name.endsWith(extension);
    const number = own ? name.slice(0, -extension.length) : name;
    if (!(levels === 1 && !own ? /^-?\d+\.[^.]+$/ : /^-?\d+$/).test(number)) continue;
    const path = `${below}/${name}`;
    if (levels === 1) yield path;
    else yield* numbered(folder, path, levels - 1, extension);
  }
}

function entriesOf(folder: string): { name: string }[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // What can't be looked into can't be written into either: that is said where it is tried.
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EACCES') return [];
    throw error;
  }
}

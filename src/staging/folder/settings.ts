/** Whether all rows of a staged folder are made in the same way. */

import { statSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { TilewrightError } from '../../core/errors.ts';
import type { Deduplication } from '../configuration/deduplication.ts';
import { type FolderSettings, Journal } from './journal/journal.ts';
import { journalPath } from './staged-folder.ts';

/** Who says nothing of deduplication goes by the rules that the folder has. */
export function withHeldRules(folder: string, settings: FolderSettings): FolderSettings {
  if (settings.deduplication !== undefined) return settings;
  const path = journalPath(folder);
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) === 0) return settings;
  try {
    const deduplication = heldRules(folder);
    return deduplication === null ? settings : { ...settings, deduplication };
  } catch {
    // Whoever goes on with this folder says what is wrong with it.
    return settings;
  }
}

/**
 * The rules that a staged folder is judged by; null for none.
 * @throws TilewrightError as the journal does
 */
export function heldRules(folder: string): Deduplication | null {
  const journal = new Journal(journalPath(folder), { readOnly: true });
  try {
    return journal.settings()?.deduplication ?? null;
  } finally {
    journal.close();
  }
}

/** Whether rows say if they are duplicates. */
export function isLabelledFolder({ deduplication }: FolderSettings): boolean {
  return deduplication?.duplicates === 'label';
}

export function sameSettings(journal: Journal, settings: FolderSettings): boolean {
  return compareSettings(journal.adoptSettings(settings), settings).length === 0;
}

/** The same of a journal that is only read. */
export function holdsOthers(journal: Journal, settings: FolderSettings): boolean {
  const held = journal.settings();
  return held !== null && compareSettings(held, settings).length > 0;
}

/**
 * Refuses to mix rows of two configurations. A folder that holds no rows yet may be given other
 * settings.
 * @throws TilewrightError config-differs, with the differences
 */
export function requireSettings(journal: Journal, folder: string, settings: FolderSettings): void {
  if (journal.inputs().length > 0) throw settingsDiffer(journal, folder, settings);
}

/** The settings that hold in the folder against those that are wanted. */
export function settingsDiffer(
  journal: Journal,
  folder: string,
  settings: FolderSettings,
): TilewrightError {
  const differences = compareSettings(journal.settings() ?? settings, settings);
  return new TilewrightError(
    'config-differs',
    `${folder} was staged with another configuration, and tiles must not mix both:\n` +
      `${differences.map((line) => `  ${line}`).join('\n')}\n` +
      'Use the same configuration, another folder, or --force to stage everything anew',
  );
}

function compareSettings(held: FolderSettings, wanted: FolderSettings): string[] {
  const lines: string[] = [];
  const compare = (label: string, a: unknown, b: unknown): void => {
    if (JSON.stringify(a) !== JSON.stringify(b)) {
      lines.push(`${label}: ${JSON.stringify(a)} then, ${JSON.stringify(b)} now`);
    }
  };
  compare('TileMatrixSet', held.tms, wanted.tms);
  if (held.tms === wanted.tms && held.tmsDefinition !== wanted.tmsDefinition) {
    lines.push(`TileMatrixSet: another definition of ${held.tms}`);
  }
  compare('z', held.z, wanted.z);
  compare('simplifyTolerance', held.simplifyTolerance, wanted.simplifyTolerance);
  compare('keepPrimaryKey', held.keepPrimaryKey ?? false, wanted.keepPrimaryKey ?? false);
  for (const key of ['where', 'bbox', 'bboxCrs', 'columns', 'dropColumns'] as const) {
    compare(key, held.selection?.[key] ?? null, wanted.selection?.[key] ?? null);
  }
  compare('invalid', rowsOf(held), rowsOf(wanted));
  compare('style', held.style, wanted.style);
  compare('tilePathStructure', held.tilePathStructure, wanted.tilePathStructure);
  compare('format', held.format, wanted.format);
  compare('pack', held.pack ?? null, wanted.pack ?? null);
  if (!isDeepStrictEqual(held.deduplication, wanted.deduplication)) {
    lines.push(
      'deduplication: other rules than the folder has; `tilewright deduplicate` changes those',
    );
  }
  for (const name of Object.keys(wanted.properties)) {
    // Folders of earlier versions don't name the label.
    if (name === 'duplicated' && held.properties[name] === undefined) continue;
    compare(`properties.${name}`, held.properties[name], wanted.properties[name]);
  }
  return lines;
}

/** Geometries that are not checked are kept as they are, but simplified whatever comes of it. */
function rowsOf({ invalid = 'keep', simplifyTolerance }: FolderSettings): string {
  return invalid === 'unchecked' && simplifyTolerance === null ? 'keep' : invalid;
}

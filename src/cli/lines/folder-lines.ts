/** What `info` prints of a staged folder. */

import { printable } from '../../core/printable.ts';
import { shellWord } from '../../core/shell-word.ts';
import { BBOX_CRS } from '../../formats/selection/selection.ts';
import { stagedFormatWords } from '../../formats/staged-formats.ts';
import { counted } from '../../insight/units.ts';
import { Config } from '../../staging/configuration/config.ts';
import type { FolderDescription, StagedWith } from '../../staging/folder/folder-description.ts';

/** @returns text of several lines */
export function folderText(path: string, folder: FolderDescription): string {
  const { settings } = folder;
  const options = optionsOf(settings);
  const lines = [
    `${path}  (a staged folder)`,
    `    tiles     ${counted(folder.tiles, 'tile')} of ${settings.tms} at z ${settings.z}, with ` +
      `${counted(folder.rows, 'row')} of ${counted(folder.inputs, 'input')}`,
    `    files     ${counted(folder.files, 'file')} (${settings.format})${
      settings.pack === null ? '' : ` of up to ${counted(4 ** settings.pack, 'tile')}`
    }`,
  ];
  if (options.length > 0) lines.push(`    options   ${options.join(' ')}`);
  const { deduplication } = settings;
  if (deduplication !== null) {
    const { method, duplicates } = deduplication;
    lines.push(
      `    judged    by ${method}: duplicates are ${duplicates === 'label' ? 'labelled' : 'left out'}`,
    );
  }
  return lines.map((line) => `${printable(line)}\n`).join('');
}

/** Options of `stage` by which it was staged, but for those that say what is said without. */
function optionsOf(settings: StagedWith): string[] {
  const usual = Config.from({}).values;
  const asked: [
    name: string,
    value: string | number | true | null,
    usual?: string | number | undefined,
  ][] = [
    ['tms', settings.tms, usual.tmsId],
    ['z', settings.z, usual.zRange[1]],
    ['format', settings.format, stagedFormatWords()[0]],
    ['pack', settings.pack],
    ['where', settings.where],
    ['bbox', settings.bbox?.join(',') ?? null],
    ['bbox-crs', settings.bboxCrs === BBOX_CRS ? null : settings.bboxCrs],
    ['columns', settings.columns?.join(',') ?? null],
    ['drop-columns', settings.dropColumns?.join(',') ?? null],
    ['simplify-tolerance', settings.simplifyTolerance],
    ['invalid', settings.invalid, usual.invalid],
    ['keep-primary-key', settings.keepPrimaryKey || null],
  ];
  return asked.flatMap(([name, value, same]) => {
    if (value === null || value === same) return [];
    if (value === true) return [`--${name}`];
    // A value that begins with - would be taken for an option.
    const text = shellWord(String(value));
    return [text.startsWith('-') ? `--${name}=${text}` : `--${name} ${text}`];
  });
}

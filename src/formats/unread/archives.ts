/** What of zip archives is vector data that is not read there: all but shapefiles, which are. */

import { shellWord } from '../../core/shell-word.ts';
import type { RandomAccess } from '../bytes/random-access.ts';
import { HEAD_BYTES } from '../input-format.ts';
import { inputExtensionOf, inputFormats } from '../input-formats.ts';
import { openBytes } from '../remote/open-bytes.ts';
import { SHAPEFILE } from '../shapefile/source.ts';
import { readDirectory, type ZipMember } from '../zip/directory.ts';
import { ZIPPED_SHAPEFILES } from '../zip/format.ts';
import { openMember } from '../zip/member.ts';
import { unreadExtensionOf, unreadFormatByName } from './unread-formats.ts';

/** A file of an archive, or a folder of it that is one dataset. */
export interface ArchivedVector {
  /** Its path in the archive. */
  name: string;
  /** As messages have it. */
  format: string;
  /** In lower case, with the dot. */
  extension: string;
  /** Whether it is read when it is unpacked. */
  isInput: boolean;
}

const ARCHIVES: readonly string[] = ZIPPED_SHAPEFILES.extensions;

/** Empty also for what is no archive, or damaged: whoever opens it says so. */
export function vectorsIn(path: string): ArchivedVector[] {
  let archive: RandomAccess | undefined;
  try {
    archive = openBytes(path);
    const found = new Map<string, ArchivedVector>();
    for (const member of readDirectory(archive)) {
      if (/(^|\/)(__MACOSX\/|\.)/.test(member.name)) continue;
      const name = /^(.*?\.gdb)\/[^/]+\.gdbtable$/i.exec(member.name)?.[1] ?? member.name;
      const vector = inputOf(archive, member) ?? unreadOf(name);
      if (vector !== null) found.set(name, vector);
    }
    return [...found.values()];
  } catch {
    return [];
  } finally {
    archive?.close();
  }
}

function inputOf(archive: RandomAccess, member: ZipMember): ArchivedVector | null {
  const { name } = member;
  const extension = inputExtensionOf(name);
  if (extension === undefined || SHAPEFILE.extensions.includes(extension)) return null;
  const named = inputFormats().filter(({ extensions }) => extensions.includes(extension));
  // What is in an archive within an archive is told when it is unpacked.
  if (ARCHIVES.includes(extension)) {
    return { name, format: 'zip archive', extension, isInput: true };
  }
  const isSure = named.some(({ ambiguous }) => ambiguous?.includes(extension) !== true);
  const head = isSure ? null : headOf(archive, member);
  const format = named.find((one) => head === null || one.recognises(head, name));
  return format === undefined ? null : { name, format: format.name, extension, isInput: true };
}

function unreadOf(name: string): ArchivedVector | null {
  const format = unreadFormatByName(name);
  if (format?.command === undefined || format.may !== undefined || format.vague) return null;
  const extension = unreadExtensionOf(name)!;
  return { name, format: format.name, extension, isInput: false };
}

/** Empty where it can't be unpacked. */
function headOf(archive: RandomAccess, member: ZipMember): Uint8Array {
  try {
    const file = openMember(archive, member);
    try {
      const head = Buffer.alloc(Math.min(HEAD_BYTES, file.size));
      return head.subarray(0, file.read(head, 0, head.length, 0));
    } finally {
      file.close();
    }
  } catch {
    return new Uint8Array(0);
  }
}

/** The folder beside an archive that `unzipCommand` unpacks it into. */
export function unpackedFolder(path: string): string {
  return `${path}.d`;
}

/**
 * A command that unpacks an archive, but for shapefiles if it has some: these are read where they lie.
 * @param path - as a shell has it
 */
export function unzipCommand(path: string, hasShapefiles: boolean): string {
  const but = hasShapefiles ? " -x '*.[sS][hH][pPxX]' '*.[dD][bB][fF]'" : '';
  return `unzip -n ${shellWord(path)}${but} -d ${shellWord(unpackedFolder(path))}`;
}

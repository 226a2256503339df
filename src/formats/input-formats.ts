/** The formats that can be staged. Whoever asks what an input is asks here. */

import { closeSync, readSync } from 'node:fs';
import { TilewrightError } from '../core/errors.ts';
import { openRegular } from '../core/files/regular-file.ts';
import { checkExtension, extensionOf } from './extensions.ts';
import { GEOPACKAGE } from './geopackage/source.ts';
import { findSidecar, HEAD_BYTES, type InputFormat, type Sidecar } from './input-format.ts';
import { SHAPEFILE } from './shapefile/source.ts';

const formats: InputFormat[] = [GEOPACKAGE, SHAPEFILE];

export function inputFormats(): readonly InputFormat[] {
  return formats;
}

/**
 * Adds a format to those of this thread; again to no effect.
 * @internal for now: formats of others are not part of what the package exports yet
 * @throws TilewrightError usage for an extension that no file would have, and if another format has
 *   its name or an extension of it
 */
export function registerInputFormat(format: InputFormat): void {
  if (formats.includes(format)) return;
  for (const end of format.extensions) checkExtension(format.name, end);
  const taken = formats.find(
    ({ name, extensions }) =>
      name === format.name || format.extensions.some((end) => extensions.includes(end)),
  );
  if (taken !== undefined) {
    const named = [taken, format].map(({ name, extensions }) => `${name} (${extensions})`);
    throw new TilewrightError('usage', `Two input formats would be ${named.join(' and ')}`);
  }
  formats.push(format);
}

/** Of all formats, in lower case. */
export function inputExtensions(): string[] {
  return formats.flatMap(({ extensions }) => extensions);
}

/** The extension of an input, in lower case; undefined for what is none by its name. */
export function inputExtensionOf(path: string): string | undefined {
  return extensionOf(path, inputExtensions());
}

/** The format that a file's extension stands for. */
export function inputFormatOf(path: string): InputFormat | undefined {
  const end = inputExtensionOf(path);
  return end === undefined ? undefined : formats.find(({ extensions }) => extensions.includes(end));
}

/** A file that an input is read from; of a sidecar that is not there the path is null. */
export interface InputFile extends Partial<Sidecar> {
  path: string | null;
}

/** The main file and its sidecars, in the format's order. */
export function filesOfInput(path: string): InputFile[] {
  const sidecars = inputFormatOf(path)?.sidecars ?? [];
  const end = inputExtensionOf(path);
  return [{ path }, ...sidecars.map((one) => ({ ...one, path: findSidecar(path, one, end) }))];
}

/** What begins a file of a format that is not read. */
const SIGNATURES: readonly (readonly [head: string, name: string])[] = [
  ['SQLite format 3\0', 'an SQLite database'],
  ['PK\x03\x04', 'a zip archive'],
  ['\x1f\x8b', 'compressed by gzip'],
  ['PAR1', 'Parquet'],
  ['fgb\x03', 'FlatGeobuf'],
  ['{', 'JSON'],
  ['<', 'XML or HTML'],
];

/**
 * What a file is by what is in it: one of the formats, or in words what else, null if that is not
 * known. For errors only: it costs a look into the file.
 * @throws what opening it meets
 */
export function contentOf(path: string): InputFormat | string | null {
  const fd = openRegular(path);
  try {
    const bytes = Buffer.alloc(HEAD_BYTES);
    const head = bytes.subarray(0, readSync(fd, bytes));
    const text = head.toString('latin1').replace(/^(?:\xef\xbb\xbf)?\s+/, '');
    return (
      formats.find((format) => format.recognises(head, path)) ??
      SIGNATURES.find(([start]) => text.startsWith(start))?.[1] ??
      null
    );
  } finally {
    closeSync(fd);
  }
}

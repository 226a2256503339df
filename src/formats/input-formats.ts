/** The formats that can be staged. Whoever asks what an input is asks here. */

import { TilewrightError } from '../core/errors.ts';
import type { RandomAccess } from './bytes/random-access.ts';
import { checkExtension, extensionOf } from './extensions.ts';
import { FLATGEOBUF } from './flatgeobuf/format.ts';
import { GEOJSON } from './geojson/format.ts';
import { GEOPACKAGE } from './geopackage/source.ts';
import { GEOPARQUET } from './geoparquet/format.ts';
import {
  findSidecar,
  HEAD_BYTES,
  type InputFormat,
  type Sidecar,
  sidecarUrls,
} from './input-format.ts';
import { isInputUrl } from './remote/input-url.ts';
import type { Wanted } from './remote/known-inputs.ts';
import { openBytes } from './remote/open-bytes.ts';
import { SHAPEFILE } from './shapefile/source.ts';
import { ZIPPED_SHAPEFILES } from './zip/format.ts';

const formats: InputFormat[] = [
  GEOPACKAGE,
  SHAPEFILE,
  ZIPPED_SHAPEFILES,
  FLATGEOBUF,
  GEOJSON,
  GEOPARQUET,
];

export function inputFormats(): readonly InputFormat[] {
  return formats;
}

/**
 * Adds a format to those of this thread; again to no effect.
 * @internal for now: formats of others are not part of what the package exports yet
 * @throws TilewrightError usage for an extension that no file would have, and if another format has
 *   its name or an extension of it, but for those that both say are ambiguous
 */
export function registerInputFormat(format: InputFormat): void {
  if (formats.includes(format)) return;
  for (const end of format.extensions) checkExtension(format.name, end);
  const taken = formats.find(
    ({ name, extensions, ambiguous = [] }) =>
      name === format.name ||
      format.extensions.some((end) => {
        const isShared = ambiguous.includes(end) && format.ambiguous?.includes(end) === true;
        return extensions.includes(end) && !isShared;
      }),
  );
  if (taken !== undefined) {
    const named = [taken, format].map(({ name, extensions }) => `${name} (${extensions})`);
    throw new TilewrightError('usage', `Two input formats would be ${named.join(' and ')}`);
  }
  formats.push(format);
}

/** Of all formats, in lower case. */
export function inputExtensions(): string[] {
  return [...new Set(formats.flatMap(({ extensions }) => extensions))];
}

/** The extension of an input, in lower case; undefined for what is none by its name. */
export function inputExtensionOf(path: string): string | undefined {
  return extensionOf(path, inputExtensions());
}

/** The format that a file's extension stands for; of several the first. */
function formatByName(path: string): InputFormat | undefined {
  const end = inputExtensionOf(path);
  return end === undefined ? undefined : formats.find(({ extensions }) => extensions.includes(end));
}

/** Whether files of other formats have a file's extension, too, so that only its content tells. */
function isAmbiguous(path: string): boolean {
  const end = inputExtensionOf(path);
  return end !== undefined && formats.some(({ ambiguous }) => ambiguous?.includes(end));
}

/** The first HEAD_BYTES of a file, or all of a shorter one; null for what can't be looked at. */
export function headOf(path: string): Uint8Array | null {
  let file: RandomAccess | undefined;
  try {
    file = openBytes(path);
    const head = Buffer.alloc(HEAD_BYTES);
    return head.subarray(0, file.read(head, 0, HEAD_BYTES, 0));
  } catch {
    // Whoever opens it says why.
    return null;
  } finally {
    file?.close();
  }
}

/** The format that first bytes tell: that of the name, if they may be of several. */
function formatByContent(path: string, head: Uint8Array): InputFormat | undefined {
  const named = formatByName(path);
  if (named?.recognises(head, path)) return named;
  return formats.find((format) => format !== named && format.recognises(head, path));
}

/**
 * The format of an input: what its first bytes tell; where they tell none, or there are none, what its
 * extension stands for, if that is of one format alone. Undefined for what is no input.
 */
export function inputFormatOf(path: string): InputFormat | undefined {
  const head = headOf(path);
  if (head === null || head.length === 0) return formatByName(path);
  return formatByContent(path, head) ?? (isAmbiguous(path) ? undefined : formatByName(path));
}

/** Whether a file that is found in a folder is an input: by its extension, if that tells, unopened. */
export function isFoundInput(path: string): boolean {
  if (!isAmbiguous(path)) return formatByName(path) !== undefined;
  const head = headOf(path);
  return head !== null && formatByContent(path, head) !== undefined;
}

/** A file that an input is read from; of a sidecar that is not there the path is null. */
export interface InputFile extends Partial<Sidecar> {
  path: string | null;
}

/**
 * The main file and its sidecars, in the order of its format.
 * @param age - milliseconds since when a server may have been asked
 */
export function filesOfInput(path: string, age?: number): InputFile[] {
  const format = isInputUrl(path) ? formatOfUrl(path) : inputFormatOf(path);
  const end = extensionOf(path, format?.extensions ?? []);
  const sidecars = format?.sidecars ?? [];
  return [{ path }, ...sidecars.map((one) => ({ ...one, path: findSidecar(path, one, end, age) }))];
}

/** All that may belong to an input that is named by a URL. */
export function urlsOfInput(url: string): Wanted[] {
  const format = formatOfUrl(url);
  const end = extensionOf(url, format?.extensions ?? []);
  const others = (format?.sidecars ?? []).flatMap((one) => sidecarUrls(url, one, end));
  return [{ url, optional: false }, ...others.map((one) => ({ url: one, optional: true }))];
}

/** By its name, if that tells: no look into what is far away is for nothing. */
export function formatOfUrl(url: string): InputFormat | undefined {
  return formatByName(url) ?? inputFormatOf(url);
}

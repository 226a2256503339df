/** What the rest of the program knows of a format that can be staged, and how files beside a file are found. */

import { statSync } from 'node:fs';
import { extname } from 'node:path';
import { isInputUrl } from './remote/input-url.ts';
import { identitiesOf, RECENT_MS } from './remote/known-inputs.ts';
import type { OpenOptions, VectorSource } from './source.ts';

/** First bytes of a file that tell its format, as far as it has so many. */
export const HEAD_BYTES = 512;

/** A file beside an input's main file, which is read with it. */
export interface Sidecar {
  /** End of its name, in lower case, in place of the main file's extension: `.dbf`. */
  readonly end: string;
  /** The end stands after the main file's whole name instead, and in this spelling: `-wal`. */
  readonly appended?: boolean;
  /** An empty one is as none. */
  readonly unlessEmpty?: boolean;
  /**
   * So many of its first bytes, not the time of change of anything, stand for it in the fingerprint:
   * readers change its owner.
   */
  readonly headBytes?: number;
  /** Where it is there, it says the CRS. */
  readonly namesCrs?: boolean;
}

/** A format that can be staged. */
export interface InputFormat {
  /** As messages have it, e.g. `GeoPackage`. */
  readonly name: string;
  /** Ends of names of main files, with their points, in lower case; the usual one first. */
  readonly extensions: readonly [string, ...string[]];
  /** Those of them that files of other formats have, too: they count where the content tells it. */
  readonly ambiguous?: readonly string[];
  /** What is read besides the main file, if it is there; all of them make the fingerprint, in this order. */
  readonly sidecars: readonly Sidecar[];
  /** Ends of names, as `beside` has them, of files that hold no features: indexes, metadata. */
  readonly companions: readonly string[];
  /**
   * Whether a file is of this format, whatever its name.
   * @param head - the first HEAD_BYTES of it, or all of a shorter one
   */
  recognises(head: Uint8Array, path: string): boolean;
  /** @throws TilewrightError with `input`, as `VectorSource` does */
  open(path: string, options: OpenOptions): Promise<VectorSource>;
}

/**
 * Path of a sidecar: where its end is in place of an extension, in every mixture of lower and upper
 * case; of several spellings lower case comes first, then upper case. Null: not there.
 * @param path - of the main file
 * @param extension - the main file's, in any case
 * @param age - milliseconds since when a server may have been asked
 */
export function findSidecar(
  path: string,
  sidecar: Sidecar,
  extension = extname(path),
  age = RECENT_MS,
): string | null {
  const { end, appended = false, unlessEmpty = false } = sidecar;
  if (isInputUrl(path)) {
    const urls = sidecarUrls(path, sidecar, extension);
    const wanted = urls.map((url) => ({ url, optional: true }));
    const found = identitiesOf(wanted, age).findIndex((identity) => identity !== null);
    return urls[found] ?? null;
  }
  const stem = appended ? path : path.slice(0, path.length - extension.length);
  for (const spelling of appended ? [end] : spellings(end)) {
    const found = statSync(stem + spelling, { throwIfNoEntry: false });
    // A folder in the place of a log is the reader's to refuse; one named like a table is just a folder.
    const isThere = found !== undefined && (appended || found.isFile());
    if (isThere && !(unlessEmpty && found.size === 0)) return stem + spelling;
  }
  return null;
}

/**
 * Where a sidecar of a URL may be: in the main file's case, or in the other one. What programs leave
 * beside a file that they are writing is not looked for.
 */
export function sidecarUrls(
  url: string,
  { end, appended = false }: Sidecar,
  extension = extname(url),
): string[] {
  if (appended) return [];
  const stem = url.slice(0, url.length - extension.length);
  const both = [stem + end, stem + end.toUpperCase()];
  return /[A-Z]/.test(url.slice(stem.length)) ? both.reverse() : both;
}

const known = new Map<string, string[]>();

/** With capitals at none, all, the first, then the rest of the letters. */
function spellings(end: string): string[] {
  let all = known.get(end);
  if (all === undefined) {
    const places = [...end].flatMap((letter, i) => (letter.toUpperCase() === letter ? [] : i));
    const count = 1 << places.length;
    const capitals = [
      0,
      count - 1,
      ...Array.from({ length: Math.max(0, count - 2) }, (_, k) => k + 1),
    ];
    all = [...new Set(capitals)].map((bits) =>
      Array.from(end, (letter, i) => {
        const place = places.indexOf(i);
        return place >= 0 && bits & (1 << place) ? letter.toUpperCase() : letter;
      }).join(''),
    );
    known.set(end, all);
  }
  return all;
}

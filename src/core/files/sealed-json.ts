/**
 * Texts that say in their first line what they are, which version, and the CRC-32 of the rest:
 * `tilewright array 3 1a2b3c4d`. For small files that another process, perhaps of another version,
 * reads.
 */

import { crc32 } from 'node:zlib';
import { TilewrightError } from '../errors.ts';

export interface Seal {
  kind: string;
  version: number;
}

export function seal(text: string, { kind, version }: Seal): string {
  return `tilewright ${kind} ${version} ${crc32(text).toString(16)}\n${text}`;
}

/** The text without its first line. @throws TilewrightError staged-folder */
export function unseal(sealed: string, { kind, version }: Seal): string {
  const end = sealed.indexOf('\n');
  const [, found, number, crc] =
    sealed.slice(0, Math.max(0, end)).match(/^tilewright (.+) (\d+) ([0-9a-f]+)$/) ?? [];
  const text = sealed.slice(end + 1);
  const why =
    found !== kind
      ? `this is no ${kind} of Tilewright's`
      : Number(number) !== version
        ? `another version of Tilewright wrote this ${kind} (${number}, this one reads ${version})`
        : crc32(text).toString(16) !== crc
          ? `this ${kind} is damaged: it has another checksum than was written`
          : null;
  if (why === null) return text;
  throw new TilewrightError('staged-folder', `${why}. Start the run again`);
}

export function sealJson(value: unknown, kind: Seal): string {
  return seal(`${JSON.stringify(value)}\n`, kind);
}

export function unsealJson<T>(sealed: string, kind: Seal): T {
  return JSON.parse(unseal(sealed, kind)) as T;
}

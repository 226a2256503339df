/** Names as dialects of CRS texts write them: compared without case, punctuation and prefixes. */

const PREFIX = /^(?:d|gcs)_/i;
/** GDAL appends this to names of EPSG's deprecated systems. */
const DEPRECATED = /\s*\(deprecated\)\s*$/i;

/**
 * A name in lower case, without ESRI's `D_` and `GCS_`, accents and punctuation. A plus sign stays:
 * CH1903 and CH1903+ are two datums.
 */
export function foldName(name: string): string {
  return name
    .slice(0, 512)
    .replace(DEPRECATED, '')
    .replace(PREFIX, '')
    .normalize('NFD')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}+]/gu, '');
}

/** Whether two names are one, as far as spelling goes: `D_WGS_1984` and `WGS 1984`. */
export function sameName(a: string, b: string): boolean {
  const folded = foldName(a);
  return folded !== '' && folded === foldName(b);
}

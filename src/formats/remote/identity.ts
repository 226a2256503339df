/** What tells one content of a URL from another. */

export interface Identity {
  /** Bytes. */
  size: number;
  /** In its quotes, with `W/` before them if it is weak. */
  etag: string | null;
  /** Seconds since 1970. */
  modified: number | null;
}

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** @param size - of the whole */
export function identityIn(headers: Headers, size: number): Identity {
  const { etag, 'last-modified': date } = headers;
  return {
    size,
    etag: typeof etag === 'string' && etag !== '' ? quotedTag(etag) : null,
    modified: typeof date === 'string' ? secondsOf(date) : null,
  };
}

/** Some servers leave the quotes out. */
export function quotedTag(etag: string): string {
  return /^(?:W\/)?"/.test(etag) ? etag : `"${etag}"`;
}

export function secondsOf(date: string): number | null {
  const time = Date.parse(date);
  return Number.isNaN(time) ? null : Math.floor(time / 1000);
}

export function isSame(a: Identity, b: Identity): boolean {
  return a.size === b.size && a.etag === b.etag && a.modified === b.modified;
}

/** Headers by which a server answers for this content only. */
export function conditions({ etag, modified }: Identity): Record<string, string> {
  if (etag !== null && !etag.startsWith('W/')) return { 'if-match': etag };
  if (modified === null) return {};
  return { 'if-unmodified-since': new Date(modified * 1000).toUTCString() };
}

/** As fingerprints of inputs have it: a word. */
export function identityWord({ size, etag, modified }: Identity): string {
  return `${size}:${encodeURIComponent(etag ?? '')}:${modified ?? ''}`;
}

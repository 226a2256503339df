/** What is asked of servers about one input: its head, and ranges of its bytes. */

import { ask, failure } from './ask.ts';
import type { Head } from './exchange.ts';
import { conditions, type Identity, identityIn, isSame } from './identity.ts';
import { s3Name } from './input-url.ts';
import type { Limits } from './limits.ts';

const CHANGED = 'it was changed while it was read. Run again when nobody is writing it';

/**
 * What is there now; null for nothing.
 * @param optional - S3 says 403, not 404, to whoever may not list: that is taken for nothing too
 * @throws TilewrightError input-unreadable
 */
export async function headOf(
  url: string,
  limits: Limits,
  optional: boolean,
): Promise<Identity | null> {
  let identity: Identity | null = null;
  const take = (head: Head): null => {
    checkEncoding(url, head);
    const size = head.headers['content-length'] ?? '';
    if (!/^\d+$/.test(size)) throw failure(url, `its server does not tell its size. ${DOWNLOAD}`);
    identity = checkedIdentity(url, identityIn(head.headers, Number(size)));
    return null;
  };
  const expects = optional && s3Name(url) !== null ? [403, 404, 410] : [404, 410];
  await ask({ url, method: 'HEAD', headers: {}, expects, take, limits });
  return identity;
}

const DOWNLOAD = 'Download it';

export function checkEncoding(url: string, { headers }: Head): void {
  const encoding = headers['content-encoding'] ?? 'identity';
  if (encoding === 'identity') return;
  throw failure(
    url,
    `its server compresses it (${encoding}), though that was not asked for. ${DOWNLOAD}`,
  );
}

function checkedIdentity(url: string, identity: Identity): Identity {
  if (identity.etag !== null || identity.modified !== null) return identity;
  throw failure(
    url,
    `its server tells no ETag and no Last-Modified, so nobody would know when it changes. ${DOWNLOAD}`,
  );
}

/**
 * Fills `into` with the bytes from `start` on.
 * @param isWanted - asked while bytes come: where not, this ends with an error
 * @throws TilewrightError input-unreadable, also where it is not `identity` any more; input-missing
 */
export async function readRange(
  url: string,
  start: number,
  into: Uint8Array,
  identity: Identity,
  limits: Limits,
  isWanted: () => boolean,
): Promise<void> {
  const last = start + into.length - 1;
  const headers = { range: `bytes=${start}-${last}`, ...conditions(identity) };
  let filled = 0;
  const take = (head: Head): ((piece: Uint8Array) => void) => {
    checkRange(url, head, start, last, identity);
    filled = 0;
    return (piece) => {
      if (!isWanted()) throw failure(url, 'nobody waits for it any more');
      if (filled + piece.length > into.length) throw failure(url, `its server gives ${TOO_MUCH}`);
      into.set(piece, filled);
      filled += piece.length;
    };
  };
  for (let attempt = 1; ; attempt++) {
    const { status } = await ask({
      url,
      method: 'GET',
      headers,
      expects: [412, 416],
      take,
      limits,
    });
    if (status >= 400) throw failure(url, CHANGED, true);
    if (filled === into.length) return;
    if (attempt === limits.attempts) {
      throw failure(
        url,
        `its server gives ${filled} bytes where it says ${into.length}. ${DOWNLOAD}`,
      );
    }
  }
}

const TOO_MUCH = `more bytes than were asked for. ${DOWNLOAD}`;

function checkRange(
  url: string,
  head: Head,
  start: number,
  last: number,
  identity: Identity,
): void {
  const { status, headers } = head;
  checkEncoding(url, head);
  if (status === 206) {
    const [, from, to, total] =
      /^bytes (\d+)-(\d+)\/(\d+)$/.exec(headers['content-range'] ?? '') ?? [];
    if (Number(from) !== start || Number(to) !== last) {
      const got = JSON.stringify(headers['content-range'] ?? headers['content-type'] ?? '');
      throw failure(url, `its server gives other bytes than were asked for (${got}). ${DOWNLOAD}`);
    }
    const length = headers['content-length'];
    if (length !== undefined && Number(length) !== last - start + 1) {
      throw failure(url, `its server gives ${TOO_MUCH}`);
    }
    // What a part's answer leaves out is as the whole's.
    const now = identityIn(headers, Number(total));
    const same = {
      ...now,
      etag: now.etag ?? identity.etag,
      modified: now.modified ?? identity.modified,
    };
    if (!isSame(same, identity)) throw failure(url, CHANGED, true);
    return;
  }
  const whole = identityIn(headers, identity.size);
  if (status === 200 && isSame(whole, identity)) {
    throw failure(url, `its server has no range requests, by which parts are read. ${DOWNLOAD}`);
  }
  throw status === 200
    ? failure(url, CHANGED, true)
    : failure(url, `its server says ${status}. ${DOWNLOAD}`);
}

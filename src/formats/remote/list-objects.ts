/** Lists the objects of S3 that are below a prefix. */

import { ask, failure } from './ask.ts';
import type { Head } from './exchange.ts';
import { type Identity, quotedTag, secondsOf } from './identity.ts';
import { s3Name } from './input-url.ts';
import type { Limits } from './limits.ts';
import { checkEncoding } from './read-range.ts';
import { uriEncode } from './sign.ts';

/** More than an answer of 1,000 names can have. */
const LIST_BYTES = 1 << 23;

export interface Listed {
  /** By key. */
  objects: [key: string, identity: Identity][];
  /** Where the list goes on; null at its end. */
  next: string | null;
}

/**
 * A page of the objects below a prefix
 * (https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html).
 * @param url - `s3://bucket/prefix`
 */
export async function listObjects(
  url: string,
  from: string | null,
  limits: Limits,
): Promise<Listed> {
  const { bucket, key: prefix } = s3Name(url)!;
  const parameters = {
    ...(from !== null && { 'continuation-token': from }),
    'encoding-type': 'url',
    'list-type': '2',
    prefix,
  };
  const query = Object.entries(parameters)
    .map(([name, value]) => `${name}=${uriEncode(value)}`)
    .join('&');
  let pieces: Buffer[] = [];
  let bytes = 0;
  const take = (head: Head): ((piece: Uint8Array) => void) => {
    checkEncoding(url, head);
    pieces = [];
    bytes = 0;
    return (piece) => {
      bytes += piece.length;
      if (bytes > LIST_BYTES) throw failure(url, 'the list of what is there is too long to be one');
      pieces.push(Buffer.from(piece));
    };
  };
  await ask({ url: `s3://${bucket}/`, method: 'GET', headers: {}, query, take, limits });
  return parseList(url, Buffer.concat(pieces).toString());
}

function parseList(url: string, xml: string): Listed {
  if (!/<ListBucketResult[\s>]/.test(xml)) {
    throw failure(url, 'its server gives something else than a list of objects');
  }
  const objects = [...xml.matchAll(/<Contents>(.*?)<\/Contents>/gs)].map(
    ([, entry]): [string, Identity] => {
      const size = Number(field(entry!, 'Size') ?? Number.NaN);
      const key = field(entry!, 'Key');
      const etag = field(entry!, 'ETag');
      if (key === null || etag === null || !Number.isSafeInteger(size)) {
        throw failure(url, 'the list of what is there has entries without key, size or ETag');
      }
      const modified = secondsOf(field(entry!, 'LastModified') ?? '');
      return [unescaped(url, key), { size, etag: quotedTag(etag), modified }];
    },
  );
  const isCut = field(xml, 'IsTruncated') === 'true';
  const next = isCut ? field(xml, 'NextContinuationToken') : null;
  if (isCut && next === null)
    throw failure(url, 'the list of what is there does not say how it goes on');
  return { objects, next };
}

/** The text of the first element of that name. */
function field(xml: string, name: string): string | null {
  const text = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];
  if (text === undefined) return null;
  const named: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
  return text.replace(/&(?:#(\d+)|#x([\da-f]+)|(\w+));/gi, (all, decimal, hex, name) => {
    if (name !== undefined) return named[name] ?? all;
    return String.fromCodePoint(decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal));
  });
}

function unescaped(url: string, key: string): string {
  try {
    return decodeURIComponent(key.replaceAll('+', ' '));
  } catch {
    throw failure(url, 'the list of what is there has keys that are no text');
  }
}

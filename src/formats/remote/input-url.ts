/** Inputs that are named by URLs: `https://`, `http://` and `s3://bucket/key`. Pure functions of names. */

import { TilewrightError } from '../../core/errors.ts';
import { shownUrl } from '../../core/remote-name.ts';

/** Whether it is a URL that can be an input's name. */
export function isInputUrl(name: string): boolean {
  return /^(?:https?|s3):\/\//i.test(name);
}

/**
 * The URL of an input in the one spelling that names, fingerprints and journals know it by.
 * @throws TilewrightError input-name for one with a user, a password, a query or a fragment, and for what
 *   is none
 */
export function inputUrl(text: string): string {
  const shown = shownUrl(text);
  const refuse = (why: string): TilewrightError =>
    new TilewrightError('input-name', `${shown} can't be read: ${why}`, { input: shown });
  if (/^[a-z\d]+:\/\/[^/?#]*@/i.test(text)) {
    throw refuse(
      'it has a user or a password in it, which would be told and kept. Credentials of S3 are taken ' +
        'from the environment (AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY); from elsewhere download it',
    );
  }
  if (text.includes('?')) {
    throw refuse(
      'what follows the question mark may be a key, and URLs are told and kept. Give it without, or ' +
        's3://bucket/key with credentials in the environment, or download it',
    );
  }
  if (/\p{Cc}/u.test(text)) throw refuse('it has control characters');
  return /^s3:/i.test(text) ? s3Url(text, refuse) : httpUrl(text, refuse);
}

function httpUrl(text: string, refuse: (why: string) => TilewrightError): string {
  if (!URL.canParse(text)) throw refuse('it is no URL');
  const url = new URL(text);
  if (url.hash !== '') {
    throw refuse(
      'URLs of inputs have no fragment. A # in a name is %23; layers are chosen by --layer',
    );
  }
  return url.href;
}

/** Keys stand as they are: nothing in them is escaped. */
function s3Url(text: string, refuse: (why: string) => TilewrightError): string {
  const [, bucket = '', key = ''] = /^s3:\/\/([^/]*)\/?(.*)$/is.exec(text) ?? [];
  if (!/^[a-z\d][a-z\d._-]{1,254}$/i.test(bucket)) throw refuse('it names no bucket');
  if (key.split('/').some((part) => part === '.' || part === '..')) {
    throw refuse('parts of keys that are . or .. are taken for folders on the way');
  }
  return `s3://${bucket}/${key}`;
}

export interface S3Name {
  bucket: string;
  key: string;
}

/** @param url - as `inputUrl` gives it; null for one of another scheme */
export function s3Name(url: string): S3Name | null {
  const [, bucket, key] = /^s3:\/\/([^/]+)\/(.*)$/s.exec(url) ?? [];
  return bucket === undefined ? null : { bucket, key: key! };
}

/** The URL up to its last part, without the slash. */
export function urlFolder(url: string): string {
  return url.slice(0, url.lastIndexOf('/'));
}

/** What follows a folder of a URL, as names of files have it: of http, with escapes resolved. */
export function urlBelow(url: string, folder: string): string {
  const below = url.slice(folder.length + 1);
  if (s3Name(url) !== null) return below;
  return below.split('/').map(plain).join('/');
}

/** As it is where what is escaped is no text, or would be another path. */
function plain(part: string): string {
  try {
    const text = decodeURIComponent(part);
    return /[/\p{Cc}]/u.test(text) ? part : text;
  } catch {
    return part;
  }
}

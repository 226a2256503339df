/**
 * Signs requests to S3: AWS Signature Version 4
 * (https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html).
 */

import { createHash, createHmac } from 'node:crypto';

export interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string | null;
}

/** What a request without a body is signed with. */
const EMPTY_HASH = createHash('sha256').digest('hex');

/** Escapes all but what RFC 3986 calls unreserved; of a path, slashes stay too. */
export function uriEncode(text: string, isPath = false): string {
  const escaped = encodeURIComponent(text).replace(
    /[!'()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return isPath ? escaped.replaceAll('%2F', '/') : escaped;
}

/**
 * Headers that a request without a body has to carry, `headers` included, but for `host`.
 * @param url - its path and query are escaped as `uriEncode` does
 * @param headers - with names in lower case
 */
export function signedHeaders(
  method: string,
  url: URL,
  headers: Readonly<Record<string, string>>,
  credentials: Credentials,
  region: string,
  now: Date,
): Record<string, string> {
  const time = now.toISOString().replace(/[-:]|\.\d+/g, '');
  const day = time.slice(0, 8);
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  const sent: Record<string, string> = {
    ...headers,
    'x-amz-content-sha256': EMPTY_HASH,
    'x-amz-date': time,
    ...(sessionToken !== null && { 'x-amz-security-token': sessionToken }),
  };
  const signed = Object.entries({ ...sent, host: url.host }).sort(([a], [b]) => (a < b ? -1 : 1));
  const names = signed.map(([name]) => name).join(';');
  const query = url.search.slice(1).split('&').filter(Boolean).map(withEquals).sort().join('&');
  const canonical = [
    method,
    url.pathname,
    query,
    ...signed.map(([name, value]) => `${name}:${value.trim().replace(/ +/g, ' ')}`),
    '',
    names,
    EMPTY_HASH,
  ].join('\n');
  const scope = `${day}/${region}/s3/aws4_request`;
  const digest = createHash('sha256').update(canonical).digest('hex');
  const key = [day, region, 's3', 'aws4_request'].reduce<string | Buffer>(
    (secret, part) => createHmac('sha256', secret).update(part).digest(),
    `AWS4${secretAccessKey}`,
  );
  const signature = createHmac('sha256', key)
    .update(`AWS4-HMAC-SHA256\n${time}\n${scope}\n${digest}`)
    .digest('hex');
  const authorization = `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope},SignedHeaders=${names},Signature=${signature}`;
  return { ...sent, authorization };
}

function withEquals(parameter: string): string {
  return parameter.includes('=') ? parameter : `${parameter}=`;
}

/**
 * Stands for S3: a folder whose folders are buckets, under keys that aws4fetch checks, which is an
 * implementation of signatures by others. A bucket named `public` needs none.
 */

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { AwsV4Signer } from 'aws4fetch';

const { folder, page, credentials, region } = workerData as {
  folder: string;
  /** Objects of a page of a list. */
  page: number;
  credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string };
  region: string;
};

const server = createServer(async (request, response) => {
  const url = new URL(request.url!, `http://${request.headers.host}`);
  const [, bucket = '', key = ''] = /^\/([^/]*)\/?(.*)$/.exec(decodeURIComponent(url.pathname))!;
  const refusal = bucket === 'public' ? null : await refusalOf(request, url);
  if (refusal !== null) return fail(response, 403, refusal);
  if (bucket === 'elsewhere') {
    response.setHeader('x-amz-bucket-region', 'eu-north-1');
    return fail(response, 301, 'PermanentRedirect');
  }
  try {
    if (url.searchParams.get('list-type') === '2') list(response, bucket, url.searchParams);
    else
      give(request, response, readFileSync(join(folder, bucket, key)), join(folder, bucket, key));
  } catch {
    fail(response, 404, 'NoSuchKey');
  }
});

/** The code of S3 for what is wrong with a signature. */
async function refusalOf(request: IncomingMessage, url: URL): Promise<string | null> {
  const { authorization = '' } = request.headers;
  const [, id, names] = /Credential=([^/]+)\/.*SignedHeaders=([^,]+),/.exec(authorization) ?? [];
  if (names === undefined) return 'AccessDenied';
  if (id !== credentials.accessKeyId) return 'InvalidAccessKeyId';
  const signed = names.split(';');
  for (const name of ['host', 'x-amz-date', 'x-amz-content-sha256']) {
    if (!signed.includes(name)) return 'SignatureDoesNotMatch';
  }
  const { sessionToken, ...keys } = credentials;
  if (request.headers['x-amz-security-token'] !== sessionToken) return 'InvalidToken';
  const headers = Object.fromEntries(
    signed.filter((name) => name !== 'host').map((name) => [name, String(request.headers[name])]),
  );
  const datetime = String(request.headers['x-amz-date']);
  const signer = new AwsV4Signer({
    ...keys,
    ...{ method: request.method!, url: url.href, headers, service: 's3', region, datetime },
    allHeaders: true,
  });
  const expected = (await signer.sign()).headers.get('authorization')!;
  const signature = (text: string): string | undefined => /Signature=(\w+)/.exec(text)?.[1];
  return signature(expected) === signature(authorization) ? null : 'SignatureDoesNotMatch';
}

function fail(response: ServerResponse, status: number, code: string): void {
  response.writeHead(status, { 'content-type': 'application/xml' });
  response.end(`<?xml version="1.0"?><Error><Code>${code}</Code></Error>`);
}

function tagOf(path: string): string {
  const { size, mtimeNs } = statSync(path, { bigint: true });
  return `"${size.toString(16)}-${mtimeNs.toString(16)}"`;
}

function give(
  request: IncomingMessage,
  response: ServerResponse,
  bytes: Buffer,
  path: string,
): void {
  const etag = tagOf(path);
  const headers = { etag, 'last-modified': statSync(path).mtime.toUTCString() };
  const { range, 'if-match': match } = request.headers;
  if (match !== undefined && match !== etag) {
    fail(response, 412, 'PreconditionFailed');
    return;
  }
  if (request.method === 'HEAD') {
    response.writeHead(200, { ...headers, 'content-length': bytes.length }).end();
    return;
  }
  const [, start, end] = /^bytes=(\d+)-(\d+)$/.exec(range ?? '') ?? [];
  const part = bytes.subarray(Number(start), Number(end) + 1);
  const content = `bytes ${start}-${Number(start) + part.length - 1}/${bytes.length}`;
  response.writeHead(206, { ...headers, 'content-range': content, 'content-length': part.length });
  response.end(part);
}

/** As S3 escapes names in lists. */
function escaped(key: string): string {
  return encodeURIComponent(key).replaceAll('%2F', '/').replaceAll('%20', '+');
}

function list(response: ServerResponse, bucket: string, query: URLSearchParams): void {
  const prefix = query.get('prefix') ?? '';
  const from = query.get('continuation-token');
  const keys = readdirSync(join(folder, bucket), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(join(folder, bucket).length + 1))
    .filter((key) => key.startsWith(prefix))
    .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    .filter((key) => from === null || Buffer.compare(Buffer.from(key), Buffer.from(from)) > 0);
  const shown = keys.slice(0, page);
  const isCut = shown.length < keys.length;
  const entries = shown.map((key) => {
    const path = join(folder, bucket, key);
    const { size, mtime } = statSync(path);
    return `<Contents><Key>${escaped(key)}</Key><LastModified>${mtime.toISOString()}</LastModified><ETag>${tagOf(path).replaceAll('"', '&quot;')}</ETag><Size>${size}</Size></Contents>`;
  });
  const token = isCut
    ? `<NextContinuationToken>${shown.at(-1)!.replaceAll('&', '&amp;')}</NextContinuationToken>`
    : '';
  response.writeHead(200, { 'content-type': 'application/xml' });
  response.end(
    `<?xml version="1.0"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><IsTruncated>${isCut}</IsTruncated>${token}${entries.join('')}</ListBucketResult>`,
  );
}

server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as { port: number };
  parentPort!.postMessage(`http://127.0.0.1:${port}`);
});

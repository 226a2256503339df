/** Where objects of S3 are asked for, and by whom: what the environment says, and nothing else. */

import { TilewrightError } from '../../core/errors.ts';
import { type S3Name, s3Name } from './input-url.ts';
import { type Credentials, signedHeaders, uriEncode } from './sign.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The URL that a bucket's object is asked for at.
 * @param query - escaped
 * @throws TilewrightError config-invalid for an endpoint that is no URL of a server
 */
export function s3Target({ bucket, key }: S3Name, environment: Environment, query = ''): URL {
  const endpoint = environment['AWS_ENDPOINT_URL_S3'] || environment['AWS_ENDPOINT_URL'];
  const path = uriEncode(key, true);
  const search = query === '' ? '' : `?${query}`;
  if (endpoint !== undefined && endpoint !== '') {
    return new URL(`${endpointOf(endpoint)}/${uriEncode(bucket)}/${path}${search}`);
  }
  const host = `s3.${regionOf(environment)}.amazonaws.com`;
  // The certificate is for one label before the rest.
  return /^[a-z\d-]+$/.test(bucket)
    ? new URL(`https://${bucket}.${host}/${path}${search}`)
    : new URL(`https://${host}/${uriEncode(bucket)}/${path}${search}`);
}

function endpointOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  const isServer =
    url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '';
  if (isServer && url.search === '' && url.hash === '') {
    return url.origin + url.pathname.replace(/\/+$/, '');
  }
  throw new TilewrightError(
    'config-invalid',
    'AWS_ENDPOINT_URL (or AWS_ENDPOINT_URL_S3) must be the URL of a server, such as http://localhost:9000',
  );
}

function regionOf(environment: Environment): string {
  const region = environment['AWS_REGION'] || environment['AWS_DEFAULT_REGION'] || 'us-east-1';
  if (/^[a-z\d-]+$/.test(region)) return region;
  throw new TilewrightError('config-invalid', 'AWS_REGION must be a name such as eu-central-1');
}

function credentialsOf(environment: Environment): Credentials | null {
  const accessKeyId = environment['AWS_ACCESS_KEY_ID'] ?? '';
  const secretAccessKey = environment['AWS_SECRET_ACCESS_KEY'] ?? '';
  if (accessKeyId === '' || secretAccessKey === '') return null;
  return { accessKeyId, secretAccessKey, sessionToken: environment['AWS_SESSION_TOKEN'] || null };
}

export interface Target {
  url: URL;
  headers: Record<string, string>;
  /** Null: this is no request to S3. */
  s3: { isSigned: boolean } | null;
}

/**
 * What is to be requested for an input's URL, signed if it is of S3 and there are credentials.
 * @param query - escaped; of S3 alone
 */
export function targetOf(
  input: string,
  method: string,
  headers: Readonly<Record<string, string>>,
  query = '',
  environment: Environment = process.env,
): Target {
  const name = s3Name(input);
  if (name === null) return { url: new URL(input), headers: { ...headers }, s3: null };
  const url = s3Target(name, environment, query);
  const credentials = credentialsOf(environment);
  if (credentials === null) return { url, headers: { ...headers }, s3: { isSigned: false } };
  const region = regionOf(environment);
  const signed = signedHeaders(method, url, headers, credentials, region, new Date());
  return { url, headers: signed, s3: { isSigned: true } };
}

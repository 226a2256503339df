/** A request that is sent again where that may help, follows redirects, and fails by name. */

import { STATUS_CODES } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { TilewrightError } from '../../core/errors.ts';
import { Broken, exchange, type Head } from './exchange.ts';
import { s3Name } from './input-url.ts';
import type { Limits } from './limits.ts';
import { type Target, targetOf } from './s3.ts';

export interface Question {
  /** As `inputUrl` gives it; messages name it. */
  url: string;
  method: 'GET' | 'HEAD';
  headers: Record<string, string>;
  /** Statuses of 400 and more that are no failure here. */
  expects?: readonly number[];
  /** Of S3 alone, escaped. */
  query?: string;
  /**
   * Begins to take the body of an answer that is not told of below: called anew whenever the request
   * is sent anew. Null: nobody wants it.
   */
  take: (head: Head) => ((piece: Uint8Array) => void) | null;
  limits: Limits;
}

const REDIRECTS = 5;
const BUSY: ReadonlySet<number> = new Set([429, 500, 502, 503, 504]);
const MOVED: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** Servers that want more patience than that are left alone. */
const LONGEST_WAIT_S = 120;
/** How long the place that a redirect led to is asked at once, in milliseconds. */
const REMEMBER_MS = 60_000;
/** Names of what a network does that may be over soon. */
const PASSING =
  /^(?:ECONNRESET|ECONNREFUSED|ECONNABORTED|EPIPE|ETIMEDOUT|EAI_AGAIN|ENETUNREACH|EHOSTUNREACH)$/;
const TLS = /^(?:ERR_TLS|ERR_SSL|EPROTO|CERT_|DEPTH_|SELF_SIGNED|UNABLE_TO|HOSTNAME_)/;
/** Of error documents that much is looked at. */
const ERROR_BYTES = 4096;

const places = new Map<string, { url: URL; until: number }>();

/**
 * The head of an answer that is no redirect and no refusal: what `take` took is its body. Of those
 * that `expects` lists there is no body.
 * @throws TilewrightError input-missing for 404 and 410, else input-unreadable; what `take` throws
 */
export async function ask(question: Question): Promise<Head> {
  const { url, limits } = question;
  for (let attempt = 1; ; attempt++) {
    let wait = limits.pauseMs * 2 ** (attempt - 1) * (1 + Math.random());
    try {
      const { head, refusal } = await follow(question);
      if (refusal === null || question.expects?.includes(head.status) === true) return head;
      if (!BUSY.has(head.status)) throw refused(question, head, refusal);
      const asked = retryAfter(head);
      if (attempt === limits.attempts || (asked ?? 0) > LONGEST_WAIT_S) {
        throw refused(question, head, refusal);
      }
      if (asked !== null) wait = 1000 * asked;
    } catch (error) {
      if (!(error instanceof Broken)) throw error;
      if (!PASSING.test(error.code) || attempt === limits.attempts) {
        throw unreachable(url, error, attempt);
      }
    }
    await pause(wait);
  }
}

interface Followed {
  head: Head;
  /** What an answer of 400 or more says of itself; null for others. */
  refusal: string | null;
}

async function follow(question: Question): Promise<Followed> {
  const { url, method, limits } = question;
  const target = targetOf(url, method, question.headers, question.query);
  const known = places.get(url);
  const remembered = known !== undefined && known.until > performance.now() ? known.url : null;
  let place = remembered ?? target.url;
  for (let count = 0; ; count++) {
    let text = '';
    const head = await exchange(
      method,
      place,
      target.headers,
      (head) => {
        if (MOVED.has(head.status)) return null;
        if (head.status < 400) return question.take(head);
        if (method === 'HEAD') return null;
        return (piece) => {
          text += Buffer.from(piece).toString('latin1');
          if (text.length > ERROR_BYTES) throw new Enough(head, text);
        };
      },
      limits,
    ).catch((error) => {
      if (!(error instanceof Enough)) throw error;
      text = error.text;
      return error.head;
    });
    if (!MOVED.has(head.status)) {
      // Such places are for a while only.
      if (remembered !== null && head.status >= 400 && places.delete(url)) return follow(question);
      return { head, refusal: head.status >= 400 ? text : null };
    }
    if (target.s3 !== null) return { head, refusal: '' };
    if (count === REDIRECTS)
      throw failure(url, `it leads to another place more than ${REDIRECTS} times`);
    place = nextPlace(url, place, head);
    places.set(url, { url: place, until: performance.now() + REMEMBER_MS });
  }
}

/** An error document of which enough is known. */
class Enough extends Error {
  readonly head: Head;
  readonly text: string;

  constructor(head: Head, text: string) {
    super();
    this.head = head;
    this.text = text;
  }
}

function nextPlace(url: string, place: URL, { headers }: Head): URL {
  const { location = '' } = headers;
  if (!URL.canParse(location, place.href)) throw failure(url, 'it leads to a place that is no URL');
  const next = new URL(location, place);
  const what = `it leads to ${next.protocol}//${next.host}`;
  if (next.protocol !== 'https:' && next.protocol !== 'http:') throw failure(url, what);
  if (place.protocol === 'https:' && next.protocol === 'http:') {
    throw failure(url, `${what}, where nothing protects it on its way`);
  }
  if (next.username !== '' || next.password !== '') {
    throw failure(url, `${what} with a user or a password`);
  }
  // Where clouds keep what machines may know of themselves.
  if (/^(?:169\.254\.|\[fe[89ab]|\[fd00:ec2::)/.test(next.hostname)) throw failure(url, what);
  next.hash = '';
  return next;
}

/** Seconds; null if nothing is said. */
function retryAfter({ headers }: Head): number | null {
  const text = headers['retry-after'];
  if (text === undefined) return null;
  const seconds = /^\d+$/.test(text) ? Number(text) : (Date.parse(text) - Date.now()) / 1000;
  return Number.isNaN(seconds) ? null : Math.max(0, seconds);
}

/** @param why - a clause, with what to do about it */
export function failure(url: string, why: string, retryable = false): TilewrightError {
  return new TilewrightError('input-unreadable', `${url} can't be read: ${why}`, {
    input: url,
    retryable,
  });
}

function unreachable(url: string, { code, message }: Broken, attempts: number): TilewrightError {
  if (TLS.test(code)) {
    return failure(
      url,
      `its server can't prove that it is what it says (${code}: ${message}). A certificate of your ` +
        'own authority is given by NODE_EXTRA_CA_CERTS',
    );
  }
  if (code === 'ENOTFOUND') return failure(url, `there is no server of that name (${message})`);
  if (/^HPE_|^ERR_/.test(code))
    return failure(url, `its server does not speak HTTP (${code}: ${message})`);
  const tries = attempts > 1 ? `, ${attempts} times` : '';
  return failure(url, `${code}, ${message}${tries}. Run again when the network is well`, true);
}

function refused(question: Question, head: Head, text: string): TilewrightError {
  const { url } = question;
  const { status, headers } = head;
  const code = /<Code>(\w{1,64})<\/Code>/.exec(text)?.[1];
  const said =
    `${status} ${STATUS_CODES[status] ?? ''}`.trim() + (code === undefined ? '' : `, ${code}`);
  if (status === 404 || status === 410) {
    const message = `There is no ${url}: its server says ${said}`;
    return new TilewrightError('input-missing', message, { input: url });
  }
  const region = headers['x-amz-bucket-region'];
  if (MOVED.has(status) || (status === 400 && region !== undefined)) {
    const where = typeof region === 'string' && /^[a-z\d-]+$/.test(region) ? `=${region}` : '';
    return failure(url, `its bucket is in another region (${said}). Set AWS_REGION${where}`);
  }
  if (status === 401 || status === 403)
    return failure(url, `its server refuses it (${said}). ${access(url)}`);
  const retryable = BUSY.has(status);
  const advice = retryable ? '. Run again later' : '';
  return failure(url, `its server says ${said}${advice}`, retryable);
}

function access(url: string): string {
  if (s3Name(url) === null) return 'Files for which one has to log in must be downloaded';
  const target: Target = targetOf(url, 'HEAD', {});
  return target.s3?.isSigned === true
    ? 'The credentials in the environment do not open it, or it is not there'
    : 'There are no credentials in the environment (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY), or it is not there';
}

/** Where a queue is: the URL of a Redis server, taken apart. Its password is never shown. */

import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { getCACertificates } from 'node:tls';
import type { RedisOptions } from 'ioredis';
import { TilewrightError } from '../../core/errors.ts';

export interface QueueAddress {
  /** For messages: without user and password. */
  readonly shown: string;
  /** How the server is called, as ioredis takes it. */
  readonly options: RedisOptions;
  /** What must not be in a message; null if there is none. */
  readonly password: string | null;
  /** Whether anybody between here and the server, or anybody who reaches it, could take part. */
  readonly open: boolean;
}

const FORM = 'Write redis://[USER[:PASSWORD]@]HOST[:PORT][/DATABASE], or rediss:// for TLS';

/**
 * @param ca - file of certificates that a `rediss:` server's has to be signed by; default: those
 *   that Node.js and the system trust
 * @throws TilewrightError usage
 */
export function parseQueueUrl(text: string, ca?: string): QueueAddress {
  const url = URL.canParse(text) ? new URL(text) : null;
  // The text is not repeated: a password may be in it.
  if (url === null) throw usage(`The queue's URL is not one. ${FORM}`);
  const { protocol, hostname, port, pathname } = url;
  if (protocol !== 'redis:' && protocol !== 'rediss:') {
    throw usage(`A queue's URL can't begin with ${protocol}//. ${FORM}`);
  }
  if (hostname === '') throw usage(`The queue's URL names no host. ${FORM}`);
  if (!/^\/?\d*$/.test(pathname)) throw usage(`The queue's database is a number. ${FORM}`);
  if (url.search !== '' || url.hash !== '') {
    throw usage(`The queue's URL has something after its database. ${FORM}`);
  }
  const tls = protocol === 'rediss:';
  if (ca !== undefined && !tls) {
    throw usage('Certificates are for TLS: the URL of the queue has to begin with rediss://');
  }
  const host = decodeURIComponent(hostname).replace(/^\[|\]$/g, '');
  const password = url.password === '' ? null : decodeURIComponent(url.password);
  const options: RedisOptions = {
    host,
    port: port === '' ? 6379 : Number(port),
    db: Number(pathname.slice(1)),
    ...(url.username !== '' && { username: decodeURIComponent(url.username) }),
    ...(password !== null && { password }),
    // The name to check a certificate against must not be an address.
    ...(tls && { tls: { ca: certificates(ca), ...(isIP(host) === 0 && { servername: host }) } }),
  };
  const shown = `${protocol}//${hostname}${port === '' ? '' : `:${port}`}${pathname}`;
  return { shown, options, password, open: password === null && !tls && !isLoopback(host) };
}

function certificates(file: string | undefined): string[] | string {
  if (file === undefined) return [...getCACertificates('default'), ...getCACertificates('system')];
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw usage(`The queue's certificates can't be read: ${reason}`);
  }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d+){3}$/.test(host);
}

const warned = new Set<string>();

/** Says once that a queue is open to everybody. */
export function warnIfOpen({ open, shown }: QueueAddress): void {
  if (!open || warned.has(shown)) return;
  warned.add(shown);
  process.emitWarning(
    `The queue ${shown} has neither a password nor TLS: whoever reaches that server can read the ` +
      'tasks, and have registered functions run with arguments of their own. Use ' +
      'rediss://USER:PASSWORD@HOST',
    { code: 'TILEWRIGHT_OPEN_QUEUE' },
  );
}

/** A message without the password, whoever wrote it. */
export function withoutPassword(message: string, { password }: QueueAddress): string {
  if (password === null) return message;
  return message.replaceAll(password, '***').replaceAll(encodeURIComponent(password), '***');
}

function usage(message: string): TilewrightError {
  return new TilewrightError('usage', message);
}

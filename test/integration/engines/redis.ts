/** A Redis server of its own for a test, in a temporary folder. */

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { isIP } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Daemon, Guard } from './daemon.ts';
import { freePorts, missingPrograms, run, withRetries } from './programs.ts';

export interface RedisOptions {
  /** Address to listen on; default: 127.0.0.1. */
  bind?: string;
  /** Ask clients for this password, as user `default`. */
  password?: string;
  /** Speak TLS only, with a certificate signed by an authority made for this server. */
  tls?: boolean;
  /** Put before the command, to start it in a network namespace. */
  prefix?: readonly string[];
  /** Further arguments, such as `['--maxmemory-policy', 'noeviction']`. */
  extra?: readonly string[];
}

export interface Redis {
  /** `redis://…` or `rediss://…`, with the password if there is one. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  readonly pid: number;
  /** Path of the authority's certificate in PEM, for clients; undefined without TLS. */
  readonly ca: string | undefined;
  /** Runs `redis-cli` with these arguments and returns what it prints, without the line's end. */
  cli(...args: string[]): Promise<string>;
  /** Resolves when the server has ended, unless the signal only halts it or lets it go on. */
  kill(signal: NodeJS.Signals): Promise<void>;
  /**
   * Kills it if it runs, and starts it on the same port.
   * @param options - `keepData`: with everything that it ever confirmed, else empty
   */
  restart(options: { keepData: boolean }): Promise<void>;
  /** Ends it and removes its files. */
  stop(): Promise<void>;
}

/** Why tests with Redis can't run here, or false. */
export function redisMissing(): string | false {
  const missing = missingPrograms(['redis-server', 'redis-cli', 'openssl']);
  if (missing.length === 0) return false;
  return `${missing.join(', ')} not found: apt-get install redis-server openssl`;
}

/** Starts a server that has confirmed every write to disk, and waits until it answers. */
export function startRedis(options: RedisOptions = {}): Promise<Redis> {
  return withRetries(5, () => start(options));
}

/**
 * All keys of a server, sorted.
 * @param ca - the authority's certificate, for `rediss://`
 */
export async function redisKeys(url: string, ca?: string): Promise<string[]> {
  const keys = await redisCli(url, ca, ['--scan']);
  return keys === '' ? [] : keys.split('\n').sort();
}

async function redisCli(url: string, ca: string | undefined, args: string[]): Promise<string> {
  const trust = ca === undefined ? [] : ['--cacert', ca];
  // -e: an error that the server answers with is a failure.
  const command = ['redis-cli', '-e', '--no-auth-warning', '-u', url, ...trust, ...args];
  return (await run(command)).replace(/\n$/, '');
}

async function start(options: RedisOptions): Promise<Redis> {
  const { bind: host = '127.0.0.1', password, tls = false, prefix = [], extra = [] } = options;
  const folder = mkdtempSync(join(tmpdir(), 'tilewright-redis-'));
  const guard = new Guard(folder);
  try {
    const data = join(folder, 'data');
    mkdirSync(data);
    // In a namespace the address can't be tried from here, and nobody else is there.
    const [port] = await freePorts(1, prefix.length === 0 ? host : '127.0.0.1');
    const ca = tls ? await makeCertificates(folder, host) : undefined;
    const user = password === undefined ? '' : `default:${encodeURIComponent(password)}@`;
    const url = `${tls ? 'rediss' : 'redis'}://${user}${host}:${port}`;
    const listen = tls
      ? ['--port', '0', '--tls-port', `${port}`, '--tls-auth-clients', 'no'].concat(
          ['--tls-cert-file', join(folder, 'server.pem')],
          ['--tls-key-file', join(folder, 'server.key'), '--tls-ca-cert-file', ca!],
        )
      : ['--port', `${port}`];
    const secret = password === undefined ? [] : ['--requirepass', password];
    // Its own title would overwrite the environment, by which the guard knows it.
    const keep = [
      '--set-proc-title',
      'no',
      '--dir',
      data,
      '--save',
      '',
      '--appendonly',
      'yes',
      '--appendfsync',
      'always',
    ];
    const command = [...prefix, 'redis-server', '--bind', host, '--protected-mode', 'no'].concat(
      [...listen, ...keep, ...secret],
      extra,
    );
    const daemon = new Daemon(command, folder, join(folder, 'redis.log'));
    const cli = (...args: string[]): Promise<string> => redisCli(url, ca, args);
    const up = async (): Promise<void> => {
      daemon.start();
      await daemon.ready(() => answers(url, ca));
    };
    await up();
    return {
      url,
      host,
      port: port!,
      ca,
      get pid() {
        return daemon.pid;
      },
      cli,
      kill: (signal) => daemon.kill(signal),
      async restart({ keepData }) {
        await daemon.kill('SIGKILL');
        if (!keepData) {
          rmSync(data, { recursive: true });
          mkdirSync(data);
        }
        await up();
      },
      async stop() {
        await daemon.kill('SIGKILL');
        await guard.dismiss();
      },
    };
  } catch (error) {
    await guard.dismiss();
    throw error;
  }
}

/** Whether the server answers, and has read its data. */
async function answers(url: string, ca: string | undefined): Promise<boolean> {
  try {
    return (await redisCli(url, ca, ['PING'])) === 'PONG';
  } catch {
    return false;
  }
}

/**
 * Makes an authority and a certificate that it signed for `localhost` and the address.
 * @returns path of the authority's certificate
 */
async function makeCertificates(folder: string, host: string): Promise<string> {
  const authority = join(folder, 'ca.pem');
  const make = ['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt'].concat([
    'ec_paramgen_curve:prime256v1',
    '-nodes',
    '-days',
    '2',
  ]);
  await run(
    [...make, '-subj', '/CN=Test authority'].concat([
      '-keyout',
      join(folder, 'ca.key'),
      '-out',
      authority,
    ]),
  );
  const names = ['DNS:localhost', isIP(host) === 0 ? `DNS:${host}` : `IP:${host}`];
  await run(
    [...make, '-subj', '/CN=Test server', '-CA', authority].concat(
      ['-CAkey', join(folder, 'ca.key'), '-addext', `subjectAltName=${names.join(',')}`],
      ['-addext', 'basicConstraints=critical,CA:FALSE'],
      ['-keyout', join(folder, 'server.key'), '-out', join(folder, 'server.pem')],
    ),
  );
  return authority;
}

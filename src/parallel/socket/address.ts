/**
 * Where managers find their coordinator. On one machine that is a Unix domain socket in a folder
 * that only its owner can enter. Over a network it is TLS with a key that both sides know
 * (RFC 4279, with ephemeral keys by RFC 5489): it encrypts, and lets in nobody without the key,
 * which workers read from a file of mode 600.
 */

import { randomBytes } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, connect as netConnect, type Server } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { createServer as createTlsServer, type TlsOptions, connect as tlsConnect } from 'node:tls';
import { TilewrightError, toTilewrightError } from '../../core/errors.ts';
import { makeTemporaryFolder, removeTemporaryFolder } from '../run-folder.ts';

const IDENTITY = 'tilewright';
const KEY_BYTES = 32;
const TLS = {
  ciphers: 'ECDHE-PSK-CHACHA20-POLY1305',
  minVersion: 'TLSv1.2',
  maxVersion: 'TLSv1.2',
} as const satisfies TlsOptions;

export interface Listener {
  server: Server;
  /** `unix:PATH` or `tls://HOST:PORT`. */
  address: string;
  /** The key; null where none is needed. */
  key: string | null;
  /** Takes away what listening has left on the disk. */
  remove(): void;
}

/** The longest path of a socket that every system takes, in bytes. */
const MAX_SOCKET_PATH = 100;

/**
 * Listens for managers on this machine.
 * @param preferred - folder for the socket, which only its owner can enter; if its path is too long
 *   for a socket, a temporary one is made
 */
export async function listenLocally(
  onConnection: (stream: Duplex) => void,
  preferred: string,
): Promise<Listener> {
  if (process.platform === 'win32') {
    return listenOnNetwork(onConnection, { address: '127.0.0.1' });
  }
  const fits = Buffer.byteLength(join(preferred, 'socket')) <= MAX_SOCKET_PATH;
  const temporary = fits ? null : await makeTemporaryFolder('tilewright-socket');
  const path = join(temporary?.path ?? preferred, 'socket');
  const server = createServer(onConnection);
  const remove = (): void => {
    if (temporary === null) rmSync(path, { force: true });
    else removeTemporaryFolder(temporary);
  };
  try {
    await listen(server, { path });
  } catch (error) {
    remove();
    throw error;
  }
  return { server, address: `unix:${path}`, key: null, remove };
}

/** @param options - `address`: host name or address that workers call; `port`: 0 for any */
export async function listenOnNetwork(
  onConnection: (stream: Duplex) => void,
  { address = hostname(), port = 0 }: { address?: string | undefined; port?: number | undefined },
): Promise<Listener> {
  const psk = randomBytes(KEY_BYTES);
  const server = createTlsServer(
    {
      ...TLS,
      // Messages are short and waited for: none is held back to fill a packet.
      noDelay: true,
      pskCallback: (_socket, identity) => (identity === IDENTITY ? psk : null),
    },
    onConnection,
  );
  const loopback = address === '127.0.0.1' || address === 'localhost';
  await listen(server, loopback ? { port, host: '127.0.0.1' } : { port });
  const bound = (server.address() as { port: number }).port;
  const host = address.includes(':') ? `[${address}]` : address;
  return {
    server,
    address: `tls://${host}:${bound}`,
    key: psk.toString('base64url'),
    remove: () => undefined,
  };
}

async function listen(
  server: Server,
  options: { path: string } | { port: number; host?: string },
): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) =>
      reject(new TilewrightError('queue', `No worker can be listened for: ${error.message}`)),
    );
    server.listen(options, resolve);
  });
  // A connection that fails before it speaks is the other side's matter.
  server.on('error', () => undefined);
}

export function writeKey(path: string, key: string): void {
  writeFileSync(path, key, { mode: 0o600 });
}

/**
 * Calls a coordinator.
 * @param keyFile - file of the key, for `tls:`
 * @throws TilewrightError queue
 */
export function connectTo(address: string, keyFile: string | null): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const fail = (error: unknown): void => {
      const { message } = toTilewrightError(error);
      reject(new TilewrightError('queue', `${address} can't be reached: ${message}`));
    };
    try {
      if (address.startsWith('unix:')) {
        const socket = netConnect(address.slice('unix:'.length), () => resolve(socket));
        socket.once('error', fail);
        return;
      }
      const url = new URL(address);
      if (url.protocol !== 'tls:') throw new Error('it is neither unix: nor tls:');
      const psk = Buffer.from(readFileSync(keyFile ?? '', 'utf8'), 'base64url');
      const socket = tlsConnect(
        {
          ...TLS,
          host: url.hostname.replace(/^\[|\]$/g, ''),
          port: Number(url.port),
          pskCallback: () => ({ psk, identity: IDENTITY }),
          // The key is what tells that it is the right server: there are no certificates.
          checkServerIdentity: () => undefined,
        },
        () => resolve(socket.setNoDelay(true)),
      );
      socket.once('error', fail);
    } catch (error) {
      fail(error);
    }
  });
}

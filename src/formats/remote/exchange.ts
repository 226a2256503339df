/** One request over HTTP, and its answer. */

import * as http from 'node:http';
import * as https from 'node:https';
import type { Limits } from './limits.ts';

export interface Head {
  status: number;
  headers: http.IncomingHttpHeaders;
}

/** Takes a piece of the body; what it throws ends the exchange. */
type Sink = (piece: Uint8Array) => void;

/** Why an exchange came to nothing, where the network or the server's program is to blame. */
export class Broken extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** Connections to one server at a time. */
const CONNECTIONS = 8;
const HEADER_BYTES = 1 << 14;
/** Agents of its own: they know of no proxies. */
const agents = {
  'http:': new http.Agent({ keepAlive: true, maxSockets: CONNECTIONS, scheduling: 'fifo' }),
  'https:': new https.Agent({ keepAlive: true, maxSockets: CONNECTIONS, scheduling: 'fifo' }),
};

/**
 * Resolves when the body is there, or when `take` has not asked for it.
 * @param take - sees the head, and returns what takes the body; null: nobody wants it
 * @throws Broken; what `take` and its sink throw
 */
export function exchange(
  method: string,
  url: URL,
  headers: Readonly<Record<string, string>>,
  take: (head: Head) => Sink | null,
  limits: Limits,
): Promise<Head> {
  const protocol = url.protocol as 'http:' | 'https:';
  const program = protocol === 'https:' ? https : http;
  return new Promise((resolve, reject) => {
    const request = program.request(url, {
      method,
      headers: { 'user-agent': 'tilewright', 'accept-encoding': 'identity', ...headers },
      agent: agents[protocol],
      maxHeaderSize: HEADER_BYTES,
    });
    let timer: NodeJS.Timeout | undefined;
    const fail = (error: Error): void => {
      clearTimeout(timer);
      reject(error);
      request.destroy();
    };
    const late = (ms: number, what: string): NodeJS.Timeout =>
      setTimeout(() => fail(new Broken('ETIMEDOUT', `${what} for ${ms / 1000} s`)), ms);
    request.on('socket', () => {
      timer ??= late(limits.headMs, 'no answer');
    });
    request.on('error', (error: NodeJS.ErrnoException) => {
      fail(new Broken(error.code ?? 'ECONNRESET', error.message));
    });
    request.on('response', (response) => {
      clearTimeout(timer);
      const head = { status: response.statusCode!, headers: response.headers };
      let sink: Sink | null;
      try {
        sink = take(head);
      } catch (error) {
        fail(error as Error);
        return;
      }
      if (sink === null) {
        resolve(head);
        // A connection whose answer has no body is used again.
        if (method === 'HEAD') response.resume();
        else request.destroy();
        return;
      }
      timer = late(limits.idleMs, 'no byte of the answer');
      response.on('data', (piece: Buffer) => {
        timer!.refresh();
        try {
          sink(piece);
        } catch (error) {
          fail(error as Error);
        }
      });
      response.on('error', (error: NodeJS.ErrnoException) => {
        fail(new Broken(error.code ?? 'ECONNRESET', error.message));
      });
      response.on('end', () => {
        clearTimeout(timer);
        if (response.complete) resolve(head);
        else fail(new Broken('ECONNRESET', 'the answer ended too early'));
      });
    });
    request.end();
  });
}

/**
 * A web server for pages of this machine's user: on loopback unless told otherwise, for the names
 * of its own address alone, with limits to what a request may cost.
 */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type ErrorCode, TilewrightError, toTilewrightError } from '../core/errors.ts';
import { printableData, printableLines } from '../core/printable.ts';
import { allowedHosts, COMMON_HEADERS, type Headers, PAGE_POLICY, urlHost } from './guard.ts';

const TRIES = 20;
/** A choice among a hundred thousand inputs has this many characters. */
const MAX_HEADER_BYTES = 1 << 16;
/** A browser has six connections; whoever is slow with a request, or idle, loses his. */
const MAX_CONNECTIONS = 256;
const REQUEST_MS = 30_000;
const IDLE_MS = 300_000;
const LIMITS = {
  maxHeaderSize: MAX_HEADER_BYTES,
  headersTimeout: REQUEST_MS,
  requestTimeout: REQUEST_MS,
  connectionsCheckingInterval: 5_000,
};

const STATUS: Partial<Record<ErrorCode, number>> = {
  usage: 400,
  'input-missing': 404,
  interrupted: 503,
};

/** What is under an address: bytes with their type, or what is sent as JSON; null: nothing. */
export type Answer =
  | { body: Uint8Array; type: string; headers?: Headers }
  | { json: object }
  | null;

/**
 * Says what is under a path, as it stands in the URL: dots in it are not resolved.
 * @throws TilewrightError `usage` 400, `input-missing` 404, `interrupted` 503, others 500
 */
export type Route = (path: string, search: string, signal: AbortSignal) => Promise<Answer> | Answer;

export class GuardedServer {
  readonly #host: string;
  readonly #route: Route;
  readonly #shown: (message: string) => string;
  readonly #server: Server;
  #hosts = new Set<string>();
  #port = 0;

  /** @param shown - takes from a message what is not to be seen */
  constructor(host: string, route: Route, shown = (message: string): string => message) {
    this.#host = host;
    this.#route = route;
    this.#shown = shown;
    this.#server = createServer(LIMITS, (request, response) => {
      void this.#answer(request, response);
    });
    this.#server.maxConnections = MAX_CONNECTIONS;
    // Also for who does not read his answer.
    this.#server.timeout = IDLE_MS;
  }

  get url(): string {
    return `http://${urlHost(this.#host)}:${this.#port}/`;
  }

  /**
   * @param wanted - 0: any port that is free; undefined: `standard` or one of the next
   * @throws TilewrightError usage
   */
  async listen(wanted: number | undefined, standard: number): Promise<void> {
    const first = wanted ?? standard;
    const last = wanted === undefined ? first + TRIES - 1 : first;
    for (let port = first; ; port++) {
      try {
        await this.#listenOn(port);
        break;
      } catch (error) {
        const { code, message } = error as NodeJS.ErrnoException;
        if (code === 'EADDRINUSE' && port < last) continue;
        const reason = code === 'EADDRINUSE' ? 'another program listens there' : message;
        const advice = code === 'EADDRINUSE' ? 'Choose another --port' : 'Check --host and --port';
        throw new TilewrightError(
          'usage',
          `Can't listen on ${this.#host}, port ${port}: ${reason}. ${advice}`,
          { cause: error },
        );
      }
    }
    this.#port = (this.#server.address() as AddressInfo).port;
    this.#hosts = allowedHosts(this.#host, this.#port);
  }

  #listenOn(port: number): Promise<void> {
    return new Promise((done, fail) => {
      this.#server.once('error', fail);
      this.#server.listen({ port, host: this.#host, exclusive: true }, () => {
        this.#server.off('error', fail);
        done();
      });
    });
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((done) => this.#server.close(() => done()));
    this.#server.closeAllConnections();
    await closed;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const leaving = new AbortController();
    response.on('close', () => leaving.abort());
    try {
      await this.#reply(request, response, leaving.signal);
    } catch (caught) {
      const error = toTilewrightError(caught);
      if (response.headersSent || response.destroyed) return;
      const message = this.#shown(error.message);
      send(response, STATUS[error.code] ?? 500, { error: message, code: error.code });
    }
  }

  async #reply(
    request: IncomingMessage,
    response: ServerResponse,
    signal: AbortSignal,
  ): Promise<void> {
    const [name = '', ...more] = request.headersDistinct['host'] ?? [];
    if (more.length > 0 || !this.#hosts.has(name.toLowerCase())) {
      const error = 'This server does not answer to that name';
      return send(response, 421, { error, code: 'usage' });
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('Allow', 'GET, HEAD');
      return send(response, 405, { error: 'Only GET and HEAD are answered', code: 'usage' });
    }
    // Not by URL: that would resolve the dots in `/page/../…` before they could be seen.
    const [path = '', search = ''] = splitOnce(request.url ?? '', '?');
    const answer = await this.#route(path, search, signal);
    if (answer === null) {
      return send(response, 404, { error: 'There is nothing under this address', code: 'usage' });
    }
    if ('json' in answer) return send(response, 200, answer.json);
    sendBytes(response, 200, answer.body, answer.type, answer.headers ?? {});
  }
}

/** As JSON, in which what files bring along can be seen and turns no writing around. */
function send(response: ServerResponse, status: number, value: object): void {
  const body = Buffer.from(JSON.stringify(printableData(value, printableLines)));
  sendBytes(response, status, body, 'application/json', {});
}

/** Node sends no body after HEAD. */
function sendBytes(
  response: ServerResponse,
  status: number,
  body: Uint8Array,
  type: string,
  headers: Headers,
): void {
  response.writeHead(status, {
    ...COMMON_HEADERS,
    'Content-Security-Policy': PAGE_POLICY,
    'Cache-Control': 'no-store',
    'Content-Type': type,
    'Content-Length': String(body.length),
    ...headers,
  });
  response.end(body);
}

function splitOnce(text: string, mark: string): [string, string?] {
  const at = text.indexOf(mark);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

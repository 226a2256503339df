/** The viewer: a web server for one staged folder. */

import { existsSync, realpathSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { resolve, sep } from 'node:path';
import { type ErrorCode, TilewrightError, toTilewrightError } from '../core/errors.ts';
import { printableData, printableLines } from '../core/printable.ts';
import { journalPath } from '../staging/folder/staged-folder.ts';
import { type Asset, loadAssets } from './assets.ts';
import { answerData } from './data-routes.ts';
import { FolderData } from './folder-data.ts';
import {
  allowedHosts,
  COMMON_HEADERS,
  type Headers,
  PAGE_POLICY,
  REPORT_POLICY,
  urlHost,
} from './guard.ts';
import { LastReport } from './last-report.ts';
import { DEFAULT_HOST, DEFAULT_PORT, type ServeOptions, type Viewer } from './options.ts';

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

/**
 * Serves a web page that shows what is staged in a folder, until it is closed.
 * @throws TilewrightError `staged-folder` for a folder without a journal, `usage` for a port or an
 *   address that can't be listened on
 */
export async function serve(folder: string, options: ServeOptions = {}): Promise<Viewer> {
  const path = resolve(folder);
  if (!existsSync(journalPath(path))) {
    const what = existsSync(path) ? 'has no journal: it is no staged folder' : 'is not there';
    throw new TilewrightError(
      'staged-folder',
      `${folder} ${what}. Name the folder that was given to tilewright stage as --out`,
    );
  }
  const data = new FolderData(path);
  try {
    if (!realpathSync(journalPath(path)).startsWith(data.root + sep)) {
      throw new TilewrightError(
        'staged-folder',
        `The journal of ${folder} is a link out of the folder, and is not read`,
      );
    }
    await data.version();
    const host = options.host ?? DEFAULT_HOST;
    const viewer = new ViewerServer(data, host);
    await viewer.listen(options.port);
    return { url: `http://${urlHost(host)}:${viewer.port}/`, close: () => viewer.close() };
  } catch (error) {
    await data.close();
    throw error;
  }
}

class ViewerServer {
  port = 0;
  readonly #data: FolderData;
  readonly #host: string;
  readonly #report: LastReport;
  readonly #assets: Map<string, Asset> = loadAssets();
  readonly #server: Server;
  #hosts = new Set<string>();

  constructor(data: FolderData, host: string) {
    this.#data = data;
    this.#host = host;
    this.#report = new LastReport(data.root);
    this.#server = createServer(LIMITS, (request, response) => {
      void this.#answer(request, response);
    });
    this.#server.maxConnections = MAX_CONNECTIONS;
    // Also for who does not read his answer.
    this.#server.timeout = IDLE_MS;
  }

  async listen(wanted: number | undefined): Promise<void> {
    const first = wanted ?? DEFAULT_PORT;
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
    this.port = (this.#server.address() as AddressInfo).port;
    this.#hosts = allowedHosts(this.#host, this.port);
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
    await Promise.all([closed, this.#data.close()]);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const leaving = new AbortController();
    response.on('close', () => leaving.abort());
    try {
      await this.#route(request, response, leaving.signal);
    } catch (caught) {
      const error = toTilewrightError(caught);
      if (response.headersSent || response.destroyed) return;
      const message = error.message.replaceAll(this.#data.root + sep, '');
      send(response, STATUS[error.code] ?? 500, { error: message, code: error.code });
    }
  }

  async #route(
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
    const asset = this.#assets.get(path);
    if (asset !== undefined) {
      // A viewer of another version may have been here before.
      return sendBytes(response, 200, asset.body, asset.type, { 'Cache-Control': 'no-cache' });
    }
    if (path === '/report') return this.#sendReport(response);
    if (path === '/data/version') {
      const report = this.#report.version() !== null;
      return send(response, 200, { version: await this.#data.version(), report });
    }
    const found = path.startsWith('/data/')
      ? await answerData(this.#data, path, new URLSearchParams(search), signal)
      : null;
    if (found === null) {
      return send(response, 404, { error: 'There is nothing under this address', code: 'usage' });
    }
    if (!(found instanceof Uint8Array)) return send(response, 200, found);
    sendBytes(response, 200, found, 'application/octet-stream', { 'Cache-Control': 'no-store' });
  }

  #sendReport(response: ServerResponse): void {
    const html = this.#report.html();
    if (html === null) {
      send(response, 404, { error: 'There is no report of a run', code: 'usage' });
    } else {
      sendBytes(response, 200, Buffer.from(html), 'text/html; charset=utf-8', {
        'Cache-Control': 'no-store',
        'Content-Security-Policy': REPORT_POLICY,
      });
    }
  }
}

/** As JSON, in which what files bring along can be seen and turns no writing around. */
function send(response: ServerResponse, status: number, value: object): void {
  const body = Buffer.from(JSON.stringify(printableData(value, printableLines)));
  sendBytes(response, status, body, 'application/json', { 'Cache-Control': 'no-store' });
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

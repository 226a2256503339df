/** A server that does wrong: the first part of a path says what, the rest is a name of nothing. */

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSecure } from 'node:https';
import { parentPort, workerData } from 'node:worker_threads';

const { bytes, tls } = workerData as {
  bytes: Uint8Array;
  /** Null: it speaks HTTP without. */
  tls: { key: string; cert: string } | null;
};
const DATE = 'Wed, 21 Oct 2026 07:28:00 GMT';
/** Of each path: how often a range was asked for. */
const asked = new Map<string, number>();

type Fault = (answer: Answer) => void;

interface Answer {
  request: IncomingMessage;
  response: ServerResponse;
  method: string;
  count: number;
  /** Inclusive. */
  start: number;
  end: number;
  headers: Record<string, string>;
  part: Buffer;
}

/** As it should be, with headers that are put over it. */
function good(
  { response, headers, part, method }: Answer,
  over: Record<string, string> = {},
): void {
  response.writeHead(method === 'HEAD' ? 200 : 206, { ...headers, ...over });
  response.end(method === 'HEAD' ? undefined : part);
}

function busy({ response }: Answer, status: number, headers: Record<string, string> = {}): void {
  response.writeHead(status, headers).end('later');
}

/** Of the first `count` bytes alone. */
function cut({ response, headers, part }: Answer, count: number): void {
  response.writeHead(206, headers);
  response.write(part.subarray(0, count), () => response.destroy());
}

const onGet =
  (fault: Fault): Fault =>
  (answer) =>
    answer.method === 'HEAD' ? good(answer) : fault(answer);

const FAULTS: Record<string, Fault> = {
  good,
  weak: (answer) => good(answer, { etag: 'W/"a"' }),
  'no-tags': ({ response }) => {
    response.writeHead(200, { 'content-length': bytes.length }).end();
  },
  'no-ranges': onGet(({ response, headers }) => {
    response.writeHead(200, { ...headers, 'content-length': bytes.length }).end(bytes);
  }),
  busy: onGet((answer) => (answer.count <= 2 ? busy(answer, 503) : good(answer))),
  'busy-head': (answer) => (answer.count <= 2 ? busy(answer, 502) : good(answer)),
  patience: onGet((answer) =>
    answer.count === 1 ? busy(answer, 429, { 'retry-after': '1' }) : good(answer),
  ),
  'long-patience': onGet((answer) => busy(answer, 429, { 'retry-after': '100000' })),
  broken: onGet((answer) => busy(answer, 500)),
  forbidden: (answer) => busy(answer, 403),
  unknown: (answer) => busy(answer, 404),
  teapot: (answer) => busy(answer, 418),
  'cut-once': onGet((answer) => (answer.count === 1 ? cut(answer, 1000) : good(answer))),
  cut: onGet((answer) => cut(answer, 1000)),
  'changed-tag': onGet((answer) => good(answer, answer.start > 0 ? { etag: '"b"' } : {})),
  'changed-date': onGet((answer) =>
    good(answer, answer.start > 0 ? { 'last-modified': 'Thu, 22 Oct 2026 07:28:00 GMT' } : {}),
  ),
  'changed-size': onGet((answer) =>
    good(answer, {
      'content-range': `bytes ${answer.start}-${answer.end}/${bytes.length + 1}`,
    }),
  ),
  precondition: onGet((answer) => busy(answer, 412)),
  unsatisfiable: onGet((answer) => busy(answer, 416)),
  'wrong-range': onGet((answer) =>
    good(answer, {
      'content-range': `bytes ${answer.start + 1}-${answer.end + 1}/${bytes.length}`,
    }),
  ),
  'no-range': onGet(({ response, headers, part }) => {
    const { 'content-range': _, ...rest } = headers;
    response.writeHead(206, rest).end(part);
  }),
  multipart: onGet((answer) => {
    const { 'content-range': _, ...rest } = answer.headers;
    answer.response
      .writeHead(206, { ...rest, 'content-type': 'multipart/byteranges; boundary=x' })
      .end(answer.part);
  }),
  longer: onGet(({ response, headers, part }) => {
    const { 'content-length': _, ...rest } = headers;
    response.writeHead(206, { ...rest, 'transfer-encoding': 'chunked' });
    response.end(Buffer.concat([part, Buffer.alloc(1 << 20)]));
  }),
  shorter: onGet(({ response, headers, part }) => {
    const { 'content-length': _, ...rest } = headers;
    response.writeHead(206, { ...rest, 'transfer-encoding': 'chunked' });
    response.end(part.subarray(0, part.length - 1));
  }),
  'wrong-length': onGet((answer) =>
    good(answer, { 'content-length': String(answer.part.length + 5) }),
  ),
  gzip: (answer) => good(answer, { 'content-encoding': 'gzip' }),
  'gzip-later': onGet((answer) => good(answer, { 'content-encoding': 'gzip' })),
  hang: onGet(() => undefined),
  'hang-once': onGet((answer) => {
    if (answer.count > 1) good(answer);
  }),
  'hang-in-body': onGet(({ response, headers, part }) => {
    response.writeHead(206, headers);
    response.write(part.subarray(0, 10));
  }),
  'endless-headers': ({ request }) => {
    request.socket.write('HTTP/1.1 200 OK\r\n');
    const timer = setInterval(() => request.socket.write(`x: ${'y'.repeat(8000)}\r\n`), 5);
    request.socket.on('close', () => clearInterval(timer));
    request.socket.on('error', () => undefined);
  },
  'no-http': ({ request }) => {
    request.socket.end('SSH-2.0-OpenSSH_9.2\r\n');
  },
  loop: ({ request, response }) => {
    response.writeHead(302, { location: request.url! }).end();
  },
  moved: ({ request, response }) => {
    response.writeHead(301, { location: request.url!.replace('moved', 'moved-again') }).end();
  },
  'moved-again': ({ request, response }) => {
    response
      .writeHead(307, { location: `${request.url!.replace('moved-again', 'good')}?key=1` })
      .end();
  },
  'to-file': ({ response }) => response.writeHead(302, { location: 'file:///etc/passwd' }).end(),
  'to-user': ({ response }) =>
    response.writeHead(302, { location: 'http://a:b@127.0.0.1/x' }).end(),
  'to-metadata': ({ response }) =>
    response.writeHead(302, { location: 'http://169.254.169.254/latest/meta-data/' }).end(),
  'to-http': ({ response }) => response.writeHead(302, { location: 'http://127.0.0.1/x' }).end(),
  'no-location': ({ response }) => response.writeHead(302).end(),
};

function answer(request: IncomingMessage, response: ServerResponse): void {
  const path = request.url!;
  const method = request.method!;
  const fault = path.split(/[/?]/)[1]!;
  const [, from = '0', to = ''] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
  const start = Number(from);
  const end = to === '' ? bytes.length - 1 : Math.min(Number(to), bytes.length - 1);
  const part = Buffer.from(bytes.subarray(start, end + 1));
  const count = (asked.get(path) ?? 0) + 1;
  asked.set(path, count);
  const common = { etag: '"a"', 'last-modified': DATE };
  const headers: Record<string, string> =
    method === 'HEAD'
      ? { ...common, 'content-length': String(bytes.length) }
      : {
          ...common,
          'content-length': String(part.length),
          'content-range': `bytes ${start}-${end}/${bytes.length}`,
        };
  if (method === 'HEAD' && fault !== 'busy-head') asked.set(path, 0);
  FAULTS[fault]!({ request, response, method, count, start, end, headers, part });
}

const server = tls === null ? createServer(answer) : createSecure(tls, answer);
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as { port: number };
  parentPort!.postMessage(`${tls === null ? 'http' : 'https'}://127.0.0.1:${port}`);
});

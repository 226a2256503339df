import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { after, before, suite, test } from 'node:test';
import { LIMITS } from '../../../src/formats/remote/limits.ts';
import { RemoteFile } from '../../../src/formats/remote/remote-file.ts';
import { fails } from '../shapefile/shapefile-fixture.ts';
import { type Server, startServer } from './servers.ts';

const SIZE = 5 << 20;
const bytes = Uint8Array.from({ length: SIZE }, (_, i) => (i * 2654435761) >>> 24);
const limits = { ...LIMITS, headMs: 300, idleMs: 300, attempts: 3, pauseMs: 1 };

suite('servers that do wrong', { timeout: 120_000 }, () => {
  let server: Server;
  before(async () => {
    server = await startServer('./hostile-server.ts', { bytes, tls: null });
  });
  after(() => server.stop());

  /** Reads the beginning, and then all. */
  function read(fault: string): Buffer {
    const file = new RemoteFile(`${server.url}/${fault}/a.gpkg`, 'a.gpkg', limits);
    try {
      const target = Buffer.alloc(SIZE);
      file.read(target, 0, 100, 0);
      assert.equal(file.read(target, 0, SIZE, 0), SIZE);
      return target;
    } finally {
      file.close();
    }
  }

  for (const fault of [
    ...['good', 'weak', 'busy', 'busy-head', 'patience', 'cut-once', 'hang-once', 'moved'],
  ]) {
    test(`${fault}: is read all the same`, () => {
      assert.ok(read(fault).equals(bytes));
    });
  }

  const changed = /it was changed while it was read/;
  const refusals: Record<string, RegExp> = {
    'no-tags': /tells no ETag and no Last-Modified/,
    'no-ranges': /has no range requests, .* Download it/,
    'long-patience': /429 Too Many Requests. Run again later/,
    broken: /500 Internal Server Error/,
    forbidden: /refuses it \(403 Forbidden\)/,
    teapot: /says 418/,
    cut: /ECONNRESET.* 3 times/,
    'changed-tag': changed,
    'changed-date': changed,
    'changed-size': changed,
    precondition: changed,
    unsatisfiable: changed,
    'wrong-range': /gives other bytes than were asked for \("bytes 1-/,
    'no-range': /gives other bytes than were asked for/,
    multipart: /gives other bytes than were asked for \("multipart/,
    longer: /gives more bytes than were asked for/,
    shorter: /gives 65535 bytes where it says 65536/,
    'wrong-length': /gives more bytes than were asked for/,
    gzip: /compresses it \(gzip\)/,
    'gzip-later': /compresses it \(gzip\)/,
    hang: /ETIMEDOUT, no answer for 0\.3 s, 3 times/,
    'hang-in-body': /ETIMEDOUT, no byte of the answer for 0\.3 s, 3 times/,
    'endless-headers': /does not speak HTTP \(HPE_HEADER_OVERFLOW/,
    'no-http': /does not speak HTTP \(HPE_INVALID/,
    loop: /leads to another place more than 5 times/,
    'to-file': /leads to file:/,
    'to-user': /with a user or a password/,
    'to-metadata': /leads to http:\/\/169\.254\.169\.254/,
    'no-location': /leads to a place that is no URL|leads to another place/,
  };
  for (const [fault, message] of Object.entries(refusals)) {
    test(`${fault}: is told by name`, () => {
      assert.throws(() => read(fault), fails('input-unreadable', message));
    });
  }

  test('404 is a file that is missing', () => {
    assert.throws(() => read('unknown'), fails('input-missing', /There is no http/));
  });

  test('nobody listens, no such server', async () => {
    const listener = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => listener.once('listening', resolve));
    const { port } = listener.address() as { port: number };
    await new Promise((resolve) => listener.close(resolve));
    assert.throws(
      () => new RemoteFile(`http://127.0.0.1:${port}/a.gpkg`),
      fails('input-unreadable', /ECONNREFUSED/),
    );
    assert.throws(
      () => new RemoteFile('http://nowhere.invalid/a.gpkg'),
      fails('input-unreadable', /no server of that name|EAI_AGAIN/),
    );
  });
});

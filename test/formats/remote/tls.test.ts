import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { hasProgram, runCli, temporaryFolder } from '../../staging/support.ts';
import { layerAt } from '../../staging/workplace.ts';
import { writeGeoPackage } from '../../staging/write-geopackage.ts';
import { type Server, startServer } from './servers.ts';

suite('https', { skip: !hasProgram('openssl') && 'openssl is not installed' }, () => {
  const folder = temporaryFolder({ after });
  const [key, cert] = ['key.pem', 'cert.pem'].map((name) => join(folder, name)) as [string, string];
  let server: Server;
  before(async () => {
    const names = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
    const made = spawnSync(
      'openssl',
      [
        'req',
        '-x509',
        '-newkey',
        'rsa:2048',
        '-nodes',
        '-days',
        '2',
        '-keyout',
        key,
        '-out',
        cert,
        ...names,
      ],
      { encoding: 'utf8' },
    );
    assert.equal(made.status, 0, made.stderr);
    writeGeoPackage(join(folder, 'a.gpkg'), layerAt([0]));
    const bytes = new Uint8Array(readFileSync(join(folder, 'a.gpkg')));
    const tls = { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
    server = await startServer('./hostile-server.ts', { bytes, tls });
  });
  after(() => server.stop());

  // The options of Node.js, empty as they are, give the command a process of its own, which is when
  // certificates are read.
  const info = (fault: string, env: Record<string, string> = {}) =>
    runCli(['info', `${server.url}/${fault}/a.gpkg`], { env: { NODE_OPTIONS: '', ...env } });

  test('a server whose certificate nobody knows is refused by name', async () => {
    const { code, stderr } = await info('good');
    assert.equal(code, 1);
    assert.match(stderr, /can't prove that it is what it says \(DEPTH_ZERO_SELF_SIGNED_CERT/);
  });

  test('one that is known is read, but nothing that it leads to without TLS', async () => {
    const known = { NODE_EXTRA_CA_CERTS: cert };
    const good = await info('good', known);
    assert.equal(good.code, 0, good.stderr);
    assert.match(good.stdout, /polygons/);
    const { code, stderr } = await info('to-http', known);
    assert.equal(code, 1);
    assert.match(stderr, /leads to http:\/\/127\.0\.0\.1, where nothing protects it on its way/);
  });
});

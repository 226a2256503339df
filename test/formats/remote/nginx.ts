/** An nginx of the test's own, on a free port, that serves a folder. */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

/** Daemons are kept where only root's search path looks. */
const env = {
  ...process.env,
  PATH: [process.env['PATH'], '/usr/sbin', '/sbin'].join(delimiter),
};

/** Why tests that need nginx are skipped; false: they are not. */
export function nginxMissing(): string | false {
  return spawnSync('nginx', ['-v'], { env }).error === undefined ? false : 'nginx is not installed';
}

export interface Nginx {
  /** Without a slash at its end. */
  url: string;
  /** A line for each request. */
  log: string;
  stop(): Promise<void>;
}

/** @param directives - of the server, e.g. `gzip on;` */
export async function startNginx(root: string, directives = ''): Promise<Nginx> {
  const folder = mkdtempSync(join(tmpdir(), 'tilewright-nginx-'));
  const log = join(folder, 'access.log');
  const port = await freePort();
  mkdirSync(join(folder, 'logs'));
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${folder}/${name};`,
  );
  writeFileSync(
    join(folder, 'nginx.conf'),
    `${process.getuid?.() === 0 ? 'user root;' : ''} daemon off; pid ${folder}/pid; error_log ${folder}/error.log; worker_processes 1;
    events {}
    http {
      ${temporary.join(' ')}
      log_format requests '$request_method $uri $status $http_range'; access_log ${log} requests;
      server { listen 127.0.0.1:${port}; root ${root}; ${directives} }
    }`,
  );
  const child = spawn('nginx', ['-p', folder, '-c', join(folder, 'nginx.conf')], {
    env,
    stdio: 'ignore',
  });
  const url = `http://127.0.0.1:${port}`;
  await answering(url, child);
  return {
    url,
    log,
    async stop() {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function answering(url: string, child: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < 200 && child.exitCode === null; attempt++) {
    try {
      await fetch(url, { method: 'HEAD' });
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }
  throw new Error(`nginx does not answer at ${url}`);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/**
 * After `npm ci`: npm 10 takes away the link to Node.js along with the packages for other platforms,
 * whose link has the same name. This has npm make it again. Runs on the system's Node.js.
 */

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const { platform, arch, execPath, env } = process;
const modules = join(import.meta.dirname ?? 'scripts/node', '../../node_modules');
const name = `node-${platform === 'win32' ? 'win' : platform}-${arch}`;
const link = join(modules, '.bin', platform === 'win32' ? 'node.cmd' : 'node');

if (existsSync(join(modules, name)) && !existsSync(link) && env.npm_execpath !== undefined) {
  const rebuild = [env.npm_execpath, 'rebuild', name, '--ignore-scripts'];
  process.exitCode = spawnSync(execPath, rebuild, { stdio: 'inherit' }).status ?? 1;
}

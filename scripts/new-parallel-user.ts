/**
 * Times a new user of `tilewright/parallel`, who follows docs/parallel.md in an empty folder with the
 * packed package: `node scripts/new-parallel-user.ts [TARBALL]`, by default of this checkout. Prints
 * the seconds of each step; what a step prints must be what the page says.
 */

import { execFileSync } from 'node:child_process';
import { globSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { guidePrograms } from './guide-programs.ts';

const ROOT = join(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'tilewright-new-user-'));
const app = join(folder, 'app');
mkdirSync(app);
try {
  const given = process.argv[2];
  if (given === undefined) run(`npm pack --silent --pack-destination ${folder}`, ROOT);
  const tarball = resolve(given ?? join(folder, globSync('*.tgz', { cwd: folder })[0]!));
  followGuide(tarball);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function followGuide(tarball: string): void {
  const { files, steps } = guidePrograms(ROOT, 'docs/parallel.md');
  for (const [name, code] of files) writeFileSync(join(app, name), code);
  let total = 0;
  for (const { command, output } of steps) {
    const started = performance.now();
    const printed = run(command.replace(/^(npm install) tilewright$/m, `$1 ${tarball}`), app);
    const seconds = (performance.now() - started) / 1000;
    if (output !== null && printed !== output) throw new Error(`${command} printed ${printed}`);
    console.log(`${seconds.toFixed(1).padStart(6)} s  ${command.replaceAll('\n', '; ')}`);
    total += seconds;
    if (command === 'node first.js') console.log(`${total.toFixed(1).padStart(6)} s  until here`);
  }
  console.log(`${total.toFixed(1).padStart(6)} s  in all`);
}

/** In an environment that knows this Node.js, and nothing else of this checkout. */
function run(command: string, cwd: string): string {
  const path = process.env['PATH']!.split(delimiter).filter((part) => !part.includes('.bin'));
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    PATH: [dirname(process.execPath), ...path].join(delimiter),
  };
  for (const name of Object.keys(env)) if (/^npm_/i.test(name)) delete env[name];
  return execFileSync('/bin/sh', ['-ec', command], {
    cwd,
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
}

/**
 * Times a new user's path, from a clone to a map of tiles of files of their own, following the README
 * and nothing else: `node scripts/new-user.ts`. Clones what is committed into a temporary folder, runs
 * the commands that the README has before its first chapter, and prints the seconds of each.
 */

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

/** What is promised, in seconds. */
const LIMIT = 300;
const ROOT = join(import.meta.dirname, '..');

const folder = mkdtempSync(join(tmpdir(), 'tilewright-new-user-'));
const clone = join(folder, 'tilewright');
try {
  followReadme();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function followReadme(): void {
  let total = time('git clone', () => run(['git', 'clone', '--quiet', ROOT, clone], folder));
  const readme = readFileSync(join(clone, 'README.md'), 'utf8');
  const start = readme.slice(0, readme.indexOf('\n## '));
  const blocks = [...start.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, code]) => code!);
  const [setUp, own] = blocks;
  if (own === undefined) throw new Error('The README begins otherwise');
  const [first] = setUp!.trim().split('\n') as [string];
  total += time(first, () => run(['sh', '-ec', first], clone));
  makeOwnFiles();
  for (const command of own.trim().split('\n')) {
    total += time(command, () => run(['sh', '-ec', command], clone));
  }
  const [picture] = /\S+\.png/.exec(own)!;
  const bytes = readFileSync(join(clone, picture));
  if (bytes.toString('latin1', 1, 4) !== 'PNG') throw new Error(`${picture} is no picture`);
  console.log(`${total.toFixed(1).padStart(6)} s  in all; a map of ${bytes.length} bytes`);
  if (total > LIMIT) throw new Error(`That is more than ${LIMIT} s`);
}

/** Files in another CRS and another format than the demo's: by GDAL, where it is there. */
function makeOwnFiles(): void {
  const input = join(clone, 'demo/input');
  const files = readdirSync(input).filter((name) => name.endsWith('.gpkg'));
  mkdirSync(join(clone, 'my-files'));
  for (const [i, name] of files.entries()) {
    const formats = ['GPKG', 'ESRI Shapefile'] as const;
    const format = formats[i % 2]!;
    const path = join(clone, 'my-files', `lakes-${i + 1}.${format === 'GPKG' ? 'gpkg' : 'shp'}`);
    const options = ['-q', '-f', format, '-t_srs', 'EPSG:32605', '-limit', '20000'];
    try {
      run(['ogr2ogr', ...options, path, join(input, name)], clone);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      run(['cp', join(input, name), join(clone, 'my-files')], clone);
    }
  }
}

function time(what: string, work: () => void): number {
  const started = performance.now();
  work();
  const seconds = (performance.now() - started) / 1000;
  console.log(`${seconds.toFixed(1).padStart(6)} s  ${what}`);
  return seconds;
}

/** In an environment that knows nothing of this checkout: npm has put its programs into the PATH. */
function run([program, ...args]: string[], cwd: string): void {
  const path = process.env['PATH']!.split(delimiter).filter(
    (part) => !part.includes('node_modules'),
  );
  const env: NodeJS.ProcessEnv = { ...process.env, PATH: path.join(delimiter) };
  for (const name of Object.keys(env)) if (/^npm_/i.test(name)) delete env[name];
  execFileSync(program!, args, { cwd, env, stdio: ['ignore', 'ignore', 'inherit'] });
}

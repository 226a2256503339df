/**
 * Repeats what is only worth repeating: the suites, which are the test files that import `rounds.ts`, the
 * contract of executors or the cases after Parsl's tests: one after the other, from a new seed in each round, until the time is over or one fails.
 *
 *     npm run soak -- [SUITE…] [--minutes N] [--seed S] [--list]
 */

import { spawnSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';

const ROOT = join(import.meta.dirname, '../..');

function findSuites(): Map<string, string> {
  const files = globSync('test/**/*.test.ts', { cwd: ROOT }).sort();
  const suites = files.filter((path) => {
    return /from '[./]+(parallel\/)?(soak\/rounds|contract|parsl\/register)\.ts'/.test(
      readFileSync(join(ROOT, path), 'utf8'),
    );
  });
  return new Map(suites.map((path) => [basename(path, '.test.ts'), path]));
}

/** Runs one suite, and tells what it says that it counted; whether it passed. */
function runSuite(path: string, seed: number): boolean {
  const options = ['--import', './test/compile-cache.ts', '--test', '--test-reporter=spec'];
  const { status, stdout } = spawnSync(process.execPath, [...options, path], {
    cwd: ROOT,
    env: { ...process.env, SOAK_SEED: String(seed) },
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
  });
  if (status !== 0) process.stdout.write(stdout);
  for (const [, told] of stdout.matchAll(/^\s*ℹ (\d.*)$/gm)) console.log(`  ${told}`);
  return status === 0;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string', default: String(Math.floor(Date.now() / 1000) % 1_000_000) },
    list: { type: 'boolean', default: false },
  },
});
const [minutes, first] = [Number(values.minutes), Number(values.seed)];
const suites = findSuites();
/** Short soaks begin with another suite each time. */
const begin = first % suites.size;
const all = [...suites.keys()];
const names = positionals.length > 0 ? positionals : [...all.slice(begin), ...all.slice(0, begin)];
const unknown = names.filter((name) => !suites.has(name));

if (unknown.length > 0 || !(minutes >= 0) || !Number.isSafeInteger(first)) {
  const what = unknown.length > 0 ? `no suite ${unknown.join(', ')}` : 'not a number';
  console.error(`soak: ${what}. The suites: ${[...suites.keys()].join(', ')}`);
  process.exitCode = 2;
} else if (values.list) {
  for (const [name, path] of suites) console.log(`${name.padEnd(24)} ${path}`);
} else {
  process.exitCode = soak();
}

function soak(): number {
  console.log(`soak: ${names.join(', ')} for ${minutes} minutes, seed ${first}`);
  const start = performance.now();
  const end = start + 60_000 * minutes;
  let runs = 0;
  for (let seed = first; ; seed++) {
    for (const name of names) {
      // Without time, each once: that is how a failure is repeated.
      if (performance.now() > end && runs >= (minutes > 0 ? 1 : names.length)) {
        console.log(`soak: ${runs} runs of suites passed, up to seed ${seed}`);
        return 0;
      }
      const before = performance.now();
      const passed = runSuite(suites.get(name)!, seed);
      const seconds = ((performance.now() - before) / 1000).toFixed(0);
      console.log(
        `${name.padEnd(24)} seed ${seed} ${passed ? 'passed' : 'FAILED'} in ${seconds} s`,
      );
      if (!passed) {
        console.log(`The same again: npm run soak -- ${name} --seed ${seed} --minutes 0`);
        return 1;
      }
      runs++;
    }
  }
}

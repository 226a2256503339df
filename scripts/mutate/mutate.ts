/**
 * Breaks guards and constants of source files one by one and runs the tests that execute them; prints
 * those that no test notices. Works in a copy of the checkout.
 *
 *     npm run mutate -- FILE… [--minutes N] [--seed S] [--all] [--tests GLOB]
 *
 * It takes them in random order, guards first, until the time is up; with --all until all are done.
 * Tests are those of the folder that mirrors a file's, or of GLOB. One that takes more than two minutes,
 * or fails as it is, is left out.
 */

import { spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  globSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Random } from '../../src/core/random.ts';
import { type Mutation, mutate, mutationsOf } from './mutations.ts';

const SLOWEST_MS = 120_000;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string', default: `${Date.now() % 1e6}` },
    all: { type: 'boolean', default: false },
    tests: { type: 'string' },
  },
});
const root = resolve(import.meta.dirname, '../..');
const copy = mkdtempSync(join(tmpdir(), 'tilewright-mutate-'));
process.on('exit', () => rmSync(copy, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1));
for (const name of readdirSync(root)) {
  if (/^(?:node_modules|dist|\.git)$/.test(name)) continue;
  cpSync(join(root, name), join(copy, name), { recursive: true });
}
symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));

/** What a test executes of each file: ranges [start, end) of offsets, and how often. */
type Covered = Map<string, [start: number, end: number, count: number][]>;
interface MeasuredTest {
  name: string;
  ms: number;
  covered: Covered;
}

/** Resolves with whether the test passes within the time. */
function passes(test: string, ms: number, coverage?: string): Promise<boolean> {
  const node = coverage === undefined ? ['--import', './test/compile-cache.ts'] : [];
  const child = spawn(process.execPath, [...node, test], {
    cwd: copy,
    stdio: 'ignore',
    detached: true,
    env: { ...process.env, ...(coverage !== undefined && { NODE_V8_COVERAGE: coverage }) },
  });
  const end = (): void => {
    try {
      process.kill(-child.pid!, 'SIGKILL');
    } catch {
      // Nothing is left of it.
    }
  };
  process.once('exit', end);
  const timer = setTimeout(end, ms);
  return new Promise((done) => {
    child.on('exit', (code) => {
      clearTimeout(timer);
      end();
      process.off('exit', end);
      done(code === 0);
    });
  });
}

async function measure(name: string, files: ReadonlySet<string>): Promise<MeasuredTest | null> {
  const folder = join(copy, 'coverage');
  const begin = performance.now();
  const isSound = await passes(name, SLOWEST_MS, folder);
  const ms = performance.now() - begin;
  const covered: Covered = new Map();
  for (const report of isSound ? globSync(`${folder}/*.json`) : []) {
    for (const { url, functions } of JSON.parse(readFileSync(report, 'utf8')).result) {
      const file = url.startsWith('file:') ? relative(copy, fileURLToPath(url)) : '';
      if (!files.has(file)) continue;
      const ranges = covered.get(file) ?? [];
      covered.set(file, ranges);
      for (const { ranges: some } of functions) {
        for (const r of some) ranges.push([r.startOffset, r.endOffset, r.count]);
      }
      ranges.push([-1, -1, 0]);
    }
  }
  rmSync(folder, { recursive: true, force: true });
  return isSound ? { name, ms, covered } : null;
}

/** The innermost range that has the offset says how often it was executed; once for each process. */
function executes({ covered }: MeasuredTest, file: string, offset: number): boolean {
  let length = Number.POSITIVE_INFINITY;
  let count = 0;
  for (const [start, end, times] of covered.get(file) ?? []) {
    if (start === -1) {
      if (count > 0) return true;
      length = Number.POSITIVE_INFINITY;
      count = 0;
    } else if (start <= offset && offset < end && end - start <= length) {
      length = end - start;
      count = times;
    }
  }
  return false;
}

/** The folder of tests that mirrors a source file's, or the next above. */
function testsOf(file: string): string[] {
  let folder = dirname(file).replace(/^src/, 'test');
  while (!existsSync(join(copy, folder))) folder = dirname(folder);
  return globSync(`${folder}/**/*.test.ts`, { cwd: copy });
}

const files = new Set(positionals.flatMap((pattern) => globSync(pattern, { cwd: copy })));
const tests = new Set(
  values.tests === undefined ? [...files].flatMap(testsOf) : globSync(values.tests, { cwd: copy }),
);
console.log(`seed ${values.seed}: ${files.size} files, ${tests.size} test files`);

const measured: MeasuredTest[] = [];
for (const name of tests) {
  const test = await measure(name, files);
  if (test === null) console.log(`${name} is left out: it fails, or takes too long`);
  else measured.push(test);
}
measured.sort((a, b) => a.ms - b.ms);

const until = values.all
  ? Number.POSITIVE_INFINITY
  : performance.now() + Number(values.minutes) * 60_000;
const random = new Random(Number(values.seed));
const all = [...files]
  .flatMap((file) => {
    const source = readFileSync(join(copy, file), 'utf8');
    return mutationsOf(source).map((mutation) => ({
      file,
      source,
      mutation,
      order: random.next(),
    }));
  })
  .sort((a, b) => Number(b.mutation.isGuard) - Number(a.mutation.isGuard) || a.order - b.order);
let survivors = 0;
let tried = 0;
for (const { file, source, mutation } of all) {
  if (performance.now() > until) break;
  tried++;
  const able = measured.filter((test) => executes(test, file, mutation.start));
  writeFileSync(join(copy, file), mutate(source, mutation));
  let isNoticed = false;
  for (const { name, ms } of able) {
    isNoticed = !(await passes(name, 3 * ms + 10_000));
    if (isNoticed) break;
  }
  writeFileSync(join(copy, file), source);
  if (isNoticed) continue;
  survivors++;
  console.log(
    `${file}:${describe(source, mutation)}${able.length === 0 ? '   (no test runs it)' : ''}`,
  );
}
console.log(`${tried} of ${all.length} mutations tried, ${survivors} noticed by no test`);

function describe(source: string, { start, end, text }: Mutation): string {
  const line = source.slice(0, start).split('\n').length;
  const before = source.slice(source.lastIndexOf('\n', start - 1) + 1, start).trimStart();
  const after = source.slice(end, source.indexOf('\n', end));
  return `${line}  ${before}⟦${source.slice(start, end)} → ${text}⟧${after}`;
}

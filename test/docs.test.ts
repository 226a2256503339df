import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { test } from 'node:test';
import { generatedFiles } from '../scripts/make-docs.ts';
import { parseArguments } from '../src/cli/arguments/arguments.ts';
import { COMMANDS, GENERAL_OPTIONS } from '../src/cli/arguments/commands.ts';
import { Config } from '../src/index.ts';
import { propertyColumns } from '../src/staging/configuration/properties.ts';
import { tileMatrixSetNames } from '../src/tms/registry.ts';
import { temporaryFolder } from './staging/support.ts';

const ROOT = join(import.meta.dirname, '..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const README = read('README.md');
const PAGES = [
  ...readdirSync(ROOT).filter((name) => name.endsWith('.md')),
  ...readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
];

/** Contents of the fenced code blocks of a language. */
function blocks(markdown: string, language: string): string[] {
  const fences = markdown.matchAll(/^```(\w*).*?\n(.*?)^```$/gms);
  return [...fences].filter((fence) => fence[1] === language).map((fence) => fence[2]!);
}

/** Anchors that GitHub makes of the headings. */
function anchors(markdown: string): Set<string> {
  const headings = markdown.matchAll(/^#+ (.*)$/gm);
  const slugs = [...headings].map(([, title]) =>
    title!
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
  return new Set(slugs);
}

test('links in the documentation lead to files and headings that exist', () => {
  let links = 0;
  for (const page of PAGES) {
    const text = read(page).replace(/^```.*?^```$/gms, '');
    for (const [, target] of text.matchAll(/\]\(([^()\s]+)\)/g)) {
      if (/^https?:/.test(target!)) continue;
      links++;
      const [path, anchor] = target!.split('#') as [string, string?];
      const file = path === '' ? join(ROOT, page) : join(ROOT, dirname(page), path);
      assert.ok(existsSync(file), `${page} links to ${target}, which is not there`);
      if (anchor === undefined) continue;
      assert.ok(anchors(readFileSync(file, 'utf8')).has(anchor), `${page}: no heading ${target}`);
    }
  }
  assert.ok(links > 60, `${links} links`);
});

test('files that links in the package lead to are in the package, but for sources', () => {
  const { files } = JSON.parse(read('package.json')) as { files: string[] };
  for (const [, target] of README.matchAll(/\]\(([^()\s#]+)/g)) {
    if (/^https?:|^examples\//.test(target!)) continue;
    assert.ok(files.includes(target!.split('/')[0]!), `${target} is not published`);
  }
});

test('the pages that are written for users have fewer than 18,000 words', () => {
  // What schemas and licences say is looked up, not read.
  const generated = ['configuration.md', 'licences.md'];
  const words = ['README.md', ...readdirSync(join(ROOT, 'docs'), { recursive: true })]
    .map(String)
    .filter((name) => name === 'README.md' || /^(guides[/\\])?[^/\\]+\.md$/.test(name))
    .filter((name) => !generated.includes(name))
    .map((name) => read(name === 'README.md' ? name : join('docs', name)).split(/\s+/).length);
  assert.ok(words.length > 15);
  const all = words.reduce((sum, count) => sum + count);
  assert.ok(all < 18_000, `${all} words: say each thing once, where it is looked for`);
});

test('what is generated from schemas is current', () => {
  const generated = generatedFiles();
  assert.equal(generated.size, 5);
  for (const [path, text] of generated) {
    assert.equal(read(path), text, `run: npx node scripts/make-docs.ts (${path})`);
  }
});

test('commands in the documentation are understood', (t) => {
  const folder = temporaryFolder(t);
  const configuration = blocks(read('docs/configuration.md'), 'json');
  assert.equal(configuration.length, 1);
  assert.equal(Config.from(JSON.parse(configuration[0]!)).values.inputCrs, 'EPSG:3413');
  writeFileSync(join(folder, 'staging.json'), configuration[0]!);
  const [cluster] = blocks(read('docs/guides/on-a-cluster.md'), 'json');
  const [queue, ...more] = blocks(read('docs/staging-executors.md'), 'json');
  assert.equal(more.length, 0);
  for (const text of [cluster!, queue!]) Config.from(JSON.parse(text));
  writeFileSync(join(folder, 'cluster.json'), cluster!);
  writeFileSync(join(folder, 'queue.json'), queue!);
  const seen = new Map<string, number>();
  const start = process.cwd();
  process.chdir(folder);
  try {
    for (const page of PAGES) {
      for (const line of blocks(read(page), 'sh').flatMap((block) => block.split('\n'))) {
        const call = /^(?:npm run --silent tilewright --|(?:npx )?tilewright) (.*)$/.exec(
          line,
        )?.[1];
        if (call === undefined) continue;
        const words = [...call.matchAll(/"([^"]*)"|(\S+)/g)].map((word) => word[1] ?? word[2]!);
        const { command } = parseArguments(words);
        seen.set(command, (seen.get(command) ?? 0) + 1);
      }
    }
  } finally {
    process.chdir(start);
  }
  assert.ok(seen.get('stage')! >= 5);
  for (const command of ['info', 'tms-list', 'tms-show', 'clean']) assert.ok(seen.has(command));
});

test('npm scripts in the documentation exist', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
  let calls = 0;
  for (const page of PAGES) {
    for (const [, name] of read(page).matchAll(/npm run (?:--silent )?([\w-]+)/g)) {
      calls++;
      assert.ok(name! in scripts, `${page}: npm run ${name}`);
    }
    for (const [, path] of read(page).matchAll(/\bnode ((?:scripts|examples|test)\/\S+\.ts)/g)) {
      assert.ok(existsSync(join(ROOT, path!)), `${page}: ${path}`);
    }
  }
  assert.ok(calls > 5);
});

test('the page of the configuration has every option of stage, and no other', () => {
  const page = read('docs/configuration.md');
  const named = [...page.matchAll(/`--([a-z-]+)/g)].map(([, name]) => name!);
  const options = COMMANDS.stage.options.map(({ name }) => name).filter((name) => name !== 'help');
  assert.deepEqual([...new Set(named)].sort(), options.sort());
  const all = new Set(
    [...Object.values(COMMANDS).flatMap(({ options: own }) => own), ...GENERAL_OPTIONS].map(
      ({ name }) => name,
    ),
  );
  for (const other of PAGES) {
    for (const [, name] of read(other).matchAll(/`--([a-z-]+)/g)) {
      assert.ok(all.has(name!), `${other}: --${name}`);
    }
  }
});

test('the page of the staged folder has the added columns, that for Python the number of sets', () => {
  const page = read('docs/staged-folder.md');
  const columns = propertyColumns(Config.from({}).values.properties);
  assert.equal(columns.length, 8);
  for (const { name } of columns) assert.ok(page.includes(`\`${name}\``), name);
  assert.ok(read('docs/from-python.md').includes(`${tileMatrixSetNames().length} built in`));
});

test('the README is what one reads at once', () => {
  assert.ok(README.split('\n').length <= 201);
  for (const command of ['npm ci && npm run demo', 'npm ci && npm test']) {
    assert.ok(blocks(README, 'sh')[0]!.split('\n').includes(command), command);
  }
});

test('library code in the README is part of an example, which is run', () => {
  const examples = readdirSync(join(ROOT, 'examples'))
    .filter((name) => name.endsWith('.ts'))
    .map((name) => read(join('examples', name)));
  const code = blocks(README, 'ts');
  assert.ok(code.length > 0);
  const paragraphs = code.flatMap((block) => block.trim().split(/\n\n+/));
  for (const paragraph of paragraphs) {
    const local = paragraph.replace("from 'tilewright'", "from '../src/index.ts'");
    assert.ok(
      examples.some((example) => example.includes(local)),
      `not in examples/:\n${paragraph}`,
    );
  }
});

test('the picture in the README is small, and drawn by the script', () => {
  const [, path] = /!\[[^\]]*\]\(([^)]+)\)/.exec(README)!;
  const svg = read(path!);
  assert.ok(statSync(join(ROOT, path!)).size < 300_000);
  assert.match(svg, /^<svg [^>]*viewBox="0 0 1000 548"/);
  assert.match(svg, /<title>120,000 polygons of 4 inputs in \d+ tiles/);
});

test('no machine paths are in tracked text files', (t) => {
  let list: string;
  try {
    const untracked = ['--others', '--exclude-standard'];
    list = execFileSync('git', ['ls-files', '--cached', ...untracked], {
      cwd: ROOT,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  } catch {
    t.skip('this is not a checkout, or git is not on this machine');
    return;
  }
  const files = list.split('\n').filter((name) => /\.(md|ts|json|svg|sh)$|^\.ci\//.test(name));
  assert.ok(files.length > 100);
  const own = [ROOT, homedir()].filter((path) => path.length > 3).map((path) => join(path, '/'));
  for (const name of files) {
    const path = join(ROOT, name);
    if (!existsSync(path)) continue;
    const text = readFileSync(path, 'utf8');
    const found =
      own.find((folder) => text.includes(folder)) ??
      /\/home\/\w+\/|\/Users\/\w+\/|C:\\Users/.exec(text)?.[0];
    assert.equal(found, undefined, `${relative(ROOT, path)}: ${found}`);
  }
});

test('lock files without the addresses of a registry', () => {
  const own = new Set(['', 'scripts/node']);
  const entries = ['package-lock.json', 'scripts/notebook/package-lock.json'].flatMap((file) => {
    const lock = JSON.parse(read(file)) as {
      packages: Record<string, { resolved?: string; integrity?: string; link?: boolean }>;
    };
    const packages = Object.entries(lock.packages).filter(([path]) => !own.has(path));
    assert.ok(packages.length > 5, file);
    return packages;
  });
  for (const [path, { resolved, integrity, link }] of entries) {
    if (link === true) {
      assert.ok(own.has(resolved!), path);
      continue;
    }
    assert.equal(resolved, undefined, path);
    assert.match(integrity ?? '', /^sha512-/, path);
  }
});

/** Which pages the site has, where they come from, and where a path of the repository is in it. */

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, posix } from 'node:path';
import { parslTestsPage } from '../../test/parallel/parsl/table.ts';

export interface Source {
  /** Path below the repository. */
  path: string;
  /** Path below the site. */
  output: string;
  title: string;
  text: string;
}

export interface Group {
  title: string;
  pages: { title: string; output: string }[];
}

export const NOTEBOOK = 'examples/staging.ipynb';
/** Links to it lead to the page that it makes. */
const PARSL_TESTS = 'test/parallel/parsl/table.ts';
export const API_PAGES = [
  { file: 'src/index.ts', module: 'tilewright', output: 'api/tilewright.html' },
  { file: 'src/parallel.ts', module: 'tilewright/parallel', output: 'api/parallel.html' },
] as const;
export const DECISIONS = 'decisions/index.html';

/** Pages that are beside what they tell of. */
const BENCH = ['bench/README.md', 'bench/scaling/README.md'];

/** In the navigation in this order; pages that are not named here come after the references. */
const ORDER: readonly (readonly [group: string, paths: readonly string[]])[] = [
  [
    'Guides',
    [
      'README.md',
      'docs/guides/first-run.md',
      'docs/guides/your-own-files.md',
      'docs/guides/on-a-cluster.md',
      'docs/guides/what-went-wrong.md',
      NOTEBOOK,
    ],
  ],
  [
    'Reference',
    [
      'docs/configuration.md',
      'docs/staged-folder.md',
      'docs/deduplication.md',
      'docs/viewer.md',
      'docs/crs.md',
      'docs/estimate.md',
      'docs/report.md',
      'docs/progress.md',
      'docs/parallel.md',
      'docs/parallel-clusters.md',
      'docs/from-parsl.md',
      'docs/staging-executors.md',
      'docs/from-python.md',
      'docs/GLOSSARY.md',
    ],
  ],
  ['API', []],
  ['How it works', ['docs/ARCHITECTURE.md', 'docs/PERFORMANCE.md', 'docs/SCALING.md', ...BENCH]],
  ['Project', ['CONTRIBUTING.md', PARSL_TESTS, 'docs/licences.md', 'CHANGELOG.md']],
];

/** All pages of Markdown. */
export function readSources(root: string): Source[] {
  const docs = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .map((name) => `docs/${name.replaceAll('\\', '/')}`)
    .filter((path) => path.endsWith('.md') && !path.startsWith('docs/site/'))
    .sort();
  const others = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', PARSL_TESTS, ...BENCH];
  return [...others, ...docs].map((path) => {
    const text = path === PARSL_TESTS ? parslTestsPage() : readFileSync(join(root, path), 'utf8');
    const title = /^# (.*)$/m.exec(text)?.[1];
    if (title === undefined) throw new Error(`${path} has no title`);
    return { path, output: outputOf(root, path), title: title.replaceAll('`', ''), text };
  });
}

export function navigation(root: string, sources: readonly Source[]): Group[] {
  const titles = new Map(sources.map(({ path, title }) => [path, title]));
  titles.set('README.md', 'Overview').set(NOTEBOOK, 'The notebook');
  const named = new Set(ORDER.flatMap(([, paths]) => paths));
  const isDecision = (path: string): boolean => path.startsWith('docs/decisions/');
  const rest = sources
    .map(({ path }) => path)
    .filter((path) => !named.has(path) && !isDecision(path));
  return ORDER.map(([title, paths]) => {
    const all = title === 'Reference' ? [...paths, ...rest] : paths;
    const pages = all.map((path) => {
      const name = titles.get(path);
      if (name === undefined) throw new Error(`${path} is not there`);
      return { title: name, output: outputOf(root, path) };
    });
    if (title === 'API') {
      pages.push(...API_PAGES.map(({ module, output }) => ({ title: module, output })));
    }
    if (title === 'How it works') pages.push({ title: 'Decisions', output: DECISIONS });
    return { title, pages };
  });
}

/**
 * Where a file or folder of the repository is in the site: a page, a copy, or, for sources, a page
 * that shows it.
 */
export function outputOf(root: string, path: string): string {
  if (path === 'README.md') return 'index.html';
  if (path === NOTEBOOK) return 'notebook.html';
  if (path === PARSL_TESTS) return 'parsl-tests.html';
  if (path === 'docs/decisions') return DECISIONS;
  const isFolder = statSync(join(root, path)).isDirectory();
  if (!isFolder && path.endsWith('.md')) {
    return path
      .replace(/^docs\//, '')
      .replace(/\.md$/, '.html')
      .toLowerCase();
  }
  if (/^docs\/.*\.(svg|png|json)$/.test(path)) return path.slice('docs/'.length);
  return isFolder ? `source/${path}/index.html` : `source/${path}.html`;
}

/** The path of a link's target below the repository. */
export function resolveTarget(from: string, target: string): string {
  const path = target.startsWith('/')
    ? posix.normalize(target.slice(1))
    : posix.join(posix.dirname(from), target);
  return path.replace(/\/$/, '');
}

/** How one page of the site names another file of it. */
export function relativeLink(from: string, to: string): string {
  return posix.relative(posix.dirname(from), to) || posix.basename(to);
}

/** The site of the documentation: built from what is here, and refused where it would be wrong. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { before, suite, test } from 'node:test';
import { runInNewContext } from 'node:vm';
import { apiPage } from '../scripts/site/api-page.ts';
import { buildSite } from '../scripts/site/build.ts';
import { brokenLinks } from '../scripts/site/check-links.ts';
import { docstringBefore } from '../scripts/site/docstring.ts';
import { highlight, Slugs, textOf } from '../scripts/site/html.ts';
import * as library from '../src/index.ts';
import * as parallel from '../src/parallel.ts';
import { temporaryFolder } from './staging/support.ts';

const ROOT = join(import.meta.dirname, '..');
const CHROMIUM = '/usr/bin/chromium';

/** As in scripts/site/assets/search.js. */
interface Found {
  sections: [title: string, page: string, url: string][];
  total: number;
  hits: number;
  words: number;
}
type FindSections = (sections: readonly unknown[], query: string) => Found;

/** What the search shows at a moment. */
interface Seen {
  said: string;
  isSeen: boolean;
  links: string[];
  isOpen: boolean;
  /** Id or link of what has the focus. */
  focus: string;
}

suite('the site', () => {
  let files: Map<string, string | Uint8Array>;
  const page = (path: string): string => {
    const content = files.get(path);
    assert.equal(typeof content, 'string', path);
    return content as string;
  };
  before(() => {
    ({ files } = buildSite(ROOT));
  });

  test('has the guides, the references and the notebook with its pictures', () => {
    for (const name of ['first-run', 'your-own-files', 'on-a-cluster', 'what-went-wrong']) {
      assert.match(page('index.html'), new RegExp(`href="guides/${name}\\.html"`));
      assert.match(page(`guides/${name}.html`), /<main [^>]*>\s*<h1 /);
    }
    assert.match(page('from-python.html'), /<li><code>deduplicate_at<\/code>/);
    assert.match(page('from-parsl.html'), /href="parsl-tests\.html"/);
    assert.match(
      page('parsl-tests.html'),
      /<td><code>test_python_apps\/test_basic\.py<\/code><\/td>/,
    );
    assert.match(
      page('notebook.html'),
      /<img src="notebook\/1\.png" alt="\d+ tiles, [\d,]+ polygons">/,
    );
    assert.ok(files.get('notebook/2.png')!.length > 10_000);
  });

  test('documents each export, with its members', () => {
    for (const [path, exports] of [
      ['api/tilewright.html', library],
      ['api/parallel.html', parallel],
    ] as const) {
      for (const name of Object.keys(exports)) assert.match(page(path), new RegExp(`id="${name}"`));
    }
    const text = textOf(page('api/tilewright.html'));
    // Both ways to call it, and not what implements them.
    assert.match(text, /function plotTiles\(job: ConfigInputSnakeCase, options\?: PlotOptions\)/);
    assert.match(text, /function plotTiles\(job: Job, options\?: PlotOptions\): Promise<Plot>/);
    assert.doesNotMatch(text, /async function plotTiles|static from\(values: object\)/);
    assert.match(text, /Throws TilewrightError staged-folder where nothing is staged/);
    assert.match(
      text,
      /drainSignal\?: AbortSignal Stops the run when the tasks that run have ended/,
    );
    // A type that the source leaves to the compiler.
    assert.match(text, /simplifyTolerance: number \| null/);
    assert.doesNotMatch(text, /#\w+\(|readonly #/);
  });

  test('every page has a language, one heading of the first rank, and landmarks', () => {
    for (const [path, content] of files) {
      if (!path.endsWith('.html')) continue;
      assert.match(content as string, /<html lang="en">.*<nav class="pages" aria-label/s, path);
      assert.equal((content as string).match(/<h1[ >]/g)?.length, 1, path);
    }
  });

  test('finds guides by their words, and says what it found when not all are there', () => {
    const scope: { findSections?: FindSections; searchSections?: unknown[] } = {};
    for (const name of ['search', 'search-index']) {
      runInNewContext(`globalThis = this; ${page(`assets/${name}.js`)}`, scope);
    }
    const find = (query: string): Found => scope.findSections!(scope.searchSections!, query);
    const expected = {
      'crs-missing': 'guides/what-went-wrong.html#inputs',
      'first run': 'guides/first-run.html#first-run',
      'my own files': 'guides/your-own-files.html#your-own-files',
      'Slow runs': 'guides/what-went-wrong.html#slow-runs',
      'the disk is full': 'guides/what-went-wrong.html#the-disk-is-full',
      'what is an exit code?': 'guides/what-went-wrong.html#exit-codes',
      'missing feature': 'guides/what-went-wrong.html#features-that-are-missing',
      'on a cluster': 'guides/on-a-cluster.html#on-a-cluster',
      interrupted: 'guides/what-went-wrong.html#interrupted-killed-crashed',
      plotTiles: 'api/tilewright.html#plotTiles',
    };
    for (const [query, url] of Object.entries(expected)) {
      const found = find(query);
      assert.equal(found.sections[0]?.[2], url, query);
      assert.equal(found.hits, found.words, query);
    }
    const some = find('kubernetes qwertzuiop');
    assert.deepEqual([some.hits, some.words], [1, 2]);
    assert.ok(some.total > 1 && some.sections.length <= 12);
    assert.equal(find('qwertzuiop').total, 0);
    assert.equal(find(' ').total, 0);
  });

  test('is searched by keyboard, from the disk; without results it says so and leads on', {
    skip: noBrowser(),
  }, (t) => {
    const folder = temporaryFolder(t);
    for (const [path, content] of files) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), content);
    }
    // Types into the search, as a reader would, and notes what is said and where the focus is.
    const typed = `<script type="module">
      const input = document.querySelector('#site-search');
      const status = document.querySelector('#site-search-status');
      const list = document.querySelector('#site-search-results');
      const seen = [];
      const press = (key) =>
        document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
      const note = () => seen.push({
        said: status.textContent,
        isSeen: status.textContent === '' || status.checkVisibility({ visibilityProperty: true }),
        links: [...list.querySelectorAll('a')].map((a) => a.getAttribute('href')),
        isOpen: list.checkVisibility(),
        focus: document.activeElement.id || document.activeElement.getAttribute('href'),
      });
      const type = async (text) => {
        input.value = text;
        input.dispatchEvent(new Event('input'));
        const start = performance.now();
        await new Promise((resolve) => setTimeout(resolve, 50));
        while (globalThis.searchSections === undefined && performance.now() - start < 4000) {
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
        await new Promise((resolve) => setTimeout(resolve, 50));
      };
      press('/');
      await type('crs-missing');
      press('ArrowDown');
      note();
      press('ArrowUp');
      await type('qwertzuiop <q>');
      press('ArrowDown');
      note();
      document.querySelector('form.search').requestSubmit();
      press('Escape');
      note();
      await type('kubernetes qwertzuiop');
      document.querySelector('h1').click();
      note();
      document.querySelector('#site-search-status').closest('form').remove();
      document.querySelector('main').textContent = JSON.stringify(seen);
      document.documentElement.dataset.done = 'yes';
    </script></body>`;
    const probe = join(folder, 'probe.html');
    writeFileSync(probe, page('index.html').replace('</body>', typed));
    const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--virtual-time-budget=8000'];
    const { stdout } = spawnSync(
      CHROMIUM,
      [...flags, `--user-data-dir=${join(folder, 'profile')}`, '--dump-dom', `file://${probe}`],
      { encoding: 'utf8', timeout: 60_000 },
    );
    assert.match(stdout, /data-done="yes"/);
    const [, json] = /<main [^>]*>(\[.*?\])<\/main>/s.exec(stdout)!;
    const [found, none, escaped, left] = JSON.parse(textOf(json!)) as Seen[];
    assert.match(found!.said, /^\d+ results$/);
    assert.equal(found!.links[0], 'guides/what-went-wrong.html#inputs');
    assert.equal(found!.focus, found!.links[0]);
    assert.match(none!.said, /^No results for “qwertzuiop <q>” .*go on from here:$/);
    assert.ok(none!.links.includes('guides/what-went-wrong.html'));
    assert.equal(none!.focus, none!.links[0]);
    for (const { isSeen, isOpen } of [found!, none!]) assert.ok(isSeen && isOpen);
    for (const { said, links, isOpen } of [escaped!, left!]) {
      assert.deepEqual({ said, links, isOpen }, { said: '', links: [], isOpen: false });
    }
    assert.equal(escaped!.focus, 'site-search');
    // What is read out has to be on the page before it says something.
    assert.match(
      page('index.html'),
      /<p id="site-search-status" role="status" aria-live="polite"><\/p>/,
    );
  });
});

test('an export without a docstring, and a link that leads nowhere, are refused', () => {
  const doc = { text: '', tags: [] };
  const entry = {
    name: 'f',
    kind: 'function',
    signature: 'function f()',
    doc,
    members: [],
  } as const;
  const model = { entries: [{ ...entry, members: [], file: 'a.ts', line: 1 }], mentioned: [] };
  const same = (text: string): string => text;
  assert.throws(() => apiPage('m', model, same, same), /m exports without a docstring: f/);

  const problems = brokenLinks(
    new Map([
      ['a.html', '<h1 id="x">A</h1><a href="b.html#y">b</a><a href="c.html">c</a><p id="x"></p>'],
      [
        'b.html',
        '<a href="a.html#x"></a><img src="https://example.org/x.png" alt="x"><img src="d.png">',
      ],
    ]),
  );
  assert.deepEqual(problems, [
    'a.html: two elements are #x',
    'b.html: a picture without a text',
    'a.html: there is no #y in b.html',
    'a.html: c.html leads to c.html, which is not there',
    'b.html: https://example.org/x.png is not of the site',
    'b.html: d.png leads to d.png, which is not there',
  ]);
});

test('docstrings, anchors and highlighted code', () => {
  const source =
    '/** Of the file. */\n\n/**\n * Does it.\n * @param a - one\n * @throws x\n */\nexport f';
  assert.deepEqual(docstringBefore(source, source.indexOf('export')), {
    text: 'Does it.',
    tags: [
      { tag: 'param', text: 'a - one' },
      { tag: 'throws', text: 'x' },
    ],
  });
  assert.equal(docstringBefore('/** Of the file. */\n\nexport f', 21).text, '');
  const slugs = new Slugs();
  assert.equal(slugs.slug('Options of `stage`'), 'options-of-stage');
  assert.equal(slugs.slug('Options of stage'), 'options-of-stage-1');
  assert.equal(
    highlight("const a = 'x' < b; // c", 'ts', (name) => (name === 'b' ? '#b' : undefined)),
    '<span class="keyword">const</span> a = <span class="string">\'x\'</span> &lt; <a href="#b">b</a>; ' +
      '<span class="comment">// c</span>',
  );
});

function noBrowser(): string | false {
  return !existsSync(CHROMIUM) && 'no Chromium: apt-get install chromium';
}

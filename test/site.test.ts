/** The site of the documentation: built from what is here, and refused where it would be wrong. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { before, suite, test } from 'node:test';
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
    assert.match(page('from-python.html'), /<td><code>deduplicate_at<\/code><\/td>/);
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
    assert.match(
      text,
      /async function plotTiles\(stager: TileStager, options: PlotOptions = \{\}\)/,
    );
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

  test('shows pages and finds sections from the disk', { skip: noBrowser() }, (t) => {
    const folder = temporaryFolder(t);
    for (const [path, content] of files) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), content);
    }
    // Types into the search, as a reader would, and waits for what it finds.
    const typed = `<script type="module">
      const input = document.querySelector('#site-search');
      input.value = 'crs-missing';
      input.dispatchEvent(new Event('input'));
    </script></body>`;
    const probe = join(folder, 'probe.html');
    writeFileSync(probe, page('index.html').replace('</body>', typed));
    const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--virtual-time-budget=5000'];
    const { stdout } = spawnSync(
      CHROMIUM,
      [...flags, `--user-data-dir=${join(folder, 'profile')}`, '--dump-dom', `file://${probe}`],
      { encoding: 'utf8', timeout: 30_000 },
    );
    assert.match(stdout, /<a href="guides\/what-went-wrong\.html#inputs">Inputs<small>/);
    assert.match(stdout, /role="status">\d+ results</);
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

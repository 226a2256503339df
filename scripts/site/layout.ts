/** The frame around every page. */

import { escapeHtml } from './html.ts';
import type { Heading } from './markdown.ts';
import { type Group, relativeLink } from './pages.ts';

export interface Page {
  /** Path below the site. */
  output: string;
  title: string;
  /** What is in `main`. */
  html: string;
  headings: Heading[];
}

export function layOut(page: Page, groups: readonly Group[]): string {
  const link = (to: string): string => escapeHtml(relativeLink(page.output, to));
  const title = page.output === 'index.html' ? 'Tilewright' : `${page.title} · Tilewright`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
<link rel="stylesheet" href="${link('assets/site.css')}">
<link rel="icon" href="data:,">
<script src="${link('assets/search.js')}" defer></script>
<script src="${link('assets/site.js')}" defer></script>
</head>
<body data-root="${link('index.html').replace(/index\.html$/, '')}">
<a class="skip" href="#site-content">Skip to the content</a>
<header>
<a class="home" href="${link('index.html')}">Tilewright</a>
<form class="search" role="search" hidden>
<label for="site-search">Search</label>
<input id="site-search" type="search" autocomplete="off" placeholder="Search, or press /" aria-describedby="site-search-status">
<div class="found">
<p id="site-search-status" role="status" aria-live="polite"></p>
<ol id="site-search-results" aria-label="Found" hidden></ol>
</div>
</form>
<button id="site-theme" type="button" hidden>Dark</button>
</header>
<div class="columns">
<nav class="pages" aria-label="Pages">
<details open>
<summary>Pages</summary>
${groups.map((group) => pageList(group, page, link)).join('\n')}
</details>
</nav>
<main id="site-content" tabindex="-1">
${page.html}
</main>
${contents(page.headings)}
</div>
</body>
</html>
`;
}

function pageList(group: Group, page: Page, link: (to: string) => string): string {
  const items = group.pages.map(({ title, output }) => {
    const current = output === page.output ? ' aria-current="page"' : '';
    return `<li><a href="${link(output)}"${current}>${escapeHtml(title)}</a></li>`;
  });
  return `<h2>${group.title}</h2>\n<ul>\n${items.join('\n')}\n</ul>`;
}

function contents(headings: readonly Heading[]): string {
  const shown = headings.filter(({ depth }) => depth === 2 || depth === 3);
  if (shown.length < 2) return '';
  const items = shown.map(
    ({ depth, id, title }) =>
      `<li class="depth-${depth}"><a href="#${id}">${escapeHtml(title)}</a></li>`,
  );
  return `<nav class="contents" aria-label="On this page">\n<h2>On this page</h2>\n<ul>\n${items.join('\n')}\n</ul>\n</nav>`;
}

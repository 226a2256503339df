/** Makes all files of the site, and checks them. */

import { readFileSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';
import type { Notebook } from '../notebook/cells.ts';
import { readModules } from './api-model.ts';
import { apiPage } from './api-page.ts';
import { brokenLinks } from './check-links.ts';
import { escapeHtml } from './html.ts';
import { layOut, type Page } from './layout.ts';
import { renderMarkdown } from './markdown.ts';
import { notebookPage } from './notebook-page.ts';
import {
  API_PAGES,
  DECISIONS,
  NOTEBOOK,
  navigation,
  outputOf,
  readSources,
  relativeLink,
  resolveTarget,
  type Source,
} from './pages.ts';
import { searchIndex } from './search-index.ts';
import { folderPage, sourcePage } from './source-page.ts';

const ASSETS = join(import.meta.dirname, 'assets');

export interface Site {
  /** Contents by path below the site. */
  files: Map<string, string | Uint8Array>;
  /** How many of them are pages. */
  pages: number;
}

/**
 * @param root - folder of the repository
 * @throws if a link leads nowhere or an export has no docstring, with all of them
 */
export function buildSite(root: string): Site {
  const sources = readSources(root);
  const shown = new ShownFiles(root);
  const pages: Page[] = sources.map(({ path, output, title, text }) => {
    const linkTo = (target: string): string => shown.link(target, path, output);
    return { output, title, ...renderMarkdown(text, linkTo) };
  });
  pages.push(decisionsPage(sources), ...apiPages(root, shown));

  const files: Site['files'] = new Map();
  const notebook = JSON.parse(readFileSync(join(root, NOTEBOOK), 'utf8')) as Notebook;
  const { pictures, ...rendered } = notebookPage(notebook, 'notebook', (target) =>
    shown.link(target, NOTEBOOK, 'notebook.html'),
  );
  pages.push({ output: 'notebook.html', title: 'The notebook', ...rendered });
  for (const [name, picture] of pictures) files.set(`notebook/${name}`, picture);

  const groups = navigation(root, sources);
  const { pages: sourcePages, copies } = shown.finish(new Set(pages.map(({ output }) => output)));
  for (const page of [...pages, ...sourcePages]) files.set(page.output, layOut(page, groups));
  for (const [path, content] of copies) files.set(path, content);
  for (const name of ['site.css', 'site.js', 'search.js']) {
    files.set(`assets/${name}`, readFileSync(join(ASSETS, name), 'utf8'));
  }
  files.set('assets/search-index.js', searchIndex(pages, groups));

  const problems = brokenLinks(files);
  if (problems.length > 0) throw new Error(`The site is not right:\n  ${problems.join('\n  ')}`);
  return { files, pages: pages.length + sourcePages.length };
}

function apiPages(root: string, shown: ShownFiles): Page[] {
  const modules = readModules(
    root,
    API_PAGES.map(({ file }) => file),
  );
  return API_PAGES.map(({ file, module, output }) => {
    const linkTo = (target: string): string => shown.link(target, '', output);
    const sourceOf = (path: string): string => shown.link(`/${path}`, '', output);
    return { output, title: module, ...apiPage(module, modules.get(file)!, linkTo, sourceOf) };
  });
}

/** The newest first. */
function decisionsPage(sources: readonly Source[]): Page {
  const decisions = sources.filter(({ path }) => path.startsWith('docs/decisions/')).reverse();
  const items = decisions.map(({ path, output, title }) => {
    const [date] = /\d{4}-\d\d-\d\d/.exec(path) ?? [''];
    const link = relativeLink(DECISIONS, output);
    return `<li><time>${date}</time> <a href="${link}">${escapeHtml(title)}</a></li>`;
  });
  const html = `<h1>Decisions</h1>\n<ul class="dated">\n${items.join('\n')}\n</ul>`;
  return { output: DECISIONS, title: 'Decisions', html, headings: [] };
}

/** What pages link to and is no page of its own: sources, folders, pictures. */
class ShownFiles {
  readonly #root: string;
  /** Paths below the repository, by their path in the site. */
  readonly #wanted = new Map<string, string>();

  constructor(root: string) {
    this.#root = root;
  }

  /** A link of a page, as the site has it. Where it leads to becomes a part of the site. */
  link(target: string, from: string, output: string): string {
    if (/^(https?:|mailto:|#)/.test(target)) return target;
    const [file, anchor] = target.split('#') as [string, string?];
    const path = resolveTarget(from, file);
    let to: string;
    try {
      to = outputOf(this.#root, path);
    } catch {
      throw new Error(`${from} links to ${target}, which is not there`);
    }
    this.#wanted.set(to, path);
    return relativeLink(output, to) + (anchor === undefined ? '' : `#${anchor}`);
  }

  /** @param made - paths in the site that there are already */
  finish(made: ReadonlySet<string>): { pages: Page[]; copies: Map<string, Uint8Array> } {
    const pages: Page[] = [];
    const copies = new Map<string, Uint8Array>();
    // A folder's page links to more.
    for (const [output, path] of this.#wanted) {
      if (made.has(output)) continue;
      if (extname(output) !== '.html') {
        copies.set(output, readFileSync(join(this.#root, path)));
        continue;
      }
      const isFolder = statSync(join(this.#root, path)).isDirectory();
      const html = isFolder
        ? folderPage(this.#root, path, (child) => this.link(`/${child}`, '', output))
        : sourcePage(this.#root, path);
      pages.push({ output, title: path, html, headings: [] });
    }
    return { pages, copies };
  }
}

/**
 * Makes one script of each entry of a page and the packages that it uses, one style sheet, and one
 * text of these packages' licences, which ask to be with every copy.
 */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type BuildResult, buildSync, type Format } from 'esbuild';

const ROOT = join(import.meta.dirname, '..');
/** A script that stands in its page is no module: that has nothing to import it by. */
const PAGES = {
  'src/viewer/page': { entries: ['main.ts', 'style.css'], format: 'esm' },
  'src/insight/report/browser': { entries: ['main.ts', 'live.ts', 'style.css'], format: 'iife' },
} as const satisfies Record<string, { entries: readonly string[]; format: Format }>;
/** The folder of a package in a path; the last, for packages within packages. */
const PACKAGE = /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/;
const NOTICE = '/* Licences: /licences.txt */\n';

/** A folder of a page's sources, from the root of the repository. */
export type PageFolder = keyof typeof PAGES;
export const PAGE_FOLDERS = Object.keys(PAGES) as PageFolder[];

export interface PageBundle {
  /** Texts by name, such as `main.js`, `style.css`, `index.html`, `licences.txt`. */
  files: Map<string, string>;
  /** Folders of the packages of which something is in them, from the root of the repository. */
  packages: string[];
}

/** @param isSmall - without spaces and long names, as it is published */
export function bundlePage(folder: PageFolder, isSmall: boolean): PageBundle {
  const { entries, format } = PAGES[folder];
  const page = join(ROOT, folder);
  const result = buildSync({
    absWorkingDir: ROOT,
    entryPoints: entries.map((name) => join(page, name)),
    outdir: page,
    write: false,
    bundle: true,
    format,
    target: 'es2022',
    minify: isSmall,
    legalComments: 'none',
    metafile: true,
    logLevel: 'silent',
  });
  const packages = bundled(result);
  const notice = packages.length > 0 ? NOTICE : '';
  const files = new Map(
    result.outputFiles.map(({ path, text }) => [basename(path), notice + text] as const),
  );
  if (packages.length > 0) files.set('licences.txt', packages.map(licence).join('\n\n'));
  const html = join(page, 'index.html');
  if (existsSync(html)) files.set('index.html', readFileSync(html, 'utf8'));
  return { files, packages };
}

function bundled({ metafile }: BuildResult<{ metafile: true }>): string[] {
  const folders = new Set<string>();
  for (const { inputs } of Object.values(metafile.outputs)) {
    for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
      const folder = PACKAGE.exec(path)?.[0];
      if (folder !== undefined && bytesInOutput > 0) folders.add(folder);
    }
  }
  return [...folders].sort();
}

function licence(folder: string): string {
  const path = join(ROOT, folder);
  const { name, version, license } = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'));
  const file = readdirSync(path).find((entry) => /^licen[cs]e/i.test(entry));
  if (file === undefined) throw new Error(`${folder} is in the page, and has no file of a licence`);
  return `${name} ${version} (${license})\n\n${readFileSync(join(path, file), 'utf8').trim()}\n`;
}

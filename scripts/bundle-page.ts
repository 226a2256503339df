/**
 * Makes one script and one style sheet of the viewer's page and the packages that it uses, and one
 * text of these packages' licences, which ask to be with every copy.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type BuildResult, buildSync } from 'esbuild';

const ROOT = join(import.meta.dirname, '..');
const PAGE = join(ROOT, 'src/viewer/page');
/** The folder of a package in a path; the last, for packages within packages. */
const PACKAGE = /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/;

export interface PageBundle {
  /** Texts by name: `main.js`, `style.css`, `licences.txt`. */
  files: Map<string, string>;
  /** Folders of the packages of which something is in them, from the root of the repository. */
  packages: string[];
}

/** @param isSmall - without spaces and long names, as it is published */
export function bundlePage(isSmall: boolean): PageBundle {
  const result = buildSync({
    absWorkingDir: ROOT,
    entryPoints: [join(PAGE, 'main.ts'), join(PAGE, 'style.css')],
    outdir: PAGE,
    write: false,
    bundle: true,
    format: 'esm',
    target: 'es2022',
    minify: isSmall,
    legalComments: 'none',
    banner: { js: '// Licences: /licences.txt', css: '/* Licences: /licences.txt */' },
    metafile: true,
    logLevel: 'silent',
  });
  const packages = bundled(result);
  const files = new Map(result.outputFiles.map(({ path, text }) => [basename(path), text]));
  files.set('licences.txt', packages.map(licence).join('\n\n'));
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

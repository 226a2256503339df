/**
 * Makes the lists of packages in docs/licences.md, from the lock file and from what is in the viewer's
 * page: `npx node scripts/make-licences.ts` writes them, test/licences.test.ts checks that they are current.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundlePage, PAGE_FOLDERS } from './bundle-page.ts';

const ROOT = join(import.meta.dirname, '..');
export const PAGE = join(ROOT, 'docs/licences.md');

interface Locked {
  name?: string;
  license?: string;
  dev?: boolean;
  optional?: boolean;
  /** Needed by packages for development and by optional ones. */
  devOptional?: boolean;
  link?: boolean;
  cpu?: unknown;
}

/** Of all packages that npm installs in a checkout, for the notebook too, by their folders from the root. */
export function lockedPackages(): Map<string, Locked> {
  const found = new Map<string, Locked>();
  for (const folder of ['scripts/notebook/', '']) {
    const text = readFileSync(join(ROOT, folder, 'package-lock.json'), 'utf8');
    for (const [path, entry] of Object.entries<Locked>(JSON.parse(text).packages)) {
      if (!path.startsWith('node_modules/') || entry.link) continue;
      found.set(folder + path, folder === '' ? entry : { ...entry, dev: true });
    }
  }
  return found;
}

/** The page with lists of now between its marks. */
export function withLists(page: string): string {
  const locked = lockedPackages();
  const inPages = new Set(PAGE_FOLDERS.flatMap((folder) => bundlePage(folder, false).packages));
  const lists: Record<string, string> = {
    installed: byLicence(
      [...locked].filter(([, { dev, optional, devOptional }]) => !dev && !optional && !devOptional),
    ),
    optional: byLicence(
      [...locked].filter(([, { dev, optional, devOptional }]) => (!dev && optional) || devOptional),
    ),
    page: byLicence([...inPages].map((path) => [path, locked.get(path)!])),
    development: byLicence([...locked].filter(([, { dev }]) => dev)),
  };
  return page.replace(
    /(<!-- (\w+) -->\n).*?(<!-- end -->)/gs,
    (_, start: string, name: string, end: string) => `${start}\n${lists[name]}\n\n${end}`,
  );
}

function nameOf(path: string, { name }: Locked): string {
  return name ?? path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
}

/** A line for each licence; packages for one machine each, of one family, are named once. */
function byLicence(packages: [string, Locked][]): string {
  const lines = new Map<string, Set<string>>();
  for (const [path, entry] of packages) {
    const licence = entry.license ?? 'none named';
    const names = lines.get(licence) ?? new Set();
    const name = nameOf(path, entry);
    const family = /^@[^/]+\/(?:cli-|msgpackr-extract-|typescript-)?|^node-(?:bin-)?/.exec(
      name,
    )?.[0];
    names.add(entry.cpu === undefined || family === undefined ? name : `${family}…`);
    lines.set(licence, names);
  }
  return [...lines]
    .sort()
    .map(([licence, names]) => `- ${licence}: ${[...names].sort().join(', ')}`)
    .join('\n');
}

if (import.meta.main) writeFileSync(PAGE, withLists(readFileSync(PAGE, 'utf8')));

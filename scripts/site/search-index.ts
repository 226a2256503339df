/** What the search of the site looks through: a section each, as a script that works from a disk. */

import { textOf } from './html.ts';
import type { Page } from './layout.ts';
import type { Group } from './pages.ts';

/** Title of the section, of its page, where it is, its text in lower case, weight of the page. */
type Section = [title: string, page: string, url: string, text: string, weight: number];

/** How much a word says on a page of a group: a reader looks for guides first, for history last. */
const WEIGHTS: Readonly<Record<string, number>> = {
  Guides: 2,
  Reference: 1.5,
  API: 1,
  'How it works': 1,
};
const WEIGHT_OF_OTHERS = 0.6;

/**
 * @param groups - the navigation. Pages of its first group are where to go on from when nothing is
 *   found.
 */
export function searchIndex(pages: readonly Page[], groups: readonly Group[]): string {
  const weights = new Map(
    groups.flatMap((group) =>
      group.pages.map(({ output }) => [output, WEIGHTS[group.title] ?? WEIGHT_OF_OTHERS] as const),
    ),
  );
  const sections = pages.flatMap((page) =>
    sectionsOf(page, weights.get(page.output) ?? WEIGHT_OF_OTHERS),
  );
  const [first] = groups;
  const fallback = first!.pages.map(({ title, output }) => [title, first!.title, output]);
  return (
    `globalThis.searchSections = ${JSON.stringify(sections)};\n` +
    `globalThis.searchFallback = ${JSON.stringify(fallback)};\n`
  );
}

function sectionsOf({ output, title, html }: Page, weight: number): Section[] {
  const parts = html.replace(/<a class="anchor".*?<\/a>/g, '').split(/(?=<h[1-4][ >])/);
  return parts.flatMap((part): Section[] => {
    const heading = /^<h[1-4](?: id="([^"]*)")?[^>]*>(.*?)<\/h[1-4]>/s.exec(part);
    const text = textOf(heading === null ? part : part.slice(heading[0].length)).toLowerCase();
    if (heading === null && text === '') return [];
    const url = heading?.[1] === undefined ? output : `${output}#${heading[1]}`;
    return [[heading === null ? title : textOf(heading[2]!), title, url, text, weight]];
  });
}

/** What the search of the site looks through: a section each, as a script that works from a disk. */

import { textOf } from './html.ts';
import type { Page } from './layout.ts';

/** Title of the section, of its page, where it is, and its text in lower case. */
type Section = [title: string, page: string, url: string, text: string];

export function searchIndex(pages: readonly Page[]): string {
  const sections = pages.flatMap(sectionsOf);
  return `globalThis.searchSections = ${JSON.stringify(sections)};\n`;
}

function sectionsOf({ output, title, html }: Page): Section[] {
  const parts = html.replace(/<a class="anchor".*?<\/a>/g, '').split(/(?=<h[1-4][ >])/);
  return parts.flatMap((part): Section[] => {
    const heading = /^<h[1-4](?: id="([^"]*)")?[^>]*>(.*?)<\/h[1-4]>/s.exec(part);
    const text = textOf(heading === null ? part : part.slice(heading[0].length)).toLowerCase();
    if (heading === null && text === '') return [];
    const url = heading?.[1] === undefined ? output : `${output}#${heading[1]}`;
    return [[heading === null ? title : textOf(heading[2]!), title, url, text]];
  });
}

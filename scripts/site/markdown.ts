/** Markdown as HTML, with anchors, highlighted code and links that fit the site. */

import { Marked, type Tokens } from 'marked';
import { escapeHtml, highlight, Slugs, textOf } from './html.ts';

export interface Heading {
  depth: number;
  id: string;
  title: string;
}

export interface Rendered {
  html: string;
  headings: Heading[];
}

/** @param linkTo - where a link of the text leads to in the site */
export function renderMarkdown(
  markdown: string,
  linkTo: (target: string) => string,
  slugs = new Slugs(),
): Rendered {
  const headings: Heading[] = [];
  const marked = new Marked({ gfm: true });
  marked.use({
    renderer: {
      heading({ tokens, depth }: Tokens.Heading): string {
        const html = this.parser.parseInline(tokens);
        const title = textOf(html);
        const id = slugs.slug(title);
        headings.push({ depth, id, title });
        return `<h${depth} id="${id}">${html}${anchor(id, title)}</h${depth}>\n`;
      },
      code({ text, lang }: Tokens.Code): string {
        return codeBlock(text, lang ?? '');
      },
      codespan({ text }: Tokens.Codespan): string {
        // A browser would break an option after its dashes.
        const isOption = /^--?[\w-]+$/.test(text);
        return `<code${isOption ? ' class="whole"' : ''}>${escapeHtml(text)}</code>`;
      },
      link({ href, title, tokens }: Tokens.Link): string {
        const more = title ? ` title="${escapeHtml(title)}"` : '';
        const text = this.parser.parseInline(tokens);
        return `<a href="${escapeHtml(linkTo(href))}"${more}>${text}</a>`;
      },
      image({ href, text }: Tokens.Image): string {
        return `<img src="${escapeHtml(linkTo(href))}" alt="${escapeHtml(text)}">`;
      },
    },
  });
  const html = marked.parse(markdown, { async: false });
  return { html: html.replace(/<table>.*?<\/table>/gs, scrollable), headings };
}

export function codeBlock(code: string, language: string): string {
  return `<pre tabindex="0"><code>${highlight(code, language)}</code></pre>\n`;
}

/** A link to a heading, for those who want to pass it on. */
export function anchor(id: string, title: string): string {
  return ` <a class="anchor" href="#${id}" aria-label="Link to ${escapeHtml(title)}">#</a>`;
}

/** Wide tables scroll by themselves, also with the keyboard; the page does not. */
function scrollable(table: string): string {
  return `<div class="table" role="group" aria-label="Table" tabindex="0">${table}</div>`;
}

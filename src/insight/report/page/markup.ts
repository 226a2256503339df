/** Markup from texts that nobody has vetted: each goes through `markupText`. */

import { markupText } from '../../../core/printable.ts';

/** JSON that can stand in a script element: no text in it ends the element or begins a comment. */
export function scriptJson(value: unknown): string {
  return JSON.stringify(value)
    .replaceAll('<', '\\u003c')
    .replaceAll('>', '\\u003e')
    .replaceAll('&', '\\u0026');
}

export interface Cell {
  text: string;
  /** What it is sorted by, if that is not its text. */
  sort?: number;
  /** Markup in place of the text, made here. */
  markup?: string;
}

export interface Heading {
  title: string;
  align?: 'right';
  /** Its texts may be broken anywhere: names of files have no blanks. */
  breaks?: true;
}

/** A table; with the page's script a click on a heading sorts it. */
export function htmlTable(
  caption: string,
  headings: readonly Heading[],
  rows: readonly (readonly Cell[])[],
): string {
  const head = headings
    .map((heading) => `<th scope="col"${classOf(heading)}>${markupText(heading.title)}</th>`)
    .join('');
  const body = rows.map((row) => {
    const cells = row.map(({ text, sort, markup }, k) => {
      const key = sort === undefined ? '' : ` data-sort="${Number.isFinite(sort) ? sort : -1}"`;
      // The first names the row; the others say on a narrow screen what they are.
      const title = k === 0 ? '' : (headings[k]?.title ?? '');
      const name = title === '' ? '' : ` data-name="${markupText(title)}"`;
      return `<td${classOf(headings[k])}${key}${name}>${markup ?? markupText(text)}</td>`;
    });
    return `<tr>${cells.join('')}</tr>`;
  });
  return (
    `<div class="scroll"><table class="sortable"><caption>${markupText(caption)}</caption>` +
    `<thead><tr>${head}</tr></thead><tbody>\n${body.join('\n')}\n</tbody></table></div>`
  );
}

function classOf(heading: Heading | undefined): string {
  if (heading?.align === 'right') return ' class="number"';
  return heading?.breaks === true ? ' class="breaks"' : '';
}

/** Entries of a legend: class of the colour, and what it stands for. */
export function legend(entries: readonly (readonly [className: string, name: string])[]): string {
  const items = entries.map(
    ([className, name]) => `<li><i class="${className}"></i>${markupText(name)}</li>`,
  );
  return `<ul class="legend">${items.join('')}</ul>`;
}

/** A part of the page; nothing if it has no body. */
export function section(title: string, body: string, note = ''): string {
  if (body === '') return '';
  const explained = note === '' ? '' : `<p class="note">${markupText(note)}</p>`;
  return `<section><h2>${markupText(title)}</h2>${explained}\n${body}\n</section>\n`;
}

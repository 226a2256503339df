/** A notebook with its outputs as a page. */

import { type Notebook, text } from '../notebook/cells.ts';
import { escapeHtml, Slugs } from './html.ts';
import { codeBlock, type Heading, renderMarkdown } from './markdown.ts';

export interface NotebookPage {
  html: string;
  headings: Heading[];
  /** Its pictures, by their file names. */
  pictures: Map<string, Buffer>;
}

/** @param folder - of the pictures, as the page names it */
export function notebookPage(
  notebook: Notebook,
  folder: string,
  linkTo: (target: string) => string,
): NotebookPage {
  const pictures = new Map<string, Buffer>();
  const headings: Heading[] = [];
  const slugs = new Slugs();
  const html = notebook.cells.map((cell) => {
    const source = text(cell.source);
    if (cell.cell_type === 'markdown') {
      const rendered = renderMarkdown(source, linkTo, slugs);
      headings.push(...rendered.headings);
      return rendered.html;
    }
    const outputs = (cell.outputs ?? []).map(({ text: printed, data }) => {
      const picture = data?.['image/png'];
      if (picture !== undefined) {
        const name = `${pictures.size + 1}.png`;
        pictures.set(name, Buffer.from(text(picture), 'base64'));
        const alt = escapeHtml(text(data?.['text/plain'] ?? 'A map'));
        return `<img src="${folder}/${name}" alt="${alt}">`;
      }
      const shown = text(printed ?? data?.['text/plain'] ?? '');
      return `<pre class="output" tabindex="0"><samp>${escapeHtml(shown)}</samp></pre>`;
    });
    return codeBlock(source, 'ts') + outputs.join('\n');
  });
  return { html: html.join('\n'), headings, pictures };
}

/** Pages that show a file of the repository, or what is in a folder. */

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';
import { escapeHtml, highlight } from './html.ts';

/** Every line is an anchor: `#L12`. */
export function sourcePage(root: string, path: string): string {
  const code = readFileSync(join(root, path), 'utf8').replace(/\n$/, '');
  const lines = highlight(code, extname(path).slice(1)).split('\n');
  let open = '';
  const numbered = lines.map((line, i) => {
    // A comment or a string over several lines begins anew on each.
    const whole = open + line;
    const last = [...whole.matchAll(/<span class="\w+">|<\/span>/g)].at(-1)?.[0];
    open = last === undefined || last === '</span>' ? '' : last;
    return `<span class="line" id="L${i + 1}">${whole}${open === '' ? '' : '</span>'}</span>`;
  });
  return `<h1>${escapeHtml(path)}</h1>\n<pre class="numbered" tabindex="0"><code>${numbered.join('\n')}</code></pre>`;
}

/** @param linkTo - the page of a file or folder below the repository */
export function folderPage(root: string, path: string, linkTo: (path: string) => string): string {
  const items = readdirSync(join(root, path))
    .sort()
    .map((name) => {
      const child = `${path}/${name}`;
      const isFolder = statSync(join(root, child)).isDirectory();
      return `<li><a href="${linkTo(child)}">${escapeHtml(name)}${isFolder ? '/' : ''}</a></li>`;
    });
  return `<h1>${escapeHtml(path)}</h1>\n<ul>\n${items.join('\n')}\n</ul>`;
}

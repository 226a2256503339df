/** The reference of a module: its exports with signatures, docstrings and members. */

import type { Entry, Member, ModuleModel } from './api-model.ts';
import type { Docstring } from './docstring.ts';
import { highlight, textOf } from './html.ts';
import { anchor, type Heading, renderMarkdown } from './markdown.ts';

const TAGS: Record<string, string> = {
  param: 'Parameters',
  returns: 'Returns',
  throws: 'Throws',
  example: 'Example',
};
const GROUPS: readonly (readonly [title: string, kinds: readonly Entry['kind'][]])[] = [
  ['Functions', ['function', 'constant']],
  ['Classes', ['class']],
  ['Types', ['interface', 'type']],
];

/**
 * @param linkTo - where a link in a docstring, from the repository's root, leads to
 * @param sourceOf - the page that shows a source file
 * @throws if an export has no docstring
 */
export function apiPage(
  module: string,
  { entries, mentioned }: ModuleModel,
  linkTo: (target: string) => string,
  sourceOf: (file: string) => string,
): { html: string; headings: Heading[] } {
  const bare = entries.filter(({ doc }) => doc.text === '').map(({ name }) => name);
  if (bare.length > 0) {
    throw new Error(`${module} exports without a docstring: ${bare.join(', ')}`);
  }
  const all = [...entries, ...mentioned];
  const ids = new Map(all.map(({ name }) => [name, name]));
  const headings: Heading[] = [];
  const linkOf = (name: string): string | undefined => {
    const id = ids.get(name);
    return id === undefined ? undefined : `#${id}`;
  };
  const markdown = (text: string): string =>
    renderMarkdown(withLinks(text, linkOf), linkTo).html.trim();

  const section = (title: string, group: readonly Entry[]): string => {
    if (group.length === 0) return '';
    const id = `section-${title.toLowerCase().replaceAll(' ', '-')}`;
    headings.push({ depth: 2, id, title });
    return `<h2 id="${id}">${title}${anchor(id, title)}</h2>\n${group.map(entry).join('\n')}`;
  };
  const entry = ({ name, signature, doc, members, file, line }: Entry): string => {
    headings.push({ depth: 3, id: name, title: name });
    const linked = (other: string): string | undefined =>
      other === name ? undefined : linkOf(other);
    const list = members.map((member) => memberHtml(member, linked, markdown));
    return `<section class="entry">
<h3 id="${name}"><code>${name}</code>${anchor(name, name)}</h3>
<pre tabindex="0"><code>${highlight(signature, 'ts', linked)}</code></pre>
${docHtml(doc, markdown)}
${list.length === 0 ? '' : `<dl>\n${list.join('\n')}\n</dl>`}
<p class="source"><a href="${sourceOf(file)}#L${line}">${file}</a></p>
</section>`;
  };
  const sections = GROUPS.map(([title, kinds]) =>
    section(
      title,
      entries.filter(({ kind }) => kinds.includes(kind)),
    ),
  );
  const others = section('Types that these mention', mentioned);
  const head = `<h1 id="top">${module}</h1>
<p>All that <code>import … from '${module}'</code> gives, made from the source's own comments.</p>`;
  return { html: [head, ...sections, others].join('\n'), headings };
}

function memberHtml(
  { signature, doc }: Member,
  linkOf: (name: string) => string | undefined,
  markdown: (text: string) => string,
): string {
  return `<dt><code>${highlight(signature, 'ts', linkOf)}</code></dt>
<dd>${docHtml(doc, markdown)}</dd>`;
}

function docHtml({ text, tags }: Docstring, markdown: (text: string) => string): string {
  const parts = text === '' ? [] : [markdown(text)];
  for (const [tag, title] of Object.entries(TAGS)) {
    const found = tags.filter((one) => one.tag === tag).map((one) => one.text);
    if (found.length === 0) continue;
    if (tag === 'example') {
      parts.push(`<p class="tag">${title}</p>`);
      for (const code of found) {
        parts.push(
          `<pre tabindex="0"><code>${highlight(code.replace(/^ {2}/gm, ''), 'ts')}</code></pre>`,
        );
      }
      continue;
    }
    const items = found.map((one) => {
      const [, name, rest] = /^(\w+) - (.*)$/s.exec(one) ?? [];
      const body = markdown(rest ?? one).replace(/^<p>|<\/p>$/g, '');
      return tag === 'param' && name !== undefined
        ? `<li><code>${name}</code>: ${body}</li>`
        : `<li>${body}</li>`;
    });
    parts.push(`<p class="tag">${title}</p>\n<ul>${items.join('')}</ul>`);
  }
  return parts.join('\n');
}

/** `{@link Name}` and pages of docs/ as links. */
function withLinks(text: string, linkOf: (name: string) => string | undefined): string {
  return text
    .replace(/\{@link (\w+)\}/g, (_, name: string) => {
      const link = linkOf(name);
      return link === undefined ? `\`${name}\`` : `[\`${name}\`](${link})`;
    })
    .replace(/(?<![\w/(])docs\/[\w/-]+\.md/g, (path) => `[${textOf(path)}](/${path})`);
}

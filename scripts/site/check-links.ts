/** Checks a built site: every link leads to a file of it and an anchor there; nothing is fetched. */

import { posix } from 'node:path';

/**
 * @param files - what the site consists of, by path; pages as text
 * @returns what is wrong, one line each
 */
export function brokenLinks(files: ReadonlyMap<string, string | Uint8Array>): string[] {
  const anchors = new Map<string, Set<string>>();
  const problems: string[] = [];
  const pages = [...files].flatMap(([path, content]) =>
    path.endsWith('.html') && typeof content === 'string' ? [[path, content] as const] : [],
  );
  for (const [path, html] of pages) {
    const ids = [...html.matchAll(/\sid="([^"]*)"/g)].map(([, id]) => id!);
    anchors.set(path, new Set(ids));
    const twice = ids.find((id, i) => ids.indexOf(id) !== i);
    if (twice !== undefined) problems.push(`${path}: two elements are #${twice}`);
    if (/<img(?![^>]*\salt="[^"]+")/.test(html)) problems.push(`${path}: a picture without a text`);
  }
  for (const [path, html] of pages) {
    for (const [, attribute, target] of html.matchAll(/\s(href|src)="([^"]*)"/g)) {
      const isRemote = /^(https?:)?\/\//.test(target!);
      if (isRemote && attribute === 'src') problems.push(`${path}: ${target} is not of the site`);
      if (isRemote || /^(data|mailto):/.test(target!)) continue;
      const [file, anchor] = decodeURI(target!).split('#') as [string, string?];
      const to = file === '' ? path : posix.join(posix.dirname(path), file);
      if (!files.has(to)) problems.push(`${path}: ${target} leads to ${to}, which is not there`);
      else if (anchor !== undefined && anchors.get(to)?.has(anchor) !== true) {
        problems.push(`${path}: there is no #${anchor} in ${to}`);
      }
    }
  }
  return problems;
}

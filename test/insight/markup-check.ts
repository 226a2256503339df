/** Checks markup that is written as XML wants it, and gives its elements. */

import assert from 'node:assert/strict';

export interface Element {
  name: string;
  attributes: Record<string, string>;
}

/** Fails if a tag is not closed or an attribute not quoted; scripts and styles are passed over. */
export function elementsOf(page: string): Element[] {
  const rest = page
    .replace(/^<!DOCTYPE html>\n/, '')
    .replace(/<(script|style)([^>]*)>.*?<\/\1>/gs, '<$1$2></$1>');
  const elements: Element[] = [];
  const open: string[] = [];
  const tag = /<(\/?)([a-zA-Z][\w-]*)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>/g;
  let end = 0;
  for (const match of rest.matchAll(tag)) {
    checkText(rest.slice(end, match.index));
    end = match.index + match[0].length;
    const [, closing, name, list, alone] = match as unknown as [
      string,
      string,
      string,
      string,
      string,
    ];
    if (closing === '/') {
      assert.equal(open.pop(), name, `</${name}> at ${rest.slice(match.index - 60, end)}`);
      continue;
    }
    const attributes: Record<string, string> = {};
    for (const [, key, value] of list.matchAll(/([\w:-]+)="([^"]*)"/g)) {
      assert.ok(!(key! in attributes), `${key} twice in ${match[0]}`);
      checkText(value!);
      attributes[key!] = value!;
    }
    elements.push({ name, attributes });
    if (alone === '') open.push(name);
  }
  checkText(rest.slice(end));
  assert.deepEqual(open, []);
  return elements;
}

function checkText(text: string): void {
  assert.doesNotMatch(text, /[<>]/);
  assert.doesNotMatch(text, /&(?!(amp|lt|gt|quot|#39);)/);
}

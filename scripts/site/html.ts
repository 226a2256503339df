/** Text and code as HTML. */

export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

/** What HTML shows, as text: for the search and for titles. */
export function textOf(html: string): string {
  return html
    .replace(/<\/?(a|code|em|span|strong)\b[^>]*>/g, '')
    .replace(/<[^>]*>/g, ' ')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&')
    .replace(/\s+/g, ' ')
    .trim();
}

/** The anchors of headings, as GitHub makes them; each page has its own. */
export class Slugs {
  readonly #taken = new Map<string, number>();

  slug(title: string): string {
    const plain = title
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-');
    const count = this.#taken.get(plain) ?? 0;
    this.#taken.set(plain, count + 1);
    return count === 0 ? plain : `${plain}-${count}`;
  }
}

const TYPESCRIPT = new RegExp(
  [
    /(?<comment>\/\/[^\n]*|\/\*.*?\*\/)/.source,
    /(?<string>'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`)/.source,
    /(?<number>\b\d[\d_.]*(?:e[+-]?\d+)?\b)/.source,
    /(?<name>[A-Za-z_$][\w$]*)/.source,
  ].join('|'),
  'gs',
);
const SHELL =
  /(?<comment>(?:^|(?<=\s))#[^\n]*)|(?<string>'[^']*'|"[^"]*")|(?<option>(?<=\s)--?[a-z][\w-]*)/g;
const JSON_TEXT =
  /(?<key>"(?:\\.|[^"\\])*"(?=\s*:))|(?<string>"(?:\\.|[^"\\])*")|(?<number>-?\b\d[\d.e+-]*|\b(?:true|false|null)\b)/g;
const LANGUAGES: Record<string, RegExp> = {
  ts: TYPESCRIPT,
  js: TYPESCRIPT,
  sh: SHELL,
  json: JSON_TEXT,
};
const KEYWORDS = new Set(
  `abstract as asserts async await break case catch class const continue default do else export
  extends false finally for from function get if implements import in infer instanceof interface is
  keyof let new null of private readonly return satisfies set static switch this throw true try type
  typeof undefined using void while yield`.split(/\s+/),
);

/**
 * Code with its comments, strings, numbers and keywords marked.
 * @param linkOf - where a name leads to, if anywhere
 */
export function highlight(
  code: string,
  language: string,
  linkOf: (name: string) => string | undefined = () => undefined,
): string {
  const pattern = LANGUAGES[language];
  if (pattern === undefined) return escapeHtml(code);
  let html = '';
  let end = 0;
  for (const match of code.matchAll(pattern)) {
    html += escapeHtml(code.slice(end, match.index));
    end = match.index + match[0].length;
    const kind = Object.entries(match.groups!).find(([, text]) => text !== undefined)![0];
    // `map.get(…)` is a name, not a keyword.
    const isMember = kind === 'name' && code[match.index - 1] === '.';
    html += isMember ? escapeHtml(match[0]) : mark(match[0], kind, linkOf);
  }
  return html + escapeHtml(code.slice(end));
}

function mark(text: string, kind: string, linkOf: (name: string) => string | undefined): string {
  const shown = escapeHtml(text);
  if (kind !== 'name') return `<span class="${kind}">${shown}</span>`;
  if (KEYWORDS.has(text)) return `<span class="keyword">${shown}</span>`;
  const link = linkOf(text);
  return link === undefined ? shown : `<a href="${link}">${shown}</a>`;
}

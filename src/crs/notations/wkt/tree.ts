/**
 * Well-known text of a CRS as a tree: OGC 01-009 (WKT 1, and ESRI's dialect) and OGC 18-010 (WKT 2).
 * Only the structure is read here.
 */

import { excerpt, refusal } from '../refusal.ts';

/** `KEYWORD[argument, …]`. */
export interface WktNode {
  /** In upper case. */
  keyword: string;
  args: (WktValue | WktNode)[];
}

/** A plain argument: a string without its quotes, or a word or number as written. */
export interface WktValue {
  text: string;
  quoted: boolean;
}

/** Far above any CRS in use; text is untrusted. */
const MAX_LENGTH = 1 << 18;
const MAX_DEPTH = 24;

/** Some writers use curly quotes. */
const TOKEN = /\s*(?:"((?:[^"]|"")*)"|“([^”]*)”|([[\](),])|([^\s"“”[\](),]+))/y;
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/**
 * @returns the tree; of several in a row, as ESRI writes a vertical CRS after the horizontal one,
 *   all of them
 * @throws TilewrightError `crs-unknown` when the text is no well-formed WKT
 */
export function parseWktTrees(text: string): WktNode[] {
  if (text.length > MAX_LENGTH) throw malformed('is too long', text);
  const roots: WktNode[] = [];
  const stack: WktNode[] = [];
  let word: WktValue | null = null;
  let after = false;
  TOKEN.lastIndex = 0;
  let at = 0;
  for (let match = TOKEN.exec(text); match !== null; match = TOKEN.exec(text)) {
    at = TOKEN.lastIndex;
    const mark = match[3];
    if (mark === undefined) {
      if (word !== null || after) throw malformed('lacks a comma', text.slice(0, at));
      const quoted = match[4] === undefined;
      word = { text: match[4] ?? match[1]?.replaceAll('""', '"') ?? match[2] ?? '', quoted };
      if (stack.length === 0 && quoted) throw malformed('begins with a string', text);
    } else if (mark === '[' || mark === '(') {
      if (word === null || word.quoted || !/^[A-Za-z]\w*$/.test(word.text)) {
        throw malformed(`has a ${mark} without a keyword`, text.slice(0, at));
      }
      if (stack.length === MAX_DEPTH) throw malformed('is nested too deep', text);
      stack.push({ keyword: word.text.toUpperCase(), args: [] });
      word = null;
    } else {
      const node = stack.at(-1);
      if (node === undefined) {
        if (mark !== ',' || roots.length === 0 || !after) throw malformed('is not one CRS', text);
      } else if (word !== null) {
        node.args.push(word);
      } else if (!after) {
        throw malformed('has an empty place', text.slice(0, at));
      }
      word = null;
      after = false;
      if (mark !== ',') {
        stack.pop();
        const parent = stack.at(-1);
        (parent === undefined ? roots : parent.args).push(node!);
        after = true;
      }
    }
  }
  if (stack.length > 0) throw malformed('ends too early', text);
  if (!after || roots.length === 0 || /\S/.test(text.slice(at)))
    throw malformed('is not WKT', text);
  return roots;
}

function malformed(problem: string, text: string) {
  const end = text.length > 100 ? `…${text.slice(-100)}` : text;
  return refusal(`The CRS definition ${problem}: "${excerpt(end)}"`);
}

/** The children of a node with one of the keywords. */
export function children(node: WktNode, ...keywords: string[]): WktNode[] {
  return node.args.filter(
    (arg): arg is WktNode => 'keyword' in arg && keywords.includes(arg.keyword),
  );
}

/** The first of the children with one of the keywords. */
export function child(node: WktNode, ...keywords: string[]): WktNode | null {
  return children(node, ...keywords)[0] ?? null;
}

/** A plain argument, or null if there is none at that place. */
export function textAt(node: WktNode | null, index: number): string | null {
  const arg = node?.args[index];
  return arg === undefined || 'keyword' in arg ? null : arg.text;
}

/** @throws TilewrightError `crs-unknown` when there is no number at that place */
export function numberAt(node: WktNode, index: number): number {
  const text = textAt(node, index);
  const value = text !== null && NUMBER.test(text) ? Number(text) : Number.NaN;
  if (Number.isFinite(value)) return value;
  const name = textAt(node, 0) ?? '';
  throw refusal(`${node.keyword} "${excerpt(name)}" lacks a number: ${excerpt(text ?? 'nothing')}`);
}

/** Authority and code of this node itself, as `EPSG:3413`; null when it has none. */
export function idOf(node: WktNode): string | null {
  const id = child(node, 'AUTHORITY', 'ID');
  const authority = textAt(id, 0);
  const code = textAt(id, 1);
  return authority && code ? `${authority.toUpperCase()}:${code}` : null;
}

/** @throws TilewrightError `crs-unknown` for children with other keywords */
export function only(node: WktNode, ...keywords: string[]): void {
  for (const arg of node.args) {
    if ('keyword' in arg && !keywords.includes(arg.keyword)) {
      throw refusal(`${excerpt(arg.keyword)} in ${node.keyword} is not understood`);
    }
  }
}

/** A node; what is null is left out, numbers are written with 15 digits. */
export function wktNode(
  keyword: string,
  ...args: (WktNode | string | number | { word: string } | null)[]
): WktNode {
  const values = args
    .filter((arg) => arg !== null)
    .map((arg): WktNode | WktValue => {
      if (typeof arg === 'string') return { text: arg, quoted: true };
      if (typeof arg === 'number') return { text: formatNumber(arg), quoted: false };
      return 'word' in arg ? { text: arg.word, quoted: false } : arg;
    });
  return { keyword, args: values };
}

/** 15 digits, as GDAL writes, hide what conversions between units leave in the last bits. */
function formatNumber(value: number): string {
  return Math.abs(value) < 1e-12 ? '0' : String(Number(value.toPrecision(15)));
}

/** The text of a tree, with square brackets and no white space. */
export function formatTree({ keyword, args }: WktNode): string {
  const parts = args.map((arg) => {
    if ('keyword' in arg) return formatTree(arg);
    return arg.quoted ? `"${arg.text.replaceAll('"', '""')}"` : arg.text;
  });
  return `${keyword}[${parts.join()}]`;
}

/** AUTHORITY or ID of `EPSG:3413`; null where there is none. */
export function idNode(keyword: 'AUTHORITY' | 'ID', id: string | null | undefined): WktNode | null {
  const colon = id?.indexOf(':') ?? -1;
  if (!id || colon < 0) return null;
  const code = id.slice(colon + 1);
  const isNumber = keyword === 'ID' && /^\d{1,9}$/.test(code);
  return wktNode(keyword, id.slice(0, colon), isNumber ? { word: code } : code);
}

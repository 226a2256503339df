/**
 * Well-known text of a CRS as a tree: OGC 01-009 (WKT1, and ESRI's dialect) and OGC 18-010 (WKT2).
 * Only the structure is read here; what the keywords mean is for those who ask.
 */

/** `KEYWORD[argument, …]`; a plain argument is kept as written, a string with its quotes. */
export interface WktNode {
  /** In upper case. */
  keyword: string;
  args: (string | WktNode)[];
}

/** Far above any CRS in use; text is untrusted. */
const MAX_LENGTH = 1 << 20;
const MAX_DEPTH = 32;

const TOKEN = /\s*("(?:[^"]|"")*"|[[\](),]|[^\s"[\](),]+)/y;

/** The tree, or null when the text is no well-formed WKT. */
export function parseWkt(text: string): WktNode | null {
  if (text.length > MAX_LENGTH) return null;
  const stack: WktNode[] = [];
  let word: string | null = null;
  let root: WktNode | null = null;
  TOKEN.lastIndex = 0;
  for (let match = TOKEN.exec(text); match !== null; match = TOKEN.exec(text)) {
    const token = match[1]!;
    if (root !== null) return null;
    if (token === '[' || token === '(') {
      if (word === null || !/^[A-Za-z]\w*$/.test(word) || stack.length === MAX_DEPTH) return null;
      stack.push({ keyword: word.toUpperCase(), args: [] });
      word = null;
    } else if (token === ']' || token === ')' || token === ',') {
      const node = stack.at(-1);
      if (node === undefined) return null;
      if (word !== null) node.args.push(word);
      word = null;
      if (token !== ',') {
        stack.pop();
        const parent = stack.at(-1);
        if (parent === undefined) root = node;
        else parent.args.push(node);
      }
    } else {
      if (word !== null || (stack.length === 0 && token.startsWith('"'))) return null;
      word = token;
    }
    if (TOKEN.lastIndex === text.length) break;
  }
  return /\S/.test(text.slice(TOKEN.lastIndex)) ? null : root;
}

/** The text of a tree, with square brackets and no white space. */
export function formatWkt(node: WktNode): string {
  const args = node.args.map((arg) => (typeof arg === 'string' ? arg : formatWkt(arg)));
  return `${node.keyword}[${args.join(',')}]`;
}

/** The children of a node with one of the keywords. */
export function children(node: WktNode, ...keywords: string[]): WktNode[] {
  return node.args.filter(
    (arg): arg is WktNode => typeof arg !== 'string' && keywords.includes(arg.keyword),
  );
}

/** A plain argument without its quotes, or null if there is none at that place. */
export function textAt(node: WktNode | undefined, index: number): string | null {
  const arg = node?.args[index];
  if (typeof arg !== 'string') return null;
  return arg.startsWith('"') ? arg.slice(1, -1).replaceAll('""', '"') : arg;
}

/** Keywords whose CRS has easting and northing, or longitude and latitude. */
const HORIZONTAL = new Set([
  'PROJCS',
  'GEOGCS',
  'PROJCRS',
  'PROJECTEDCRS',
  'GEOGCRS',
  'GEOGRAPHICCRS',
  'GEODCRS',
  'GEODETICCRS',
  'BOUNDCRS',
]);
const COMPOUND = new Set(['COMPD_CS', 'COMPOUNDCRS']);
const OTHER: ReadonlyMap<string, string> = new Map([
  ['VERT_CS', 'vertical'],
  ['VERTCRS', 'vertical'],
  ['VERTICALCRS', 'vertical'],
  ['VERTCS', 'vertical'],
  ['GEOCCS', 'geocentric'],
  ['LOCAL_CS', 'local (engineering)'],
  ['ENGCRS', 'engineering'],
  ['ENGINEERINGCRS', 'engineering'],
  ['PARAMETRICCRS', 'parametric'],
  ['TIMECRS', 'temporal'],
  ['FITTED_CS', 'fitted'],
  ['DERIVEDPROJCRS', 'derived projected'],
  ['DERIVEDPROJECTED', 'derived projected'],
]);

export function isCrsKeyword(keyword: string): boolean {
  return HORIZONTAL.has(keyword) || COMPOUND.has(keyword) || OTHER.has(keyword);
}

/** What kind of CRS can't be used for polygons on the Earth's surface; null if it can. */
export function unusableKind(node: WktNode): string | null {
  const cs = textAt(children(node, 'CS')[0], 0)?.toLowerCase();
  if (cs === 'cartesian' && /^GEOD/.test(node.keyword)) return 'geocentric';
  if (HORIZONTAL.has(node.keyword)) return null;
  return OTHER.get(node.keyword) ?? node.keyword;
}

/** The horizontal CRS of a compound CRS; any other node is returned as it is. */
export function horizontalPart(node: WktNode): WktNode {
  if (!COMPOUND.has(node.keyword)) return node;
  for (const arg of node.args) {
    if (typeof arg !== 'string' && isCrsKeyword(arg.keyword)) return horizontalPart(arg);
  }
  return node;
}

/** Authority and code of this node itself, not of the CRSs inside it. */
export function identifierOf(node: WktNode): { authority: string; code: string } | null {
  const id = children(node, 'AUTHORITY', 'ID')[0];
  const authority = textAt(id, 0);
  const code = textAt(id, 1);
  return authority === null || code === null || authority === '' || code === ''
    ? null
    : { authority: authority.toUpperCase(), code };
}

/** Text in the cells of a terminal: how wide it is, cut, padded and broken into lines. */

const ELLIPSIS = '…';
const WIDE =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;
const NO_WIDTH = /^[\p{Mn}\p{Me}]/u;

/** Columns that a text takes. */
export function cellWidth(text: string): number {
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

function characterWidth(character: string): number {
  if (NO_WIDTH.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}

/** Cut at the end. */
export function cutEnd(text: string, width: number): string {
  return cellWidth(text) <= width ? text : `${take([...text], width - 1)}${ELLIPSIS}`;
}

/** Cut in the middle: names of files often differ at the end. */
export function cutMiddle(text: string, width: number): string {
  if (cellWidth(text) <= width) return text;
  const tail = Math.floor((width - 1) / 2);
  const characters = [...text];
  const end = [...take(characters.toReversed(), tail)].toReversed().join('');
  return `${take(characters, width - 1 - tail)}${ELLIPSIS}${end}`;
}

function take(characters: string[], width: number): string {
  let taken = '';
  let used = 0;
  for (const character of characters) {
    used += characterWidth(character);
    if (used > width) break;
    taken += character;
  }
  return taken;
}

export function padEnd(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - cellWidth(text)));
}

export function padStart(text: string, width: number): string {
  return ' '.repeat(Math.max(0, width - cellWidth(text))) + text;
}

/** Lines of at most `width` columns, broken between words; a longer word is broken too. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  // A number stays with its unit.
  const words = text.replace(/(\d) (?=(%|[kMGT]?B\b|[kMGT]?B\/s|ms\b|s\b|min\b|h\b))/g, '$1\u00a0');
  for (const word of words.split(/ +/)) {
    let rest = word;
    if (line !== '' && cellWidth(line) + 1 + cellWidth(rest) > width) {
      lines.push(line);
      line = '';
    }
    while (cellWidth(rest) > width) {
      const head = take([...rest], width);
      lines.push(head);
      rest = rest.slice(head.length);
    }
    line = line === '' ? rest : `${line} ${rest}`;
  }
  if (line !== '') lines.push(line);
  return lines.map((each) => each.replaceAll('\u00a0', ' '));
}

const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** A bar for a share of 1, to the eighth of a column, filled up with blanks. */
export function bar(share: number, width: number): string {
  const eighths = Math.round(Math.min(1, Math.max(0, share)) * width * 8);
  // Something is never shown as nothing.
  const shown = share > 0 && width > 0 ? Math.max(1, eighths) : eighths;
  return padEnd('█'.repeat(Math.floor(shown / 8)) + EIGHTHS[shown % 8], width);
}

/**
 * Whole columns for parts of a sum, which together are `width`; largest remainders get the columns
 * that rounding leaves.
 */
export function columnsOf(parts: readonly number[], width: number): number[] {
  const sum = parts.reduce((total, part) => total + part, 0);
  if (!(sum > 0)) return parts.map(() => 0);
  const exact = parts.map((part) => (part / sum) * width);
  const columns = exact.map(Math.floor);
  let left = width - columns.reduce((total, count) => total + count, 0);
  const order = exact.map((_, i) => i).sort((a, b) => (exact[b]! % 1) - (exact[a]! % 1));
  for (const i of order) {
    if (left-- <= 0) break;
    columns[i]!++;
  }
  return columns;
}

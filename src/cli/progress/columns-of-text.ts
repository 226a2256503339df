/** Text on a screen: how wide it is, cut and wrapped to a width. */

import stringWidth from 'string-width';

const segmenter = new Intl.Segmenter();
const PLAIN = /^[\x20-\x7e]*$/;

/**
 * Columns that a terminal shows it in. Wide characters take two, combining marks none.
 * @param text - may have escape sequences of colours
 */
export function width(text: string): number {
  return stringWidth(text);
}

/** The text, or as much of its beginning as fits, and `…`. It must have no escape sequences. */
function clip(text: string, columns: number): string {
  if (PLAIN.test(text) ? text.length <= columns : width(text) <= columns) return text;
  if (columns < 1) return '';
  return `${head(text, columns - 1)}…`;
}

/** The text, or its beginning and its end with `…` between: names often differ at their end. */
export function clipMiddle(text: string, columns: number): string {
  if (width(text) <= columns) return text;
  if (columns < 8) return clip(text, columns);
  const front = head(text, Math.ceil((columns - 1) / 2));
  return `${front}…${tail(text, columns - 1 - width(front))}`;
}

/** Cut or filled with spaces to just so many columns. */
export function fit(text: string, columns: number): string {
  const cut = clip(text, columns);
  return cut + ' '.repeat(Math.max(0, columns - width(cut)));
}

/**
 * Lines of at most so many columns, broken at spaces, and within a word only where that is longer
 * than a line. Nothing is left out.
 * @param indent - what lines after the first begin with
 */
export function wrap(text: string, columns: number, indent = ''): string[] {
  const lines: string[] = [];
  const room = Math.max(1, columns);
  const lead = width(indent) < room / 2 ? indent : '';
  let line = '';
  const turn = (): void => {
    lines.push(line.trimEnd());
    line = lead;
  };
  for (const word of text.split(/(?<= )/)) {
    if (width(line) + width(word.trimEnd()) > room && line.trim() !== '') turn();
    let rest = word;
    while (width(line) + width(rest.trimEnd()) > room) {
      // A character wider than the line would never fit.
      const part = head(rest, room - width(line)) || first(rest);
      line += part;
      rest = rest.slice(part.length);
      turn();
    }
    line += rest;
  }
  if (line.trim() !== '' || lines.length === 0) lines.push(line.trimEnd());
  return lines;
}

function first(text: string): string {
  for (const { segment } of segmenter.segment(text)) return segment;
  return '';
}

function head(text: string, columns: number): string {
  let taken = '';
  let used = 0;
  for (const { segment } of segmenter.segment(text)) {
    used += width(segment);
    if (used > columns) break;
    taken += segment;
  }
  return taken;
}

function tail(text: string, columns: number): string {
  let taken = '';
  let used = 0;
  for (const { segment } of [...segmenter.segment(text)].reverse()) {
    used += width(segment);
    if (used > columns) break;
    taken = segment + taken;
  }
  return taken;
}

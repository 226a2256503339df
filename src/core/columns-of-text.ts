/** Text on a screen: how wide it is, cut, padded and wrapped to a width. */

import stringWidth from 'string-width';

const segmenter = new Intl.Segmenter();
const PLAIN = /^[\x20-\x7e]*$/;
const ELLIPSIS = '…';
/** Behind each space, but not between a number and its unit. */
const BREAKS = /(?<= )(?!(?<=\d )(?:%|[kMGT]?B|ms|s|min|h)(?![\p{L}\p{N}]))/u;

/**
 * Columns that a terminal shows it in. Wide characters take two, combining marks none.
 * @param text - may have escape sequences of colours
 */
export function cellWidth(text: string): number {
  return PLAIN.test(text) ? text.length : stringWidth(text);
}

/** The text, or as much of its beginning as fits, and `…`. It must have no escape sequences. */
export function clip(text: string, columns: number): string {
  if (cellWidth(text) <= columns) return text;
  return columns < 1 ? '' : head(text, columns - 1) + ELLIPSIS;
}

/** The text, or its beginning and its end with `…` between: names often differ at their end. */
export function clipMiddle(text: string, columns: number): string {
  if (cellWidth(text) <= columns) return text;
  if (columns < 8) return clip(text, columns);
  const front = head(text, Math.ceil((columns - 1) / 2));
  return front + ELLIPSIS + tail(text, columns - 1 - cellWidth(front));
}

export function padEnd(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - cellWidth(text)));
}

export function padStart(text: string, columns: number): string {
  return ' '.repeat(Math.max(0, columns - cellWidth(text))) + text;
}

/** Cut or filled with spaces to just so many columns. */
export function fit(text: string, columns: number): string {
  return padEnd(clip(text, columns), columns);
}

/**
 * Lines of at most so many columns, broken at spaces, and within a word only where that is longer
 * than a line. Nothing but spaces is left out.
 * @param indent - what lines after the first begin with
 */
export function wrap(text: string, columns: number, indent = ''): string[] {
  const lines: string[] = [];
  const room = Math.max(1, columns);
  const lead = cellWidth(indent) < room / 2 ? indent : '';
  let line = '';
  const turn = (): void => {
    lines.push(line.trimEnd());
    line = lead;
  };
  for (const word of text.split(BREAKS)) {
    if (cellWidth(line) + cellWidth(word.trimEnd()) > room) {
      if (line.trim() !== '') turn();
      // Spaces give way.
      else line = lines.length > 0 ? lead : '';
    }
    let rest = word;
    while (cellWidth(line) + cellWidth(rest.trimEnd()) > room) {
      // A character wider than the line would never fit.
      const part = head(rest, room - cellWidth(line)) || first(rest);
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

/** As many characters, as readers see them, as fit. */
function head(text: string, columns: number): string {
  let taken = '';
  let used = 0;
  for (const { segment } of segmenter.segment(text)) {
    used += cellWidth(segment);
    if (used > columns) break;
    taken += segment;
  }
  return taken;
}

function tail(text: string, columns: number): string {
  let taken = '';
  let used = 0;
  for (const { segment } of [...segmenter.segment(text)].reverse()) {
    used += cellWidth(segment);
    if (used > columns) break;
    taken = segment + taken;
  }
  return taken;
}

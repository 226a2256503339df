/**
 * Lines at the end of a terminal that are replaced in place. The cursor rests at their first column
 * and line: wherever a terminal moves them when its size changes, it takes the cursor along, and what
 * is below it can be erased without knowing how lines were broken anew.
 */

import type { Size } from './block.ts';

const HIDE_CURSOR = '\x1b[?25l';
const SHOW_CURSOR = '\x1b[?25h';
/** A line that is too long for a terminal that has just become narrower is cut, not continued. */
const NO_WRAP = '\x1b[?7l';
const WRAP = '\x1b[?7h';
const ERASE_REST_OF_LINE = '\x1b[K';
const ERASE_BELOW = '\x1b[J';

export interface Terminal {
  write(text: string): unknown;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
}

export class LiveBlock {
  readonly #terminal: Terminal;
  #shown: readonly string[] = [];

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  get size(): Size {
    // Some say that they have no columns at all.
    const { columns, rows } = this.#terminal;
    return { columns: columns || 80, rows: rows || 24 };
  }

  /**
   * @param lines - none wider than the terminal, not more than it has
   * @param whole - writes all of it anew; else only lines that have changed
   */
  draw(lines: readonly string[], whole = false): void {
    if (lines.length === 0) {
      this.clear();
      return;
    }
    const same = lines.length === this.#shown.length;
    const text = !whole && same ? this.#changes(lines) : this.#all(lines);
    this.#shown = [...lines];
    if (text !== '') this.#terminal.write(`${HIDE_CURSOR}${NO_WRAP}${text}${WRAP}`);
  }

  #all(lines: readonly string[]): string {
    const body = lines.map((line) => `${line}${ERASE_REST_OF_LINE}`).join('\r\n');
    return `\r${body}${ERASE_BELOW}${up(lines.length - 1)}\r`;
  }

  #changes(lines: readonly string[]): string {
    let text = '';
    let row = 0;
    for (const [i, line] of lines.entries()) {
      if (line === this.#shown[i]) continue;
      text += `${down(i - row)}\r${line}${ERASE_REST_OF_LINE}`;
      row = i;
    }
    return text === '' ? '' : `${text}${up(row)}\r`;
  }

  /** Writes lines that stay, above the block, which has to be drawn anew then. */
  printAbove(lines: readonly string[]): void {
    this.#shown = [];
    const text = lines.map((line) => `${line}\r\n`).join('');
    this.#terminal.write(`\r${ERASE_BELOW}${text}`);
  }

  /** Takes the block away and gives the cursor back. */
  clear(): void {
    this.#shown = [];
    this.#terminal.write(`\r${ERASE_BELOW}${WRAP}${SHOW_CURSOR}`);
  }
}

function up(lines: number): string {
  return lines > 0 ? `\x1b[${lines}A` : '';
}

function down(lines: number): string {
  return lines > 0 ? `\x1b[${lines}B` : '';
}

/**
 * A terminal in memory: what is written to it, and what its screen shows then. It knows the control
 * sequences that progress needs, and throws at any other.
 */

import { EventEmitter } from 'node:events';

interface Row {
  /** One for each column; the second of a wide character is ''. */
  cells: string[];
  /** The line goes on in the next row, because it was too long. */
  continued: boolean;
}

const WIDE: readonly (readonly [from: number, to: number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0xa4cf],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xff00, 0xff60],
  [0x1f300, 0x1faff],
  [0x20000, 0x3fffd],
];
const NO_COLUMN = /\p{Mn}|\p{Me}|\u200d/u;

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const TOKEN = /\u001b\[(\??[\d;]*)([A-Za-z])|[\s\S]/gu;

export class VirtualTerminal extends EventEmitter {
  readonly isTTY = true;
  columns: number;
  rows: number;
  /** Whether long lines are broken anew when the width changes, or cut. */
  readonly reflows: boolean;
  cursorVisible = true;
  /** All that was written. */
  written = '';
  #lines: Row[] = [{ cells: [], continued: false }];
  /** Place in `#lines` of the screen's first row. */
  #top = 0;
  #x = 0;
  #y = 0;
  #wraps = true;

  constructor(columns: number, rows: number, reflows: boolean) {
    super();
    this.columns = columns;
    this.rows = rows;
    this.reflows = reflows;
  }

  write(text: string): boolean {
    this.written += text;
    for (const [token, argument, command] of text.matchAll(TOKEN)) {
      if (command !== undefined) this.#control(argument!, command);
      else if (token === '\n') this.#lineFeed();
      else if (token === '\r') this.#x = 0;
      else if (/\p{Cc}/u.test(token))
        throw new Error(`control ${JSON.stringify(token)} in ${JSON.stringify(text)}`);
      else this.#put(token);
    }
    return true;
  }

  #control(argument: string, command: string): void {
    const n = Number(argument || '1');
    const row = this.#lines[this.#y]!;
    switch (`${argument.startsWith('?') ? argument : ''}${command}`) {
      case 'A':
        this.#y = Math.max(this.#top, this.#y - n);
        return;
      case 'B':
        this.#y = Math.min(this.#top + this.rows - 1, this.#y + n);
        while (this.#lines.length <= this.#y) this.#lines.push({ cells: [], continued: false });
        return;
      case 'K':
        row.cells.length = Math.min(row.cells.length, this.#x);
        row.continued = false;
        return;
      case 'J':
        row.cells.length = Math.min(row.cells.length, this.#x);
        row.continued = false;
        this.#lines.length = this.#y + 1;
        return;
      case '?7l':
      case '?7h':
        this.#wraps = command === 'h';
        return;
      case '?25l':
      case '?25h':
        this.cursorVisible = command === 'h';
        return;
      case 'm':
        return;
      default:
        throw new Error(`unknown control sequence ${argument}${command}`);
    }
  }

  #lineFeed(): void {
    this.#y++;
    if (this.#y === this.#lines.length) this.#lines.push({ cells: [], continued: false });
    if (this.#y >= this.#top + this.rows) this.#top++;
  }

  #put(character: string): void {
    const code = character.codePointAt(0)!;
    const { cells } = this.#lines[this.#y]!;
    if (NO_COLUMN.test(character)) {
      if (this.#x > 0) cells[this.#x - 1] += character;
      return;
    }
    const wide = WIDE.some(([from, to]) => code >= from && code <= to) ? 2 : 1;
    if (this.#x + wide > this.columns) {
      if (this.#wraps) {
        this.#lines[this.#y]!.continued = true;
        this.#lineFeed();
        this.#x = 0;
      } else this.#x = this.columns - wide;
    }
    const row = this.#lines[this.#y]!.cells;
    while (row.length < this.#x) row.push(' ');
    row[this.#x] = character;
    if (wide === 2) row[this.#x + 1] = '';
    this.#x += wide;
    // Without wrapping the cursor stays in the last column.
    if (!this.#wraps) this.#x = Math.min(this.#x, this.columns - 1);
  }

  /** Changes the size, as somebody who drags the window's edge does. */
  resize(columns: number, rows: number): void {
    // Empty rows below the cursor are nothing that anyone would keep.
    while (this.#lines.length > this.#y + 1 && this.#lines.at(-1)!.cells.length === 0) {
      this.#lines.pop();
    }
    if (columns !== this.columns) {
      if (this.reflows) this.#reflow(columns);
      else {
        for (const { cells } of this.#lines) cells.length = Math.min(cells.length, columns);
        this.#x = Math.min(this.#x, columns - 1);
      }
    }
    this.columns = columns;
    this.rows = rows;
    // First what is below the cursor makes room, then what is at the top.
    const above = this.#y - this.#top + 1;
    if (this.#lines.length - this.#top > rows) {
      this.#lines.length = Math.max(this.#y + 1, this.#top + rows);
    }
    if (above > rows) this.#top += above - rows;
    this.#top = Math.max(0, Math.min(this.#top, this.#lines.length - 1));
    this.emit('resize');
  }

  #reflow(columns: number): void {
    const lines: Row[] = [];
    let cursor = { x: 0, y: 0 };
    let long: string[] = [];
    let at: number | null = null;
    for (const [y, { cells, continued }] of this.#lines.entries()) {
      if (y === this.#y) at = long.length + this.#x;
      long.push(...cells);
      if (continued) continue;
      const first = lines.length;
      for (let start = 0; start === 0 || start < long.length; start += columns) {
        const part = long.slice(start, start + columns);
        lines.push({ cells: part, continued: start + columns < long.length });
      }
      if (at !== null) cursor = { x: at % columns, y: first + Math.floor(at / columns) };
      long = [];
      at = null;
    }
    this.#lines = lines;
    this.#top = Math.max(0, lines.length - this.rows);
    this.#x = cursor.x;
    this.#y = cursor.y;
    // A terminal keeps its cursor on the screen.
    if (this.#y < this.#top) this.#top = this.#y;
  }

  /** The rows that are shown, down to the last that is not empty. */
  screen(): string[] {
    return this.#texts(this.#top);
  }

  /** The same with all that has gone out at the top. */
  everything(): string[] {
    return this.#texts(0);
  }

  #texts(from: number): string[] {
    const texts = this.#lines.slice(from).map(({ cells }) => cells.join('').trimEnd());
    while (texts.at(-1) === '') texts.pop();
    return texts;
  }
}

/** Bars of the timeline as paths, in the page as it is made and by its script. */

import { FAILED, STRIDE } from './page-data.ts';

export interface TimelineView {
  /** Of the time that is shown, in the unit of the tasks' times. */
  from: number;
  to: number;
  /** Units across and pixels down. */
  width: number;
  pitch: number;
  bar: number;
  /** Units below which neighbours become one. */
  least: number;
  /** Whether a bar shows its parts one above the other; else it has the colour of the biggest. */
  detail: boolean;
}

/** What a bar can be of, from its foot to its head; each is a class of the page's style too. */
const PARTS = ['computing', 'core', 'blocked', 'unknown'] as const;
const UNKNOWN = PARTS.indexOf('unknown');

export type TimelinePaths = Record<(typeof PARTS)[number] | 'failed' | 'cuts', string>;

/**
 * Neighbours that are too narrow become one bar with the sum of their parts.
 * @param rows - tasks of each worker, by start, STRIDE numbers each
 */
export function timelinePaths(
  rows: readonly ArrayLike<number>[],
  view: TimelineView,
): TimelinePaths {
  const paths: TimelinePaths = {
    computing: '',
    core: '',
    blocked: '',
    unknown: '',
    failed: '',
    cuts: '',
  };
  for (const [r, row] of rows.entries()) new RowPainter(paths, view, r).paint(row);
  return paths;
}

/** The bars of one worker. */
class RowPainter {
  readonly #paths: TimelinePaths;
  readonly #view: TimelineView;
  readonly #top: number;
  /** Half a pixel of a chart of 1000. */
  readonly #near: number;
  /** The bar that is being summed up, from x0 to x1; −1: there is none. */
  #x0 = -1;
  #x1 = -1;
  #sums = [0, 0, 0, 0];
  #hasFailed = false;
  /** Bars of one colour that touch are drawn as one. */
  #run: { part: number; from: number; to: number } | null = null;

  constructor(paths: TimelinePaths, view: TimelineView, row: number) {
    this.#paths = paths;
    this.#view = view;
    this.#top = hundredths(row * view.pitch + (view.pitch - view.bar) / 2);
    this.#near = view.width / 2000;
  }

  paint(row: ArrayLike<number>): void {
    const { from, to, width, least } = this.#view;
    const scale = width / (to - from);
    for (let i = 0; i + STRIDE <= row.length; i += STRIDE) {
      const [start, end] = [row[i]!, row[i + 1]!];
      if (end < from || start > to) continue;
      const left = Math.max(0, (start - from) * scale);
      const right = Math.min(width, Math.max((end - from) * scale, left));
      const isSmall = right - left < least && this.#x1 - this.#x0 < least;
      if (!isSmall || left - this.#x1 >= this.#near) this.#endBar();
      if (this.#x0 < 0) this.#x0 = left;
      this.#x1 = Math.max(right, this.#x0);
      const length = right - left + 0.001;
      let rest = 100;
      for (let part = 0; part < UNKNOWN; part++) {
        const percent = row[i + 2 + part]!;
        this.#sums[part]! += length * percent;
        rest -= percent;
      }
      this.#sums[UNKNOWN]! += length * Math.max(0, rest);
      if ((row[i + 5]! & FAILED) > 0) this.#hasFailed = true;
    }
    this.#endBar();
    this.#endRun();
  }

  #endBar(): void {
    const [x0, x1] = [this.#x0, this.#x1];
    if (x0 < 0) return;
    const { bar, detail } = this.#view;
    if (this.#hasFailed) {
      this.#endRun();
      this.#box('failed', x0, x1, this.#top, bar);
    } else if (detail) this.#stack(x0, x1);
    else this.#extendRun(x0, x1);
    this.#x0 = -1;
    this.#sums.fill(0);
    this.#hasFailed = false;
  }

  #stack(x0: number, x1: number): void {
    const { bar, least } = this.#view;
    const all = this.#sums.reduce((sum, part) => sum + part, 0);
    let bottom = this.#top + bar;
    for (const [k, part] of PARTS.entries()) {
      const height = all > 0 ? (this.#sums[k]! / all) * bar : k === UNKNOWN ? bar : 0;
      if (height < 0.05) continue;
      bottom -= height;
      this.#box(part, x0, x1, bottom, height);
    }
    if (x1 - x0 > 2 * least) this.#paths.cuts += `M${Math.round(x1)} ${this.#top}v${bar}`;
  }

  #extendRun(x0: number, x1: number): void {
    // Of equal parts the first but the unknown one.
    let part = UNKNOWN;
    for (let k = UNKNOWN - 1; k >= 0; k--) if (this.#sums[k]! >= this.#sums[part]!) part = k;
    if (this.#run === null || part !== this.#run.part || x0 - this.#run.to > this.#near) {
      this.#endRun();
      this.#run = { part, from: x0, to: x1 };
    } else this.#run.to = x1;
  }

  #endRun(): void {
    if (this.#run === null) return;
    const { part, from, to } = this.#run;
    this.#box(PARTS[part]!, from, to, this.#top, this.#view.bar);
    this.#run = null;
  }

  #box(part: keyof TimelinePaths, left: number, right: number, y: number, height: number): void {
    const a = Math.round(left);
    const b = Math.max(Math.round(right), a + 1);
    this.#paths[part] += `M${a} ${hundredths(y)}h${b - a}v${hundredths(height)}H${a}z`;
  }
}

function hundredths(value: number): number {
  return Math.round(value * 100) / 100;
}

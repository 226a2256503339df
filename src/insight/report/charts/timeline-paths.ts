/**
 * Bars of the timeline as paths. The page draws its first picture with this function, and the script
 * in the page, which has its source in it, draws the others: it must not use anything beside its
 * arguments.
 */

/** Numbers for a task: start, end, percent computing, waiting for a core, blocked, flags, subject. */
export const STRIDE = 9;
/** Bits of the flags: the phase is in the lower three. */
export const FAILED = 8;

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

export interface TimelinePaths {
  computing: string;
  core: string;
  blocked: string;
  unknown: string;
  failed: string;
  cuts: string;
}

/**
 * Neighbours that are too narrow become one bar with the sum of their parts.
 * @param rows - tasks of each worker, by start, STRIDE numbers each
 */
export function timelinePaths(
  rows: readonly ArrayLike<number>[],
  view: TimelineView,
): TimelinePaths {
  const stride = 9;
  const { from, to, width, pitch, bar, least, detail } = view;
  const scale = width / (to - from);
  // Half a pixel of a chart of 1000.
  const near = width / 2000;
  const paths: [string[], string[], string[], string[], string[], string[]] = [
    [],
    [],
    [],
    [],
    [],
    [],
  ];
  for (let r = 0; r < rows.length; r++) {
    const row = rows[r] as ArrayLike<number>;
    const top = Math.round((r * pitch + (pitch - bar) / 2) * 100) / 100;
    let x0 = -1;
    let x1 = -1;
    let sums = [0, 0, 0, 0];
    let failed = 0;
    let runState = -1;
    let runFrom = 0;
    let runTo = 0;
    const box = (kind: number, left: number, right: number, y: number, height: number): void => {
      const [a, b] = [Math.round(left), Math.max(Math.round(right), Math.round(left) + 1)];
      const [c, d] = [Math.round(y * 100) / 100, Math.round(height * 100) / 100];
      (paths[kind] as string[]).push(`M${a} ${c}h${b - a}v${d}H${a}z`);
    };
    const endRun = (): void => {
      if (runState >= 0) box(runState, runFrom, runTo, top, bar);
      runState = -1;
    };
    const flush = (): void => {
      if (x0 < 0) return;
      const all =
        (sums[0] as number) + (sums[1] as number) + (sums[2] as number) + (sums[3] as number);
      if (failed > 0) {
        endRun();
        box(4, x0, x1, top, bar);
      } else if (detail) {
        let bottom = top + bar;
        for (let k = 0; k < 4; k++) {
          const height = all > 0 ? ((sums[k] as number) / all) * bar : k === 3 ? bar : 0;
          if (height < 0.05) continue;
          bottom -= height;
          box(k, x0, x1, bottom, height);
        }
        if (x1 - x0 > 2 * least) (paths[5] as string[]).push(`M${Math.round(x1)} ${top}v${bar}`);
      } else {
        let best = 3;
        for (let k = 2; k >= 0; k--) if ((sums[k] as number) >= (sums[best] as number)) best = k;
        if (best !== runState || x0 - runTo > near) {
          endRun();
          runState = best;
          runFrom = x0;
        }
        runTo = x1;
      }
      x0 = -1;
      sums = [0, 0, 0, 0];
      failed = 0;
    };
    for (let i = 0; i + stride <= row.length; i += stride) {
      const start = row[i] as number;
      const end = row[i + 1] as number;
      if (end < from || start > to) continue;
      const left = Math.max(0, (start - from) * scale);
      const right = Math.min(width, Math.max((end - from) * scale, left));
      const small = right - left < least && x1 - x0 < least;
      if (x0 >= 0 && !(small && left - x1 < near)) flush();
      if (x0 < 0) x0 = left;
      x1 = Math.max(right, x0);
      const [computing, core, blocked] = [
        row[i + 2] as number,
        row[i + 3] as number,
        row[i + 4] as number,
      ];
      const long = right - left + 0.001;
      sums = [
        (sums[0] as number) + long * computing,
        (sums[1] as number) + long * core,
        (sums[2] as number) + long * blocked,
        (sums[3] as number) + long * Math.max(0, 100 - computing - core - blocked),
      ];
      if (((row[i + 5] as number) & 8) > 0) failed++;
    }
    flush();
    endRun();
  }
  const [computing, core, blocked, unknown, failed, cuts] = paths.map((path) => path.join('')) as [
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  return { computing, core, blocked, unknown, failed, cuts };
}

/**
 * The colours of tiles: lightness falls or rises evenly from end to end, between yellow and blue, so
 * that the order also holds for the colour-blind. Few is what is nearer to the page's background.
 */

const STOPS = [
  [0xeb, 0xdb, 0x58],
  [0xaf, 0xd1, 0x5f],
  [0x6e, 0xc3, 0x70],
  [0x0a, 0xb1, 0x82],
  [0x04, 0x96, 0x8c],
  [0x05, 0x7c, 0x89],
  [0x10, 0x63, 0x81],
  [0x02, 0x49, 0x82],
  [0x22, 0x2c, 0x72],
] as const;

/** How many colours there are: steps that can't be seen. */
const LEVELS = 64;
/** From this ratio of the largest value to the middle one on, the scale is logarithmic. */
const SKEWED = 8;

export interface Scale {
  low: number;
  high: number;
  isLog: boolean;
}

/** All colours from few to many. */
export function rampColors(isDark: boolean): string[] {
  return Array.from({ length: LEVELS }, (_, i) => {
    const part = i / (LEVELS - 1);
    const at = (isDark ? 1 - part : part) * (STOPS.length - 1);
    const k = Math.min(STOPS.length - 2, Math.floor(at));
    const [from, to] = [STOPS[k]!, STOPS[k + 1]!];
    const mixed = from.map((value, c) => Math.round(value + (to[c]! - value) * (at - k)));
    return `rgb(${mixed.join(' ')})`;
  });
}

/** A scale from the least to the largest of values ≥ 0. */
export function makeScale(values: Float64Array): Scale {
  if (values.length === 0) return { low: 0, high: 0, isLog: false };
  const sorted = values.slice().sort();
  const [low, high] = [sorted[0]!, sorted[sorted.length - 1]!];
  const middle = sorted[sorted.length >> 1]!;
  return { low, high, isLog: low > 0 && high > SKEWED * middle };
}

/** Number of the value's colour. */
export function levelOf({ low, high, isLog }: Scale, value: number): number {
  if (high <= low) return LEVELS >> 1;
  const part = isLog ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
  return Math.min(LEVELS - 1, Math.max(0, Math.round(part * (LEVELS - 1))));
}

/** Values at the ends, and in the middle of the scale. */
export function scaleTicks({ low, high, isLog }: Scale): number[] {
  if (high <= low) return [low];
  return [low, isLog ? Math.sqrt(low * high) : (low + high) / 2, high];
}

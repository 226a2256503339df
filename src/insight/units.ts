/** Numbers as people read them. What is not a finite number is a dash. */

const NONE = '–';

const DAY = 86_400;
const HOUR = 3600;

/** `85 ms`, `41.2 s`, `12 min 5 s`, `3 h 20 min`, `2 d 4 h`. */
export function secondsText(seconds: number): string {
  if (!Number.isFinite(seconds)) return NONE;
  const size = Math.abs(seconds);
  if (size < 5e-7) return '0 s';
  if (size < 0.00995) return `${Number((seconds * 1000).toPrecision(2))} ms`;
  if (size < 0.9995) return `${Math.round(seconds * 1000)} ms`;
  if (size < 99.95) return `${seconds.toFixed(1)} s`;
  if (size < 5 * 60 - 0.5) return `${Math.round(seconds)} s`;
  const whole = Math.round(seconds);
  if (whole < 2 * HOUR) return pair(whole, 60, 'min', 1, 's');
  if (whole < 2 * DAY) return pair(whole, HOUR, 'h', 60, 'min');
  return pair(whole, DAY, 'd', HOUR, 'h');
}

/** A moment of the run: to the hundredth of a second, where that says something. */
export function momentText(seconds: number): string {
  return Number.isFinite(seconds) && seconds < 100
    ? `${seconds.toFixed(2)} s`
    : secondsText(seconds);
}

function pair(seconds: number, big: number, bigUnit: string, small: number, unit: string): string {
  const inSmall = Math.round(seconds / small);
  const ratio = big / small;
  const rest = inSmall % ratio;
  const head = `${Math.floor(inSmall / ratio)} ${bigUnit}`;
  return rest === 0 ? head : `${head} ${rest} ${unit}`;
}

/** Decimal units: `512 B`, `1.20 MB`, `48.3 GB`. */
export function bytesText(bytes: number): string {
  return scaled(bytes, 1000, ['B', 'kB', 'MB', 'GB', 'TB', 'PB']);
}

export function rateText(bytesPerSecond: number): string {
  const text = bytesText(bytesPerSecond);
  return text === NONE ? NONE : `${text}/s`;
}

/** What is measured over time. */
export type Unit = 'cores' | 'bytes/s' | 'bytes' | 'share' | 'count';

export function valueText(value: number, unit: Unit): string {
  if (!Number.isFinite(value)) return NONE;
  if (unit === 'bytes') return bytesText(value);
  if (unit === 'bytes/s') return rateText(value);
  if (unit === 'share') return percentText(value);
  const digits = unit === 'count' ? 10 : 100;
  return String(Math.round(value * digits) / digits);
}

/** Up to five digits as they are, then `1.20 M`. */
export function shortCount(count: number): string {
  if (!Number.isFinite(count)) return NONE;
  return Math.abs(count) < 100_000 ? countText(count) : scaled(count, 1000, ['', 'k', 'M', 'G']);
}

function scaled(value: number, base: number, units: readonly string[]): string {
  if (!Number.isFinite(value)) return NONE;
  let step = 0;
  // 999.5 of one unit would be shown as 1000.
  while (Math.abs(value) >= 0.9995 * base && step < units.length - 1) {
    value /= base;
    step++;
  }
  return `${step === 0 ? Math.round(value) : value.toPrecision(3)} ${units[step]}`.trim();
}

/** With commas between thousands. */
export function countText(count: number): string {
  return Number.isFinite(count) ? Math.round(count).toLocaleString('en') : NONE;
}

/** A share of 1: `94 %`; below 1 % with a digit more, unless it is nothing. */
export function percentText(share: number): string {
  if (!Number.isFinite(share)) return NONE;
  const percent = 100 * share;
  if (percent > 0 && percent < 0.05) return '< 0.1 %';
  return `${percent > 0 && percent < 0.95 ? percent.toFixed(1) : Math.round(percent)} %`;
}

/** How many times as fast: `1.05×`, `1.8×`, `12×`. */
export function factorText(factor: number): string {
  if (!Number.isFinite(factor)) return NONE;
  // 1.03 is not worth much, but it is not 1.0.
  if (factor < 1.195) return `${factor.toFixed(2)}×`;
  return `${factor < 9.95 ? factor.toFixed(1) : Math.round(factor)}×`;
}

/** `22–25 s`, or one time where both ends look the same. */
export function rangeText(low: number, high: number): string {
  const [from, to] = [secondsText(low), secondsText(high)];
  if (from === to) return from;
  const unit = to.slice(to.indexOf(' '));
  const plain = /^[\d.]+ \S+$/;
  const same = plain.test(from) && plain.test(to) && from.endsWith(unit);
  return same ? `${from.slice(0, -unit.length)}–${to}` : `${from} – ${to}`;
}

/** `1 task`, `2 tasks`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${countText(count)} ${count === 1 ? one : many}`;
}

/** Within 0 and 1; 0 for what is no number. */
export function clampShare(share: number): number {
  return Number.isNaN(share) ? 0 : Math.min(1, Math.max(0, share));
}

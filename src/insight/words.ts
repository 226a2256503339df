/** Numbers as people read them. */

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** Decimal units, three digits: `19.8 MB`. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? Math.round(value) : Number(value.toPrecision(3))} ${UNITS[unit]}`;
}

export function formatRate(bytesPerSecond: number): string {
  return `${formatBytes(bytesPerSecond)}/s`;
}

/** `4 %`, `0.3 %`. */
export function formatPercent(share: number): string {
  const percent = share * 100;
  return `${percent > 0 && percent < 1 ? percent.toFixed(1) : Math.round(percent)} %`;
}

/** `0.42 s`, `12 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`. */
export function formatSeconds(seconds: number): string {
  if (seconds < 10) return `${Number(seconds.toPrecision(2))} s`;
  if (seconds < 100) return `${Math.round(seconds)} s`;
  const two = (value: number, big: string, per: number, small: string): string => {
    const rest = Math.round((value % 1) * per);
    const whole = Math.floor(value) + (rest === per ? 1 : 0);
    return rest === 0 || rest === per ? `${whole} ${big}` : `${whole} ${big} ${rest} ${small}`;
  };
  if (seconds < 3570) return two(seconds / 60, 'min', 60, 's');
  if (seconds < 86_400) return two(seconds / 3600, 'h', 60, 'min');
  return two(seconds / 86_400, 'd', 24, 'h');
}

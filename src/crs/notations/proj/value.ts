/** Numbers as PROJ strings write them. */

const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
/** Degrees, minutes, seconds, each with its mark; what lacks a mark goes on after the last one. */
const SEXAGESIMAL =
  /^([+-])?(?:(\d+\.?\d*|\.\d+)(?:[dD°]|$|(?=[NSEWnsew]$)))?(?:(\d+\.?\d*|\.\d+)(?:['′]|$|(?=[NSEWnsew]$)))?(?:(\d+\.?\d*|\.\d+)(?:["″]|$|(?=[NSEWnsew]$)))?([NSEWnsew])?$/;

/** A decimal number, or null. */
export function parseNumber(text: string): number | null {
  if (text.length > 64 || !DECIMAL.test(text)) return null;
  const value = Number(text);
  return Number.isFinite(value) ? value : null;
}

/** A number or the ratio of two, as `+to_meter=12/39.37`; null for anything else. */
export function parseRatio(text: string): number | null {
  const parts = text.split('/');
  if (parts.length > 2) return null;
  const [a, b] = parts.map(parseNumber);
  if (a === null || a === undefined || b === null) return null;
  return b === undefined ? a : b === 0 ? null : a / b;
}

/**
 * An angle in degrees: decimal, `2d20'14.025"E`, or in radians as `0.04r`; null for anything else.
 * South and west count as negative.
 */
export function parseAngle(text: string): number | null {
  if (text.length > 64) return null;
  if (/[rR]$/.test(text)) {
    const radians = parseNumber(text.slice(0, -1));
    return radians === null ? null : (radians * 180) / Math.PI;
  }
  const decimal = parseNumber(text);
  if (decimal !== null) return decimal;
  const match = SEXAGESIMAL.exec(text);
  if (match === null) return null;
  const [, sign, degrees, minutes, seconds, hemisphere] = match;
  if (degrees === undefined && minutes === undefined && seconds === undefined) return null;
  const value = Number(degrees ?? 0) + Number(minutes ?? 0) / 60 + Number(seconds ?? 0) / 3600;
  const negative = (sign === '-') !== /[SWsw]/.test(hemisphere ?? '');
  return negative ? -value : value;
}

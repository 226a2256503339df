/** Meridians and parallels that fit a view. */

import type { Box } from '../../../shared/messages.ts';
import { type CrsLines, halfTurn, type Piece } from './crs-lines.ts';

/** Of each kind in view, at the most or so; meridians all round the Earth. */
const LINES = 7;
const LINES_ROUND = 12;
/** Degrees between lines. */
const STEPS = [90, 45, 30, 15, 10, 5, 2, 1];
const FINEST = 1e-6;
/** Points of a line within the view; places of a view that are looked at, along a side. */
const POINTS = 32;
const SAMPLES = 17;

export interface GraticuleLine {
  isMeridian: boolean;
  /** `150° W` */
  label: string;
  pieces: Piece[];
}

/** Lines in and around a view; none where it shows nothing of the Earth. */
export function graticule(lines: CrsLines, view: Box): GraticuleLine[] {
  const range = degreesIn(lines, view);
  if (range === null) return [];
  const [west, south, east, north] = range;
  const isWide = east - west >= 180;
  const stepX = stepFor(east - west, isWide ? LINES_ROUND : LINES);
  const stepY = stepFor(north - south, LINES);
  const isRound = east - west + 2 * stepX >= 360;
  const found: GraticuleLine[] = [];
  const add = (isMeridian: boolean, degrees: number, step: number, line: number[]): void => {
    const pieces = lines.project(line);
    const label = labelOf(degrees, step, isMeridian ? 'EW' : 'NS');
    if (pieces.length > 0) found.push({ isMeridian, label, pieces });
  };
  // Round the Earth each once, up to the circles that the parallels near the poles are.
  const first = isRound ? Math.ceil(-180 / stepX) : Math.floor(west / stepX);
  const last = isRound ? first + Math.round(360 / stepX) - 1 : Math.ceil(east / stepX);
  const bottom = Math.max(-90, south - stepY);
  const top = Math.min(90, north + stepY);
  for (let k = first; k <= last; k++) {
    const line = spread(bottom, top).flatMap((latitude) => [k * stepX, latitude]);
    add(true, halfTurn(k * stepX), stepX, line);
  }
  const [left, right] = isRound ? [-180, 180] : [west - stepX, east + stepX];
  for (let k = Math.ceil(bottom / stepY); k * stepY <= top; k++) {
    if (Math.abs(k * stepY) === 90) continue;
    const line = spread(left, right).flatMap((longitude) => [longitude, k * stepY]);
    add(false, k * stepY, stepY, line);
  }
  return found;
}

/** [west, south, east, north] of a view, west < east, in degrees that may go past half a turn. */
function degreesIn(lines: CrsLines, [minX, minY, maxX, maxY]: Box): Box | null {
  const longitudes: number[] = [];
  let [south, north] = [90, -90];
  for (let i = 0; i <= SAMPLES; i++) {
    for (let j = 0; j <= SAMPLES; j++) {
      const place = lines.toDegrees(
        minX + ((maxX - minX) * i) / SAMPLES,
        minY + ((maxY - minY) * j) / SAMPLES,
      );
      if (place === null) continue;
      longitudes.push(halfTurn(place[0]));
      south = Math.min(south, place[1]);
      north = Math.max(north, place[1]);
    }
  }
  if (longitudes.length === 0) return null;
  for (const pole of [-90, 90]) {
    const at = lines.fromDegrees(0, pole);
    const elsewhere = lines.fromDegrees(90, pole);
    if (at === null || elsewhere === null) continue;
    // A pole that is a point, not a side of the map.
    const isPoint = Math.hypot(at[0] - elsewhere[0], at[1] - elsewhere[1]) < (maxX - minX) / 1e6;
    const isIn = at[0] > minX && at[0] < maxX && at[1] > minY && at[1] < maxY;
    if (isPoint && isIn) return [-180, Math.min(south, pole), 180, Math.max(north, pole)];
  }
  // The view is what is left of a turn without its largest gap.
  longitudes.sort((a, b) => a - b);
  let gap = longitudes[0]! + 360 - longitudes.at(-1)!;
  let [west, east] = [longitudes[0]!, longitudes.at(-1)!];
  for (let k = 1; k < longitudes.length; k++) {
    const [before, after] = [longitudes[k - 1]!, longitudes[k]!];
    if (after - before <= gap) continue;
    gap = after - before;
    west = after;
    east = before + 360;
  }
  return gap < 360 / SAMPLES ? [-180, south, 180, north] : [west, south, east, north];
}

function stepFor(range: number, lines: number): number {
  let step = STEPS[0]!;
  for (const finer of STEPS) if (range / finer <= lines) step = finer;
  if (step > 1) return step;
  // 1, 0.5, 0.2, 0.1, …
  for (let unit = 1; unit > FINEST; unit /= 10) {
    for (const part of [1, 0.5, 0.2]) if (range / (unit * part) <= lines) step = unit * part;
  }
  return step;
}

function spread(from: number, to: number): number[] {
  return Array.from({ length: POINTS + 1 }, (_, k) => from + ((to - from) * k) / POINTS);
}

function labelOf(degrees: number, step: number, signs: string): string {
  const digits = Math.max(0, Math.ceil(-Math.log10(step) - 1e-9));
  const text = Math.abs(degrees).toFixed(digits);
  const isPlain = Number(text) === 0 || (signs === 'EW' && Number(text) === 180);
  return isPlain ? `${text}°` : `${text}° ${signs[degrees < 0 ? 1 : 0]}`;
}

/** What the colours of tiles stand for. */

import { byId, make } from '../dom.ts';
import { area, count, rounded } from '../format.ts';
import type { ColorBy } from '../state.ts';
import { type Scale, scaleTicks } from './ramp.ts';

/** @param factor - columns and rows of tiles in a block; 1: tiles */
export function showKey(
  color: ColorBy,
  factor: number,
  scale: Scale,
  ramp: readonly string[],
  isEmpty: boolean,
): void {
  const per = factor === 1 ? 'tile' : `block of ${factor} × ${factor} tiles`;
  const titles: Record<ColorBy, string> = {
    count: `Polygons per ${per}`,
    area: `Area of polygons per ${per}`,
    density: 'Polygons per km² of ground',
  };
  byId('key-title').textContent = titles[color] + (scale.isLog ? ', logarithmic' : '');
  const bar = byId('key-ramp');
  const ticks = byId('key-ticks');
  bar.hidden = isEmpty;
  const isOne = scale.high <= scale.low;
  bar.style.background = isOne
    ? ramp[ramp.length >> 1]!
    : `linear-gradient(to right, ${ramp.join(', ')})`;
  const text = color === 'area' ? area : color === 'count' ? wholeOrRounded : rounded;
  const values = isEmpty ? [] : scaleTicks(scale);
  ticks.replaceChildren(...values.map((value) => make('span', {}, text(value))));
}

function wholeOrRounded(value: number): string {
  return count(Math.round(value));
}

/** Light and dark: what the style sheet has no part in, because it is painted. */

import type { Theme } from '../state.ts';
import type { Theme as Painted } from './painter.ts';
import { rampColors } from './ramp.ts';

const darkness = matchMedia('(prefers-color-scheme: dark)');

/** Calls back when the system's scheme changes. */
export function onSystemChange(listener: () => void): void {
  darkness.addEventListener('change', listener);
}

/** Sets the page's colours; returns those of the map. */
export function applyTheme(theme: Theme): Painted {
  const isDark = theme === 'auto' ? darkness.matches : theme === 'dark';
  document.documentElement.dataset['theme'] = isDark ? 'dark' : 'light';
  const ramp = rampColors(isDark);
  if (isDark) {
    return {
      ramp,
      tint: 0.12,
      polygons: {
        fill: 'rgb(120 190 235 / 34%)',
        line: 'rgb(168 216 250 / 95%)',
        dust: [120, 190, 235, 0.5],
      },
      line: 'rgb(236 242 248 / 38%)',
      halo: 'rgb(12 16 21 / 85%)',
      ink: '#eef2f6',
      selection: '#ffb454',
    };
  }
  return {
    ramp,
    tint: 0.18,
    polygons: {
      fill: 'rgb(24 92 145 / 30%)',
      line: 'rgb(14 62 102 / 90%)',
      dust: [24, 92, 145, 0.45],
    },
    line: 'rgb(20 32 44 / 42%)',
    halo: 'rgb(255 255 255 / 88%)',
    ink: '#1b2631',
    selection: '#c2410c',
  };
}

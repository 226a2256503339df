/** Light and dark: what the style sheet has no part in, because it is painted. */

import type { Theme } from '../state.ts';
import type { PolygonColors } from './cell-image.ts';
import { CLASSES } from './coloring.ts';
import type { Theme as Painted } from './painter.ts';
import { rampColors } from './ramp.ts';

type Rgb = readonly [number, number, number];

/**
 * M. Okabe and K. Ito, Color Universal Design (2008), which the colour-blind can tell apart; its
 * yellow is darker on white. Then others, and polygons without a value.
 */
const HUES: readonly Rgb[] = [
  [0, 114, 178],
  [230, 159, 0],
  [0, 158, 115],
  [204, 121, 167],
  [86, 180, 233],
  [213, 94, 0],
  [240, 228, 66],
];
const OTHER_HUES: Record<'light' | 'dark', readonly [Rgb, Rgb]> = {
  light: [
    [92, 100, 108],
    [168, 175, 182],
  ],
  dark: [
    [196, 203, 210],
    [104, 113, 122],
  ],
};

/** Of one hue: lines stand out from what they enclose, and both from the ground. */
function shades(hue: Rgb, isDark: boolean): PolygonColors {
  const mixed = (part: number): number[] =>
    hue.map((value) => Math.round(isDark ? value + (255 - value) * part : value * (1 - part)));
  const [red, green, blue] = mixed(isDark ? 0.12 : 0) as [number, number, number];
  return {
    fill: `rgb(${red} ${green} ${blue} / ${isDark ? 74 : 62}%)`,
    line: `rgb(${mixed(0.38).join(' ')} / 95%)`,
    dust: [red, green, blue, isDark ? 0.9 : 0.8],
  };
}

function palettes(isDark: boolean): { classes: PolygonColors[]; steps: PolygonColors[] } {
  const others = OTHER_HUES[isDark ? 'dark' : 'light'];
  const ramp = rampColors(isDark);
  const steps = Array.from({ length: CLASSES }, (_, k): Rgb => {
    const color = ramp[Math.round((k * (ramp.length - 1)) / (CLASSES - 1))]!;
    return color.match(/\d+/g)!.map(Number) as unknown as Rgb;
  });
  const hues = HUES.map((hue): Rgb => (isDark || hue[2] !== 66 ? hue : [196, 170, 0]));
  return {
    classes: [...hues, ...others].map((hue) => shades(hue, isDark)),
    steps: [...steps, ...others].map((hue) => shades(hue, isDark)),
  };
}

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
      ...palettes(true),
      ground: {
        coast: 'rgb(150 170 188 / 62%)',
        line: 'rgb(150 170 188 / 26%)',
        text: '#a9b7c4',
      },
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
    ...palettes(false),
    ground: {
      coast: 'rgb(70 90 108 / 60%)',
      line: 'rgb(70 90 108 / 24%)',
      text: '#4c5c6a',
    },
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

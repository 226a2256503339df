/**
 * What all charts over time have in common. A chart is as wide as its place; its shapes are in a
 * nested picture that is stretched, from 0 to X_UNITS across, its words are not.
 */

import { markupText } from '../../../core/printable.ts';
import { X_UNITS } from './page-data.ts';
import { timeTicks } from './time-ticks.ts';

export interface Frame {
  id: string;
  /** For those who can't see it. */
  title: string;
  description: string;
  /** Pixels. */
  height: number;
  seconds: number;
  /** Shapes, in X_UNITS across and pixels down. */
  shapes: string;
  /** Labels beside it, from the top in pixels. */
  labels: { y: number; text: string; className?: string }[];
  /** Lines across it, from the top in pixels. */
  lines?: number[];
  /** Other elements, in per cent across and pixels down. */
  over?: string;
}

export function frame(chart: Frame): string {
  const { id, title, description, height, seconds, shapes, labels, lines = [], over = '' } = chart;
  const grid = lines.map((y) => `<line class="grid" x1="0" x2="100%" y1="${y}" y2="${y}"/>`);
  const texts = labels.map(
    ({ y, text, className = '' }) =>
      `<text class="${`label ${className}`.trim()}" x="-10" y="${round(y)}">${markupText(text)}</text>`,
  );
  const ticks = timeTicks(0, seconds).map(
    ({ at, text }) =>
      `<text class="tick" x="${round((100 * at) / seconds)}%" y="${height + 18}">${markupText(text)}</text>`,
  );
  return (
    `<div class="chart" data-chart="${id}"><svg width="100%" height="${height + 26}" role="img" ` +
    `aria-labelledby="${id}-title ${id}-desc"><title id="${id}-title">${markupText(title)}</title>` +
    `<desc id="${id}-desc">${markupText(description)}</desc>${grid.join('')}` +
    `<svg class="plot" width="100%" height="${height}" viewBox="0 0 ${X_UNITS} ${height}" ` +
    `preserveAspectRatio="none">${shapes}</svg>${texts.join('')}` +
    `<g class="ticks">${ticks.join('')}</g>${over}</svg></div>`
  );
}

/** Two decimals at most. */
export function round(value: number): number {
  return Number.isFinite(value) ? Math.round(value * 100) / 100 : 0;
}

/** The round number next above: 1, 2 or 5 times a power of ten. */
export function niceStep(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  const factor = [1, 2, 5, 10].find((each) => each * power >= value * (1 - 1e-9)) ?? 10;
  return factor * power;
}

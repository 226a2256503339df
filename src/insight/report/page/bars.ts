/** Bars that are divided, and the dots that say what a colour stands for. */

import { markupText } from '../../../core/printable.ts';
import { round } from '../charts/chart-frame.ts';
import { X_UNITS } from '../charts/page-data.ts';

/** One bar of the whole, divided. */
export function dividedBar(
  title: string,
  parts: readonly { className: string; value: number }[],
  className = 'bar',
): string {
  const sum = parts.reduce((total, { value }) => total + value, 0);
  let x = 0;
  const rects = parts.map(({ className: color, value }) => {
    const width = sum > 0 ? (value / sum) * X_UNITS : 0;
    const rect = `<rect class="${color}" x="${round(x)}" width="${round(width)}" height="10"/>`;
    x += width;
    return width > 0 ? rect : '';
  });
  return (
    `<svg class="${className}" viewBox="0 0 ${X_UNITS} 10" preserveAspectRatio="none" role="img">` +
    `<title>${markupText(title)}</title>${rects.join('')}</svg>`
  );
}

/** A name with its colour before it. */
export function dotted(className: string, name: string): string {
  return `<span class="keep"><i class="dot ${className}"></i>${markupText(name)}</span>`;
}

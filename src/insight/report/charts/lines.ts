/** Samples of the machine over time, as lines, beside the limits of the machine. */

import { type Unit, valueText } from '../../units.ts';
import { legend } from '../page/markup.ts';
import type { Point, SampleChart } from '../series.ts';
import { frame, niceStep, round } from './chart-frame.ts';
import { type LineData, X_UNITS } from './page-data.ts';

const HEIGHT = 110;
/** A limit that is further away is named, not drawn: the lines would lie on the ground. */
const FAR = 6;

export function lineChart(chart: SampleChart, seconds: number): { svg: string; data: LineData } {
  const { id, title, unit, series, limits } = chart;
  const values = series.flatMap(({ points }) => points.flatMap(({ value }) => value ?? []));
  const most = Math.max(0, ...values);
  const drawn = limits.filter(({ value }) => value <= FAR * most);
  const top = unit === 'share' && most <= 1 ? Math.min(1, most * 1.05) : most * 1.05;
  const highest = Math.max(top, ...drawn.map(({ value }) => value * 1.05)) || 1;
  const step =
    unit === 'bytes' || unit === 'bytes/s' || unit === 'share'
      ? niceStep(highest / 3)
      : Math.max(niceStep(highest / 3), unit === 'count' ? 1 : 0.1);
  const steps = Math.max(1, Math.ceil(highest / step - 1e-9));
  const full = steps * step;
  // Where all is nothing, there is no scale.
  const marks = most > 0 || drawn.length > 0 ? steps : 0;
  const y = (value: number): number => round(HEIGHT - (value / full) * HEIGHT);
  const paths = series.map(
    ({ points, tone }, k) =>
      `<path class="line line-${tone ?? k}" d="${linePath(points, seconds, y)}"/>`,
  );
  const bounds = drawn.map(
    (limit) => `<path class="${limitClass(limit)}" d="M0 ${y(limit.value)}H${X_UNITS}"/>`,
  );
  const labels = Array.from({ length: marks + 1 }, (_, i) => ({
    y: Math.max(8, y(i * step) + 4),
    text: axisText(i * step, unit),
  }));
  const svg = frame({
    id,
    title: `${title} over time`,
    description: [
      ...series.map(({ name, points }) => `${name}: ${meanAndMost(points, unit)}`),
      ...limits.map(({ name, value }) => `${name}: ${valueText(value, unit)}`),
    ].join('; '),
    height: HEIGHT,
    seconds,
    shapes: bounds.join('') + paths.join(''),
    labels: steps > 3 ? labels.filter((_, i) => i % 2 === steps % 2 || i === 0) : labels,
    lines: Array.from({ length: marks + 1 }, (_, i) => y(i * step)),
  });
  const entries = [
    ...series.map(
      ({ name, points, tone }, k) =>
        [`line line-${tone ?? k}`, `${name}: ${meanAndMost(points, unit)}`] as const,
    ),
    ...limits.map((limit) => {
      const { name, value } = limit;
      const far = value > FAR * most ? ', above the chart' : '';
      return [limitClass(limit), `${name} ${valueText(value, unit)}${far}`] as const;
    }),
  ];
  const data: LineData = {
    id,
    unit,
    lines: series.map(({ name, points }) => ({
      name,
      at: points.map(({ at }) => round(at)),
      values: points.map(({ value }) => (value === null ? null : significant(value))),
    })),
  };
  return { svg: legend(entries) + svg, data };
}

function limitClass({ of }: SampleChart['limits'][number]): string {
  return of === undefined ? 'limit' : `limit limit-${of}`;
}

/** Round numbers without noughts behind the point. */
function axisText(value: number, unit: Unit): string {
  return value === 0
    ? '0'
    : valueText(value, unit)
        .replace(/(\.\d*?)0+(?= )/, '$1')
        .replace('. ', ' ');
}

function linePath(points: readonly Point[], seconds: number, y: (value: number) => number): string {
  let path = '';
  let pen = 'M';
  for (const { at, value } of points) {
    if (value === null) {
      pen = 'M';
      continue;
    }
    path += `${pen}${Math.round(Math.min(1, at / seconds) * X_UNITS)} ${y(value)}`;
    pen = 'L';
  }
  return path;
}

export function meanAndMost(points: readonly Point[], unit: Unit): string {
  const values = points.flatMap(({ value }) => value ?? []);
  if (values.length === 0) return 'nothing measured';
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return `${valueText(mean, unit)} on average, ${valueText(Math.max(...values), unit)} at most`;
}

function significant(value: number): number {
  return Number(value.toPrecision(4));
}

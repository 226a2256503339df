/** What all workers did over time, as areas one above the other. */

import { counted } from '../../units.ts';
import { activity, capacity, STATES, type State, stateNames, type WorkerRun } from '../activity.ts';
import { legend } from '../page/markup.ts';
import { frame, round } from './chart-frame.ts';
import { type LineData, X_UNITS } from './page-data.ts';

const BUCKETS = 240;
const HEIGHT = 150;

/** Shown from the bottom up; idle workers are the empty room above. */
const SHOWN: readonly State[] = STATES.filter((state) => state !== 'idle');

export function activityChart(analysis: WorkerRun): { svg: string; data: LineData } | null {
  const { timeline, seconds } = analysis;
  if (timeline.length === 0 || !(seconds > 0)) return null;
  const count = capacity(analysis);
  const sums = activity(timeline, seconds, BUCKETS, count);
  const unit = HEIGHT / ((count * seconds) / BUCKETS);
  const below = new Float64Array(BUCKETS);
  const used: State[] = [];
  const paths = SHOWN.map((state) => {
    // Less would not be seen: it is what rounding leaves.
    if (!sums.some((sum) => sum[state] * unit > 0.1)) return '';
    used.push(state);
    const [lower, upper] = [[] as string[], [] as string[]];
    for (const [i, sum] of sums.entries()) {
      const from = below[i]!;
      const to = Math.min(HEIGHT, from + sum[state] * unit);
      below[i] = to;
      const [left, right] = [i, i + 1].map((at) => Math.round((at / BUCKETS) * X_UNITS));
      upper.push(`${left} ${round(HEIGHT - to)} ${right} ${round(HEIGHT - to)}`);
      lower.push(`${right} ${round(HEIGHT - from)} ${left} ${round(HEIGHT - from)}`);
    }
    return `<path class="bar-${state}" d="M${upper.join(' ')} ${lower.toReversed().join(' ')}z"/>`;
  });
  const names = stateNames(analysis);
  const svg = frame({
    id: 'activity',
    title: 'What the workers did over time',
    description: analysis.time
      .filter(({ seconds: part }) => part > 0)
      .map(({ kind, share }) => `${kind}: ${round(100 * share)} %`)
      .join(', '),
    height: HEIGHT,
    seconds,
    shapes: `<rect class="bar-idle" width="${X_UNITS}" height="${HEIGHT}"/>${paths.join('')}`,
    labels: [
      { y: 10, text: counted(count, 'worker') },
      ...(count > 1 ? [{ y: HEIGHT / 2 + 4, text: String(count / 2) }] : []),
      { y: HEIGHT, text: '0' },
    ],
    lines: [0.5, HEIGHT / 2, HEIGHT],
  });
  const key = legend([
    ...used.map((state) => [`bar-${state}`, names[state]] as const),
    ['bar-idle', names.idle],
  ]);
  const width = seconds / BUCKETS;
  const at = sums.map((_, i) => round((i + 0.5) * width));
  const lines = [...used, 'idle' as const].map((state) => ({
    name: names[state],
    at,
    values: sums.map((sum) => Number((sum[state] / (count * width)).toPrecision(3))),
  }));
  return { svg: key + svg, data: { id: 'activity', unit: 'share', lines } };
}

/** Tasks that held a run up. */

import type { RunAnalysis } from './analysis.ts';
import { sizeOf } from './judging-time.ts';
import { hasTasks, type MeasuredSpan, type PhaseInterval } from './spans.ts';
import { secondsText } from './units.ts';

const MOST = 20;
/** So many times the usual time for its bytes is far longer. */
const FAR_LONGER = 3;
/** What takes less than this part of its phase holds nothing up. */
const NOTABLE = 0.05;

/**
 * Tasks that ran on while most workers had nothing to do any more, and tasks that took far longer
 * for their bytes than those beside them.
 */
export function stragglersOf(
  spans: readonly MeasuredSpan[],
  phases: readonly PhaseInterval[],
  workers: number,
): RunAnalysis['stragglers'] {
  const found: RunAnalysis['stragglers'] = [];
  for (const phase of phases) {
    if (!hasTasks(phase)) continue;
    const length = phase.end - phase.start;
    const own = spans.filter(
      (span) => span.phase === phase.phase && span.end > phase.start && span.start < phase.end,
    );
    const ends = own.map(({ end }) => end).sort((a, b) => b - a);
    // When fewer than half of the workers had a task.
    const thinned = workers > 1 ? (ends[Math.floor(workers / 2)] ?? phase.start) : phase.end;
    // What builds tiles or spills rows goes at another speed than what reads inputs.
    const alike = Map.groupBy(own, ({ counts }) => counts > 0);
    const usual = new Map(
      [...alike].map(([kind, some]) => [kind, median(some.map(secondsPerSize))]),
    );
    for (const span of own) {
      const alone = span.end - thinned;
      const wall = span.end - span.start;
      const expected = usual.get(span.counts > 0)! * sizeOf(span);
      const why =
        alone > NOTABLE * length && own.length > 1
          ? `ran ${secondsText(alone)} on when most workers had nothing to do`
          : alike.get(span.counts > 0)!.length > 4 &&
              wall > FAR_LONGER * expected &&
              wall > NOTABLE * length
            ? `took ${secondsText(wall)}, others of its size ${secondsText(expected)}`
            : null;
      if (why === null) continue;
      const { name: _name, usage: _usage, counts: _counts, ...task } = span;
      found.push({ ...task, why });
    }
  }
  return found.sort((a, b) => b.end - b.start - (a.end - a.start)).slice(0, MOST);
}

function secondsPerSize(span: MeasuredSpan): number {
  return (span.end - span.start) / sizeOf(span);
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1] ?? 0;
}

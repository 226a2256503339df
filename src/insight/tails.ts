/**
 * The tail of a phase: from the moment on when a worker had nothing to do and no task was left to
 * begin. Whatever those that go on do then, more cores, a faster disk or more workers would not have
 * given the idle ones work: smaller tasks would.
 */

import { hasTasks, type MeasuredSpan, type PhaseInterval, workerPlaces } from './spans.ts';
import type { Workforce } from './time-shares.ts';

/** When the tail of each phase began; its end, for one that had none. */
function tailStarts({ spans, phases, workers }: Workforce): Map<PhaseInterval, number> {
  const starts = new Map<PhaseInterval, number>();
  for (const phase of phases) {
    if (!hasTasks(phase)) continue;
    const own = spans.filter((span) => span.phase === phase.phase && overlaps(span, phase));
    const lastBegin = own.reduce((latest, { start }) => Math.max(latest, start), phase.start);
    const places = workerPlaces(own);
    let firstIdle = places.length < workers ? phase.start : phase.end;
    for (const place of places) firstIdle = Math.min(firstIdle, place.at(-1)!.end);
    starts.set(phase, Math.min(phase.end, Math.max(lastBegin, firstIdle)));
  }
  return starts;
}

function overlaps({ start, end }: MeasuredSpan, phase: PhaseInterval): boolean {
  return end > phase.start && start < phase.end;
}

/** The same without the tails, and how many seconds those took. */
export function withoutTails(workforce: Workforce): { rest: Workforce; tails: number } {
  const starts = tailStarts(workforce);
  let tails = 0;
  for (const [phase, start] of starts) tails += phase.end - start;
  const phases = workforce.phases.map((phase) => ({
    ...phase,
    end: starts.get(phase) ?? phase.end,
  }));
  const spans = workforce.spans.flatMap((span) => {
    const phase = workforce.phases.find(
      (one) => starts.has(one) && one.phase === span.phase && overlaps(span, one),
    );
    const end = Math.min(span.end, phase === undefined ? span.end : starts.get(phase)!);
    if (end <= span.start) return [];
    const kept = (end - span.start) / (span.end - span.start);
    const { cpu, queuedForCpu, blocked } = span;
    const part = { cpu: kept * cpu, queuedForCpu: kept * queuedForCpu, blocked: kept * blocked };
    return [{ ...span, ...part, end }];
  });
  const seconds = workforce.seconds - tails;
  return { rest: { ...workforce, spans, phases, seconds }, tails };
}

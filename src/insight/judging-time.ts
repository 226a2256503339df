/** What a run's overlaps have to do with its time, and what to do where it waited for them. */

import type { Advice, Evidence, TaskSpan } from './analysis.ts';
import type { MeasuredSpan } from './spans.ts';
import type { Workforce } from './time-shares.ts';
import { counted, percentText, secondsText } from './units.ts';

const RELATE = 'relate';
const JUDGE = 'judge';
const LABEL = 'label';
/** From this part of the run on it is what the run waited for. */
const MOST = 0.5;
/** Relating a pair takes as long as so many rows that nothing overlaps. */
const PAIR_ROWS = 50;

type Run = Pick<Workforce, 'spans' | 'phases' | 'seconds'>;

export function isJudging({ phase }: { phase: string }): boolean {
  return phase === RELATE || phase === JUDGE || phase === LABEL;
}

/** Seconds of the run that went to overlaps, and of these what one process judged alone. */
export function judgingSeconds({ phases }: Run): { all: number; alone: number } {
  const own = phases.filter(isJudging);
  const sum = (some: Run['phases']): number =>
    some.reduce((seconds, { start, end }) => seconds + end - start, 0);
  return { all: sum(own), alone: sum(own.filter(({ phase }) => phase === JUDGE)) };
}

function isWaitedFor(run: Run): boolean {
  return judgingSeconds(run).all >= MOST * run.seconds;
}

/** To be added to the verdict; empty where the run waited for something else. */
export function judgingSentence(run: Run): string {
  // Of a run that does nothing else that needs no saying.
  if (!isWaitedFor(run) || run.spans.every(isJudging)) return '';
  const share = percentText(judgingSeconds(run).all / run.seconds);
  return ` Overlaps took most of it: finding, judging and labelling them took ${share}.`;
}

/** @returns with the place that it has among the evidence: at the beginning, or at the end */
export function judgingEvidence(run: Run): { first: Evidence[]; last: Evidence[] } {
  const { all } = judgingSeconds(run);
  if (all === 0) return { first: [], last: [] };
  const pairs = run.spans.reduce((sum, { usage }) => sum + (usage?.notes['pairs'] ?? 0), 0);
  const evidence: Evidence = {
    what: 'Finding, judging and labelling overlaps',
    value: `${secondsText(all)}, ${counted(pairs, 'pair')} found`,
    limit: `of ${secondsText(run.seconds)}`,
    share: Math.min(1, all / run.seconds),
  };
  return isWaitedFor(run) ? { first: [evidence], last: [] } : { first: [], last: [evidence] };
}

/** @param uncertainty - either way */
export function judgingAdvice(run: Run, uncertainty: number): Advice[] {
  const { all } = judgingSeconds(run);
  // A run that judges alone has nothing to leave to another one.
  if (!isWaitedFor(run) || run.spans.every(isJudging)) return [];
  const rest = run.seconds - all;
  return [
    {
      what: 'Stage with --deduplicate none, and judge once all inputs are there: tilewright deduplicate',
      why: `judging took ${secondsText(all)}, and each run that adds inputs judges anew what they touch`,
      seconds: { low: rest * (1 - uncertainty), high: rest * (1 + uncertainty) },
    },
  ];
}

/** How big a task is among those of its phase. */
export function sizeOf({ phase, bytes, usage }: MeasuredSpan): number {
  const { pairs = 0, tiles = 0 } = usage?.notes ?? {};
  if (phase === RELATE) return Math.max(1, bytes + PAIR_ROWS * pairs);
  // Tiles that are as they should be are not even opened.
  return Math.max(1, phase === LABEL ? tiles : bytes);
}

/** Whether it judged one tile that is too big to be cut. */
export function isOfOneTile(span: Pick<TaskSpan, 'phase' | 'subject'>): boolean {
  return isJudging(span) && /^-?\d+\/\d+\/\d+$/.test(span.subject);
}

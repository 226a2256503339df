/**
 * Steps of a run: what to do (`plan`), inputs into shuffle files (`stage`), waiting for another
 * process that has the folder (`wait`), shuffle files into tiles (`merge`), journal and summary
 * (`finalize`).
 */
export const PHASES = ['plan', 'stage', 'wait', 'merge', 'finalize'] as const;
/** A part of a run of staging, in the order of {@link PHASES}. */
export type Phase = (typeof PHASES)[number];

export function isPhase(value: unknown): value is Phase {
  return PHASES.some((phase) => phase === value);
}

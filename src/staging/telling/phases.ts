/**
 * The phases of a run, in their order. What tells of a run (progress, records, reports, `status`, the
 * viewer) has names, words, order and weights from here, so a phase is declared here and nowhere else.
 */

export interface PhaseDeclaration {
  readonly name: string;
  /** What goes on in it, in words. */
  readonly words: string;
  /** What it counts; empty: nothing. */
  readonly unit: string;
  /** Who is at work: the executor's workers, the coordinator alone, or another run. */
  readonly work: 'tasks' | 'coordinator' | 'others';
  /**
   * Seconds that it takes, until they are measured, for each second of the phases of tasks before
   * it; 0 for one of which nothing is known before.
   */
  readonly weight: number;
  /** Whether each run is taken to have it; what only some have is shown when it comes. */
  readonly isUsual: boolean;
}

export const PHASES = [
  /** What there is to do. */
  {
    name: 'plan',
    words: 'planning',
    unit: 'inputs',
    work: 'coordinator',
    weight: 0,
    isUsual: true,
  },
  /** Inputs into tiles, and rows that can't wait for theirs into shuffle files. */
  { name: 'stage', words: 'staging', unit: 'features', work: 'tasks', weight: 0, isUsual: true },
  /** Inputs, as they are read to be staged, of which nothing is kept. */
  { name: 'check', words: 'checking', unit: 'features', work: 'tasks', weight: 0, isUsual: false },
  /** Another process has the folder. */
  {
    ...{ name: 'wait', words: 'waiting for another run', unit: '' },
    ...{ work: 'others', weight: 0, isUsual: false },
  },
  /** Tiles into their places; those of which rows are in shuffle files are written. */
  {
    name: 'merge',
    words: 'placing tiles',
    unit: 'rows',
    work: 'tasks',
    weight: 0.1,
    isUsual: true,
  },
  /** Journal and summary. */
  {
    ...{ name: 'finalize', words: 'finishing', unit: '' },
    ...{ work: 'coordinator', weight: 0.02, isUsual: true },
  },
  /** Features that overlap. */
  {
    ...{ name: 'relate', words: 'finding overlaps', unit: 'rows' },
    ...{ work: 'tasks', weight: 0.5, isUsual: false },
  },
  /** Which of them stay. */
  {
    ...{ name: 'judge', words: 'judging overlaps', unit: '' },
    ...{ work: 'coordinator', weight: 0.01, isUsual: false },
  },
  /** Tiles that say so. */
  {
    ...{ name: 'label', words: 'labelling duplicates', unit: 'rows' },
    ...{ work: 'tasks', weight: 0.2, isUsual: false },
  },
  /** Tiles into files of several. */
  {
    ...{ name: 'pack', words: 'packing tiles', unit: 'rows' },
    ...{ work: 'tasks', weight: 0.3, isUsual: false },
  },
  /** Products of tiles. */
  {
    ...{ name: 'derive', words: 'deriving products', unit: 'products' },
    ...{ work: 'tasks', weight: 0.2, isUsual: false },
  },
] as const satisfies readonly PhaseDeclaration[];

/** A phase by its name: one of {@link PHASES}, or one that another version declares. */
export type Phase = (typeof PHASES)[number]['name'] | (string & {});

/** The phases as data, without their names as types. */
export const phases: readonly PhaseDeclaration[] = PHASES;

/** What is known of a phase; one of another version is shown by its name. */
export function phaseOf(name: Phase): PhaseDeclaration {
  const known = phases.find((phase) => phase.name === name);
  return known ?? { name, words: name, unit: '', work: 'coordinator', weight: 0, isUsual: false };
}

/** Puts names in the order of the phases; those of another version come last. */
export function inOrder(names: Iterable<Phase>): Phase[] {
  const given = new Set(names);
  const known = phases.map(({ name }) => name).filter((name) => given.has(name));
  return [...new Set([...known, ...given])];
}

/** Whether it can be the name of a phase, of whatever version. */
export function isPhase(value: unknown): value is Phase {
  return typeof value === 'string' && /^[a-z][a-z-]{0,31}$/.test(value);
}

/** What a page has of its charts for its script. */

import type { Unit } from '../../units.ts';

/** Units across the shapes of a chart. */
export const X_UNITS = 10_000;
/** Numbers for a task: start, end, percent computing, waiting for a core, blocked, flags, subject, slice, slices. */
export const STRIDE = 9;
/** Bits of the flags: the phase is in the lower three. */
export const FAILED = 8;

export interface LineData {
  id: string;
  unit: Unit;
  lines: { name: string; at: number[]; values: (number | null)[] }[];
}

/** What draws the timeline and tells of a task. */
export interface TimelineData {
  /** Times of tasks are whole numbers of this part of the run. */
  steps: number;
  /** Pixels. */
  ribbon: number;
  pitch: number;
  bar: number;
  /** As in `TimelineView`. */
  least: number;
  detail: boolean;
  workers: string[];
  /** For each worker STRIDE numbers a task, with its start since the end before, and its length. */
  rows: number[][];
  /** Sorted: how many letters are those of the one before, and the rest. */
  subjects: [number, string][];
  phases: readonly string[];
  states: { computing: string; core: string; blocked: string };
}

export interface PageData {
  seconds: number;
  timeline: TimelineData | null;
  lines: LineData[];
}

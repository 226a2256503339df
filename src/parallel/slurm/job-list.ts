/** What `squeue` and `scontrol` print, as data. Formats are those of Slurm 21 to 25 alike. */

/** A job, an array or an element of one. */
export interface JobRef {
  /** `123`, or `123_4` for an element of the array 123. */
  id: string;
  name: string;
}

/** A job, or one element of an array, as Slurm tells of it. */
export interface SlurmJob extends JobRef {
  /** Slurm's word, such as PENDING. */
  state: string;
  /** Why it waits or has ended, in Slurm's words; `None` if there is nothing to tell. */
  reason: string;
}

/**
 * One element in a line (`-r`): without it the ranges of a large array are cut at 64 characters.
 * The reason is last, because it may contain anything. `--json` differs between versions.
 */
export const SQUEUE_FORMAT = '%i|%T|%j|%r';

/** Far more elements than an array may have: a range beyond that is none. */
const MAX_ELEMENTS = 4_000_000;

/** @param text - output of `squeue -h -r -o` with SQUEUE_FORMAT */
export function parseJobs(text: string): Map<string, SlurmJob> {
  const jobs = new Map<string, SlurmJob>();
  for (const line of text.split('\n')) {
    const [ids, state, name, ...reason] = line.trim().split('|');
    if (ids === undefined || state === undefined || name === undefined) continue;
    for (const id of expandIds(ids)) jobs.set(id, { id, state, name, reason: reason.join('|') });
  }
  return jobs;
}

/** `7_[1-3,8%2]` as `7_1`, `7_2`, `7_3`, `7_8`; what is no list of elements as it is. */
export function expandIds(text: string): string[] {
  const match = /^(\d+)_\[([\d,:-]+)(?:%\d+)?\]$/.exec(text);
  if (match === null) return [text];
  return expandRanges(match[2]!).map((index) => `${match[1]}_${index}`);
}

/** `1-3,8,10-20:5` as numbers. */
function expandRanges(text: string): number[] {
  const indices: number[] = [];
  for (const part of text.split(',')) {
    const match = /^(\d+)(?:-(\d+)(?::(\d+))?)?$/.exec(part);
    if (match === null) continue;
    const first = Number(match[1]);
    const last = Number(match[2] ?? first);
    const step = Math.max(1, Number(match[3] ?? 1));
    for (let i = first; i <= last && indices.length < MAX_ELEMENTS; i += step) indices.push(i);
  }
  return indices;
}

/** @param text - output of `scontrol show job -o ID`: lines of `Key=value` */
export function parseShownJobs(text: string): Map<string, SlurmJob> {
  const jobs = new Map<string, SlurmJob>();
  for (const line of text.split('\n')) {
    const value = (key: string): string | undefined =>
      new RegExp(`(?:^| )${key}=(.*?)(?: [A-Z][\\w/:]*=|$)`).exec(line)?.[1];
    const jobId = value('JobId');
    const state = value('JobState');
    if (jobId === undefined || state === undefined) continue;
    const array = value('ArrayJobId');
    const elements = value('ArrayTaskId')?.replace(/%\d+$/, '');
    const ids =
      array === undefined || elements === undefined
        ? [jobId]
        : expandRanges(elements).map((index) => `${array}_${index}`);
    const [name = '', reason = ''] = [value('JobName'), value('Reason')];
    for (const id of ids) jobs.set(id, { id, state, name, reason });
  }
  return jobs;
}

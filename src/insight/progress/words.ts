/** Progress in words: times, counts, and names of workers. */

import type { TimeLeft } from './time-left.ts';

export function count(n: number): string {
  return n.toLocaleString('en');
}

/** `0.4 s`, `12 s`, `3:07`, `2:03:07`. */
export function clock(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const pair = (n: number): string => String(n).padStart(2, '0');
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes}:${pair(whole % 60)}`;
  return `${Math.floor(minutes / 60)}:${pair(minutes % 60)}:${pair(whole % 60)}`;
}

/** `35 s`, `4 min`, `2.5 h`, `3 days`: rounded as befits something that is not known well. */
function roughly(seconds: number): string {
  const [value, unit] = parts(seconds);
  return `${value} ${unit}`;
}

function parts(seconds: number): [value: string, unit: string] {
  if (seconds < 57.5) return [String(Math.max(5, 5 * Math.round(seconds / 5))), 's'];
  const minutes = seconds / 60;
  if (minutes < 89.5) return [String(Math.round(minutes)), 'min'];
  const hours = minutes / 60;
  if (hours < 9.95) return [String(Math.round(hours * 2) / 2), 'h'];
  if (hours < 48) return [String(Math.round(hours)), 'h'];
  return [String(Math.round(hours / 24)), 'days'];
}

/** `about 3 min left`, `2–5 min left`. */
export function leftText({ low, high }: TimeLeft): string {
  const middle = (low + high) / 2;
  if (middle < 5) return 'a few seconds left';
  if (high < 1.5 * low) return `about ${roughly(middle)} left`;
  const [from, small] = parts(low);
  const [to, unit] = parts(high);
  if (small !== unit) return `${from} ${small} – ${to} ${unit} left`;
  return from === to ? `about ${to} ${unit} left` : `${from}–${to} ${unit} left`;
}

/** `scene-3.gpkg 2/8`; the slice only where there are several. */
export function subjectText(task: { subject: string; part: number; parts: number }): string {
  return task.parts > 1 ? `${task.subject} ${task.part}/${task.parts}` : task.subject;
}

/**
 * Short names for workers in place of `host/process/thread`: `worker 1` while all are on one host,
 * `node12:1` else. A worker keeps its number; that of one which died goes to the next new one.
 */
export class WorkerNames {
  readonly #hosts = new Map<string, Map<string, number>>();

  /** @param label - `host/process/thread` */
  nameOf(label: string): string {
    const host = hostOf(label);
    let numbers = this.#hosts.get(host);
    if (numbers === undefined) {
      numbers = new Map();
      this.#hosts.set(host, numbers);
    }
    let number = numbers.get(label);
    if (number === undefined) {
      const taken = new Set(numbers.values());
      number = 1;
      while (taken.has(number)) number++;
      numbers.set(label, number);
    }
    return this.#hosts.size === 1 ? `worker ${number}` : `${shortHost(host)}:${number}`;
  }

  died(label: string): void {
    this.#hosts.get(hostOf(label))?.delete(label);
  }
}

function hostOf(label: string): string {
  return label.split('/')[0]!;
}

/** Without the domain; an address stays as it is. */
function shortHost(host: string): string {
  return /^[\d.]+$|:/.test(host) ? host : host.split('.')[0]!;
}

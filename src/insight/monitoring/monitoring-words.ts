/** What is said of a monitored run, on a terminal and on the page alike. */

import { bytesText, counted, countText, percentText, secondsText } from '../units.ts';
import { endedOf, type RunSummary } from './run-summary.ts';

/** `lakes.ts has finished in 41.2 s: 1,200 tasks done, 3 failed`. */
export function headline(summary: RunSummary): string {
  const { name, state, seconds, tasks, counts } = summary;
  const time = secondsText(seconds);
  if (state === 'running') {
    return `${name} has run for ${time}: ${countText(endedOf(counts))} of ${counted(tasks, 'task')} ended`;
  }
  const how = state === 'ended' ? `has ended after ${time}` : `was lost after ${time}`;
  return `${name} ${how}: ${endsText(summary)}`;
}

function endsText({ tasks, counts }: RunSummary): string {
  const { done, memoized, failed, dependencyFailed, cancelled } = counts;
  const open = tasks - endedOf(counts);
  const parts: [number, string][] = [
    [failed + dependencyFailed, 'failed'],
    [cancelled, 'cancelled'],
    [open, 'not ended'],
  ];
  const more = parts.flatMap(([n, what]) => (n > 0 ? [`, ${countText(n)} ${what}`] : []));
  return `${counted(done + memoized, 'task')} done${more.join('')}`;
}

/** `runinfo/monitoring/….db, process 4711 on node7, since 2026-11-28 12:55:01 UTC`. */
export function about(summary: RunSummary): string {
  const { file, pid, host, startedAt, state } = summary;
  const start = new Date(startedAt).toISOString().slice(0, 19).replace('T', ' ');
  const lost = state === 'lost' ? '. Its process has ended without a word, or is out of sight' : '';
  return `${file}, process ${pid} on ${host}, since ${start} UTC${lost}`;
}

/** States with how many tasks are in them; those that none is in are left out. */
export function stateTexts({ counts, retried }: RunSummary): [name: string, count: number][] {
  const all: [string, number][] = [
    ['waiting', counts.waiting],
    ['queued', counts.queued],
    ['running', counts.running],
    ['done', counts.done],
    ['memoized', counts.memoized],
    ['failed', counts.failed],
    ['dependency failed', counts.dependencyFailed],
    ['cancelled', counts.cancelled],
    ['tried again', retried],
  ];
  return all.filter(([, count]) => count > 0);
}

/** Lines of facts: workers, waits, blocks. */
export function factTexts(summary: RunSummary): [name: string, text: string][] {
  const { efficiency, waits, blocks, workers } = summary;
  const { busy, share } = efficiency;
  const facts: [string, string][] = [];
  if (efficiency.workers > 0) {
    const hosts = new Set(workers.map(({ host }) => host)).size;
    facts.push([
      'workers',
      `${counted(efficiency.workers, 'worker')} on ${counted(hosts, 'machine')}, busy for ` +
        `${percentText(share)} of the time, ${secondsText(busy)} together`,
    ]);
  }
  const memory = Math.max(...workers.map(({ peakMemory }) => peakMemory ?? 0));
  if (memory > 0) facts.push(['memory', `${bytesText(memory)} of a process of workers at most`]);
  facts.push(
    ['in the queue', meanAndMost(waits.queue)],
    ['for what they need', meanAndMost(waits.dependencies)],
  );
  const states = new Map<string, number>();
  for (const { state } of blocks) states.set(state, (states.get(state) ?? 0) + 1);
  if (states.size > 0) {
    const texts = [...states].map(([state, n]) => `${countText(n)} ${state.toLowerCase()}`);
    facts.push(['blocks', texts.join(', ')]);
  }
  return facts;
}

function meanAndMost({ mean, most }: { mean: number; most: number }): string {
  return `tasks waited ${secondsText(mean)} on average, ${secondsText(most)} at most`;
}

/** A run in words. */

import { clock, count, leftText } from '../../../insight/progress/words.ts';
import { rateText } from '../../../insight/units.ts';
import { phaseOf } from '../../../staging/telling/phases.ts';
import type { PhaseNow, RunNow } from '../../shared/run-messages.ts';
import { counted } from '../format.ts';

/** A run writes into its record once a second at least; a disk that machines share may take longer. */
const SILENT_SECONDS = 20;

const time = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });
const dayAndTime = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });

/** Whether it may yet become another state by itself. */
export function goesOn(run: RunNow | null): boolean {
  return run !== null && ['queued', 'running', 'unknown'].includes(run.state);
}

/** Whether something is not as it should be. */
export function isTrouble(run: RunNow): boolean {
  return ['failed', 'lost', 'unknown'].includes(run.state) || isSilent(run) || run.problem !== null;
}

function isSilent({ state, silent }: RunNow): boolean {
  return state === 'running' && silent > SILENT_SECONDS;
}

/** `16:44:33`, with the day if that is another one. */
function moment(iso: string): string {
  const date = new Date(iso);
  return (date.toDateString() === new Date().toDateString() ? time : dayAndTime).format(date);
}

/** One sentence. */
export function headline(run: RunNow): string {
  switch (run.state) {
    case 'queued':
      return `The run waits in Slurm's queue${run.reason === null ? '' : `: ${run.reason}`}.`;
    case 'running':
      if (isSilent(run))
        return `No sign of life from the run for ${clock(run.silent)}${sinceThen(run)}.`;
      return `The run is ${phaseNow(run)}.`;
    case 'finished':
      return `The run has finished in ${clock(run.seconds)}: ${made(run)}.`;
    case 'failed':
      return `The run has failed after ${clock(run.seconds)}${reasonOf(run)}`;
    case 'interrupted':
      return `The run was interrupted after ${clock(run.seconds)}. The same stage command goes on from there.`;
    case 'cancelled':
      return `The run was cancelled after ${clock(run.seconds)}.`;
    case 'lost':
      return `The run was killed: no sign of life${sinceThen(run)}. The same stage command goes on from there.`;
    case 'unknown':
      return run.problem === null
        ? `How the run goes is not known${reasonOf(run)}`
        : `How the run goes can't be read: ${run.problem}`;
  }
}

function sinceThen({ toldAt }: RunNow): string {
  return toldAt === null ? '' : ` since ${moment(toldAt)}`;
}

function reasonOf({ reason }: RunNow): string {
  return reason === null ? '.' : `: ${reason.replace(/\.?$/, '.')}`;
}

function phaseNow({ phases }: RunNow): string {
  const current = phases.findLast(({ ended }) => !ended);
  return current === undefined ? 'starting' : phaseOf(current.phase).words;
}

function made({ made: what, reason }: RunNow): string {
  if (what === null) return reason ?? 'there was nothing to do';
  const { tiles, featuresStaged, inputs } = what;
  const failed = inputs.failed === 0 ? '' : `, and ${counted(inputs.failed, 'input')} failed`;
  return (
    `${counted(featuresStaged, 'feature')} of ${counted(inputs.staged, 'input')} staged, ` +
    `${counted(tiles.new + tiles.changed, 'tile')} written${failed}`
  );
}

/** Speed, time so far and time left, as far as they are known. */
export function facts(run: RunNow): string[] {
  const { seconds } = run;
  const [rate, left] = isSilent(run) ? [null, null] : [run.rate, run.left];
  const words: string[] = [];
  if (rate !== null) {
    words.push(`${count(Math.round(rate.perSecond))} ${phaseOf(rate.phase).unit}/s`);
    if (rate.bytesPerSecond !== null) words.push(rateText(rate.bytesPerSecond));
  }
  if (seconds >= 1) words.push(clock(Math.floor(seconds)).replace('.0', ''));
  if (left !== null) words.push(leftText(left));
  return [...words, ...troubles(run)];
}

function troubles({ failed, retries }: RunNow): string[] {
  return [
    ...(failed > 0 ? [`${count(failed)} failed`] : []),
    ...(retries > 0 ? [`${count(retries)} tried again`] : []),
  ];
}

/** What a phase has come to. */
export function phaseFacts(phase: PhaseNow): string {
  const { unit } = phaseOf(phase.phase);
  const words = [clock(phase.seconds)];
  const { done, total, ended, tasks, tasksEnded } = phase;
  if (unit !== '' && total > 0) {
    words.push(ended ? `${count(done)} ${unit}` : `${count(done)} of ${count(total)} ${unit}`);
  }
  if (!ended && tasks > 0) words.push(`${count(tasksEnded)} of ${count(tasks)} tasks`);
  return words.join(' · ');
}

/** `2 of 4 workers busy, 6 tasks wait for one` */
export function workforce({ workers, moreWorkers, workersThere, tasksWaiting }: RunNow): string {
  const busy = workers.length + moreWorkers;
  const there = workersThere === null ? busy : Math.max(busy, workersThere);
  const waiting = tasksWaiting ?? 0;
  const tasks = waiting === 0 ? '' : `; ${counted(waiting, 'task')} to come`;
  return `${count(busy)} of ${counted(there, 'worker')} busy${tasks}`;
}

/** Where it is, and who does it. */
export function place(run: RunNow): string {
  const { executor, slots, host, pid, jobId, startedAt, others } = run;
  const job = jobId === null ? '' : `, job ${jobId} of Slurm`;
  const process = pid === null ? '' : `process ${pid}`;
  const where = host === null ? process : `${process === '' ? '' : `${process} on `}${host}`;
  const words = [
    startedAt === null ? '' : `begun ${moment(startedAt)}`,
    executor === null
      ? ''
      : `executor ${executor}${slots === null ? '' : `, ${counted(slots, 'slot')}`}`,
    where + job,
    others === 0 ? '' : `${counted(others, 'other run')} into this folder at the same time`,
  ];
  return words.filter((word) => word !== '').join(' · ');
}

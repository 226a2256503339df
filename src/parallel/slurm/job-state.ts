/** What Slurm's words for states and reasons mean to whoever waits for a job. */

import type { SlurmJob } from './job-list.ts';

const RUNNING = new Set(
  ['RUNNING', 'COMPLETING', 'SUSPENDED', 'CONFIGURING', 'STAGE_OUT', 'STOPPED', 'SIGNALING'].concat(
    ['RESIZING', 'POWER_UP_NODE', 'EXPEDITING'],
  ),
);
const PENDING = new Set(['PENDING', 'REQUEUED', 'REQUEUE_FED', 'RESV_DEL_HOLD']);
/** They wait for somebody to release them. */
const HELD = new Set(['REQUEUE_HOLD', 'SPECIAL_EXIT']);
const FAILED = new Set(
  ['FAILED', 'CANCELLED', 'TIMEOUT', 'NODE_FAIL', 'PREEMPTED', 'BOOT_FAIL', 'DEADLINE'].concat([
    'OUT_OF_MEMORY',
    'LAUNCH_FAILED',
    'RECONFIG_FAIL',
    'REVOKED',
  ]),
);

export type JobPhase = 'pending' | 'running' | 'completed' | 'failed' | 'unknown';

export function phaseOf({ state }: SlurmJob): JobPhase {
  if (PENDING.has(state) || HELD.has(state)) return 'pending';
  if (RUNNING.has(state)) return 'running';
  if (state === 'COMPLETED') return 'completed';
  return FAILED.has(state) ? 'failed' : 'unknown';
}

/** Whether Slurm still does something with it. A state that nobody knows yet is taken for one. */
export function isLive(job: SlurmJob): boolean {
  const phase = phaseOf(job);
  return phase !== 'completed' && phase !== 'failed';
}

/**
 * How a pending job waits. `queued`: for its turn, however long. `held`: for a person to release
 * it, also after a launch that failed. `blocked`: for nodes that are not there, or under conditions
 * that it can't meet; that may pass, or not.
 */
export type Waiting = 'queued' | 'held' | 'blocked';

const HELD_REASON = /held|\bhold\b|JobHeld|launch failed|JobLaunchFailure/i;
const BLOCKED_REASON = new RegExp(
  'ReqNodeNotAvail|Nodes required for job are DOWN|NodeDown|BadConstraints|DependencyNeverSatisfied|' +
    'Partition(Config|NodeLimit|TimeLimit)|Invalid(Account|QOS)|PerJob(Limit)?$|ReservationDeleted',
);
/** Maintenance ends some day: there is nothing wrong with the job. */
const PLANNED = /maintenance/i;

export function waitingOf({ state, reason }: SlurmJob): Waiting {
  if (HELD.has(state) || HELD_REASON.test(reason)) return 'held';
  return BLOCKED_REASON.test(reason) && !PLANNED.test(reason) ? 'blocked' : 'queued';
}

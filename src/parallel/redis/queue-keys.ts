/**
 * What is in Redis, and for how long. Each coordinator has a BullMQ queue of its own, whose name is
 * its identifier; so nobody takes another's results, and what a dead one left goes as a whole. All
 * keys begin with the queue's name:
 *
 *     NAME:coordinators       set of identifiers
 *     NAME:ID:owner           who it is; expires unless the coordinator renews it
 *     NAME:ID:managers        sorted set of the managers that serve it, by when they last said so
 *     NAME:ID:manager-info    hash of what they say of themselves
 *     NAME:ID:results         hash of results that the coordinator has not taken yet, by job
 *     NAME:ID:begun           hash of attempts on jobs during which a worker was lost before
 *     NAME:ID:…               BullMQ's own, among them a hash for each job
 *
 * Jobs are added once for each identifier and removed by BullMQ as they end; the result is written
 * before. So a job that is neither there nor has a result is lost, and is added again.
 */

import { randomBytes } from 'node:crypto';
import { TilewrightError } from '../../core/errors.ts';

export const DEFAULT_QUEUE_NAME = 'tilewright';

/** Milliseconds between two signs of life, and between two looks at what is in Redis. */
export const BEAT_MS = 3_000;
/** How long a coordinator's word holds. */
export const OWNER_TTL_MS = 30_000;
/** How long a manager's word holds. */
export const MANAGER_TTL_MS = 15_000;
/** How long a manager believes in a coordinator whose word has expired. */
export const OWNER_GRACE_MS = 30_000;
/** How long a block waits for a server that it can't reach. */
export const UNREACHABLE_LIMIT_MS = 120_000;

export interface QueueKeys {
  /** The coordinator's identifier, and the name of its BullMQ queue. */
  readonly id: string;
  /** The queue's name, and BullMQ's prefix. */
  readonly prefix: string;
  readonly coordinators: string;
  readonly owner: string;
  readonly managers: string;
  readonly managerInfo: string;
  readonly results: string;
  readonly begun: string;
  /** A job's key is this and its identifier. */
  readonly job: string;
  /** Channels for messages to the coordinator and to its managers. */
  readonly toCoordinator: string;
  readonly toManagers: string;
}

export function queueKeys(prefix: string, id: string): QueueKeys {
  const job = `${prefix}:${id}:`;
  return {
    id,
    prefix,
    coordinators: coordinatorsKey(prefix),
    owner: `${job}owner`,
    managers: `${job}managers`,
    managerInfo: `${job}manager-info`,
    results: `${job}results`,
    begun: `${job}begun`,
    job,
    toCoordinator: `${job}to-coordinator`,
    toManagers: `${job}to-managers`,
  };
}

/** The set of coordinators, and the channel on which new ones are announced. */
export function coordinatorsKey(prefix: string): string {
  return `${prefix}:coordinators`;
}

export function newCoordinatorId(): string {
  return randomBytes(8).toString('hex');
}

export function isCoordinatorId(text: string): boolean {
  return /^[0-9a-f]{16}$/.test(text);
}

/** @throws TilewrightError usage */
export function checkQueueName(name: string): string {
  if (/^[\w.-]{1,100}$/.test(name)) return name;
  throw new TilewrightError(
    'usage',
    `"${name}" can't name a queue: take letters, digits, _, . and -`,
  );
}

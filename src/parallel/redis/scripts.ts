/**
 * What has to be done in Redis at one go, as Lua scripts. They take the names of keys as arguments,
 * and build those of jobs: they are for a single server, not for a Redis Cluster.
 */

import type { Redis } from 'ioredis';
import type { QueueKeys } from './queue-keys.ts';

/**
 * A coordinator is there. Returns what its managers say of themselves, which of the given jobs are
 * not there, and of which jobs there are results.
 */
const BEAT_COORDINATOR = `
local now = redis.call('TIME')
now = now[1] * 1000 + math.floor(now[2] / 1000)
redis.call('SADD', KEYS[1], ARGV[1])
redis.call('SET', KEYS[2], ARGV[2], 'PX', ARGV[3])
for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', now - ARGV[4])) do
  redis.call('ZREM', KEYS[3], id)
  redis.call('HDEL', KEYS[4], id)
end
local missing = {}
for i = 6, #ARGV do
  if redis.call('EXISTS', ARGV[5] .. ARGV[i]) == 0 then missing[#missing + 1] = ARGV[i] end
end
return { redis.call('HVALS', KEYS[4]), missing, redis.call('HKEYS', KEYS[5]) }`;

/** A manager is there. Returns 0 if its coordinator is not: then nothing is written. */
const BEAT_MANAGER = `
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
local now = redis.call('TIME')
redis.call('ZADD', KEYS[2], now[1] * 1000 + math.floor(now[2] / 1000), ARGV[1])
redis.call('HSET', KEYS[3], ARGV[1], ARGV[2])
return 1`;

/** A manager goes. */
const LEAVE = `
redis.call('HDEL', KEYS[2], ARGV[1])
return redis.call('ZREM', KEYS[1], ARGV[1])`;

/**
 * Writes a job's result and tells the coordinator. Returns -1 if there is no coordinator, and 0 if
 * the result had to come from the holder of the job's lock and does not; else 1.
 */
const RECORD = `
if redis.call('EXISTS', KEYS[1]) == 0 then return -1 end
local held = redis.call('GET', KEYS[2]) == ARGV[1]
if ARGV[4] == '1' and not held then return 0 end
redis.call('HSET', KEYS[3], ARGV[2], ARGV[3])
redis.call('PUBLISH', ARGV[5], held and ARGV[6] or ARGV[7])
return 1`;

export interface ScriptedRedis extends Redis {
  beatCoordinator(...args: (string | number)[]): Promise<[string[], string[], string[]]>;
  beatManager(...args: (string | number)[]): Promise<number>;
  leaveCoordinator(...args: (string | number)[]): Promise<number>;
  recordResult(...args: (string | number)[]): Promise<number>;
}

export function defineScripts(client: Redis): ScriptedRedis {
  client.defineCommand('beatCoordinator', { numberOfKeys: 5, lua: BEAT_COORDINATOR });
  client.defineCommand('beatManager', { numberOfKeys: 3, lua: BEAT_MANAGER });
  client.defineCommand('leaveCoordinator', { numberOfKeys: 2, lua: LEAVE });
  client.defineCommand('recordResult', { numberOfKeys: 3, lua: RECORD });
  return client as ScriptedRedis;
}

export interface CoordinatorBeat {
  /** Who it is, as JSON, and how long that holds. */
  owner: string;
  ownerTtlMs: number;
  managerTtlMs: number;
  /** Identifiers of jobs that should be there, or have a result. */
  jobs: readonly string[];
}

export async function beatCoordinator(
  client: ScriptedRedis,
  keys: QueueKeys,
  { owner, ownerTtlMs, managerTtlMs, jobs }: CoordinatorBeat,
): Promise<{ managers: string[]; missing: string[]; results: string[] }> {
  const names = [keys.coordinators, keys.owner, keys.managers, keys.managerInfo, keys.results];
  const values = [keys.id, owner, ownerTtlMs, managerTtlMs, keys.job];
  const [managers, missing, results] = await client.beatCoordinator(...names, ...values, ...jobs);
  return { managers, missing, results };
}

/** Returns whether its coordinator is there. */
export async function beatManager(
  client: ScriptedRedis,
  { owner, managers, managerInfo }: QueueKeys,
  id: string,
  info: object,
): Promise<boolean> {
  const there = await client.beatManager(owner, managers, managerInfo, id, JSON.stringify(info));
  return there === 1;
}

export async function leave(
  client: ScriptedRedis,
  { managers, managerInfo }: QueueKeys,
  id: string,
): Promise<void> {
  await client.leaveCoordinator(managers, managerInfo, id);
}

export interface ResultToRecord {
  jobId: string;
  /** What BullMQ calls the one who holds the job's lock. */
  token: string;
  record: string;
  /** Whether it counts only if it comes from the holder of the lock. */
  fromHolder: boolean;
  /** Messages to the coordinator: when the lock is held, and when it is not. */
  held: object;
  lost: object;
}

export async function recordResult(
  client: ScriptedRedis,
  { owner, results, job, toCoordinator }: QueueKeys,
  { jobId, token, record, fromHolder, held, lost }: ResultToRecord,
): Promise<'recorded' | 'refused' | 'no coordinator'> {
  const answer = await client.recordResult(
    ...[owner, `${job}${jobId}:lock`, results],
    ...[token, jobId, record, fromHolder ? '1' : '0'],
    ...[toCoordinator, JSON.stringify(held), JSON.stringify(lost)],
  );
  if (answer === 1) return 'recorded';
  return answer === 0 ? 'refused' : 'no coordinator';
}

/** Takes away what a coordinator has in Redis: its own at the end, or what a dead one has left. */

import { hostname } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import { readOwner, type ToManagers } from './messages.ts';
import { coordinatorsKey, isCoordinatorId, type QueueKeys, queueKeys } from './queue-keys.ts';
import type { RedisLink } from './redis-link.ts';

/** Identifiers of this process's own coordinators. */
export const ownCoordinators = new Set<string>();

/** How long managers may take to stop what they run, before their queue goes. */
const GOODBYE_MS = 3_000;

/** Tells a coordinator's managers that it goes, and waits until they have stopped. */
export async function dismissManagers(link: RedisLink, keys: QueueKeys): Promise<void> {
  link.publish(keys.toManagers, { type: 'closed' } satisfies ToManagers);
  const until = performance.now() + GOODBYE_MS;
  while (performance.now() < until && (await listeners(link, keys.toManagers)) > 0) {
    await setTimeout(20);
  }
}

async function listeners({ client }: RedisLink, channel: string): Promise<number> {
  const [, count] = (await client.pubsub('NUMSUB', channel)) as [string, number];
  return Number(count);
}

/** Removes every key of a coordinator. */
export async function clearKeys(link: RedisLink, keys: QueueKeys): Promise<void> {
  const { client } = link;
  const { coordinators, owner, managers, managerInfo, results, begun, id, prefix } = keys;
  // Without its owner nobody writes a result any more.
  await client.del(owner);
  const queue = new link.bullmq.Queue(id, { connection: client, prefix, skipMetasUpdate: true });
  queue.on('error', () => undefined);
  try {
    await queue.obliterate({ force: true });
  } finally {
    await queue.close();
  }
  await client.unlink(owner, managers, managerInfo, results, begun);
  await client.srem(coordinators, id);
}

/** Clears what dead coordinators of this queue have left. */
export async function clearDead(link: RedisLink, prefix: string): Promise<void> {
  const coordinators = coordinatorsKey(prefix);
  for (const id of await link.client.smembers(coordinators)) {
    if (!isCoordinatorId(id)) await link.client.srem(coordinators, id);
    else await clearIfDead(link, queueKeys(prefix, id));
  }
}

export async function clearIfDead(link: RedisLink, keys: QueueKeys): Promise<void> {
  if (!(await isDead(link, keys))) return;
  await dismissManagers(link, keys);
  await clearKeys(link, keys);
}

/**
 * A coordinator that lives listens on its channel, or has said that it lives not long ago. (If one
 * is taken for dead that is merely cut off, it adds its jobs again.)
 */
async function isDead(link: RedisLink, keys: QueueKeys): Promise<boolean> {
  if (ownCoordinators.has(keys.id)) return false;
  if ((await listeners(link, keys.toCoordinator)) > 0) return false;
  const text = await link.client.get(keys.owner);
  const owner = text === null ? null : readOwner(text);
  if (owner === null) return true;
  // Its own are known; so one that is said to be this process is an earlier one.
  return owner.host === hostname() && (owner.pid === process.pid || !isProcess(owner.pid));
}

function isProcess(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process is one.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

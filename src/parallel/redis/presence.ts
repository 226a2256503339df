/** The managers that serve a coordinator through a queue, as it knows them. */

import type { ChannelEvents, ManagerInfo } from '../blocks/task-channel.ts';
import type { ManagerPresence } from './messages.ts';

export class Presence {
  readonly #events: ChannelEvents;
  readonly #managers = new Map<string, Manager>();

  constructor(events: ChannelEvents) {
    this.#events = events;
  }

  get managers(): readonly ManagerInfo[] {
    return [...this.#managers.values()];
  }

  /** Takes note of what a manager says of itself. */
  note(presence: ManagerPresence): void {
    const known = this.#managers.get(presence.id);
    if (known !== undefined) {
      known.slots = presence.slots;
      known.jobs = new Set(presence.jobs);
      return;
    }
    const manager = new Manager(presence);
    this.#managers.set(manager.id, manager);
    this.#events.onManager(manager);
  }

  /** These managers are all that there are. */
  noteAll(presences: readonly ManagerPresence[]): void {
    const ids = new Set(presences.map(({ id }) => id));
    for (const id of this.#managers.keys()) if (!ids.has(id)) this.remove(id);
    for (const presence of presences) this.note(presence);
  }

  remove(id: string): void {
    const manager = this.#managers.get(id);
    if (manager === undefined) return;
    this.#managers.delete(id);
    this.#events.onManagerGone(manager);
  }

  began(managerId: string, job: string): void {
    this.#managers.get(managerId)?.jobs.add(job);
  }

  ended(managerId: string | undefined, job: string): void {
    if (managerId !== undefined) this.#managers.get(managerId)?.jobs.delete(job);
  }
}

class Manager implements ManagerInfo {
  readonly id: string;
  readonly blockId: string | null;
  readonly host: string;
  readonly pid: number;
  slots: number;
  jobs: Set<string>;

  constructor({ id, blockId, host, pid, slots, jobs }: ManagerPresence) {
    this.id = id;
    this.blockId = blockId;
    this.host = host;
    this.pid = pid;
    this.slots = slots;
    this.jobs = new Set(jobs);
  }

  get busy(): number {
    return this.jobs.size;
  }
}

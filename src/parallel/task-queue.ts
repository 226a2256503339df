/** Tasks that wait for a worker: the highest priority first, and of one priority the first. */

export class TaskQueue<T extends { task: { priority?: number | undefined } }> {
  /** From the highest. */
  #lanes: Lane<T>[] = [];
  readonly #waiting = new Set<T>();

  get size(): number {
    return this.#waiting.size;
  }

  has(job: T): boolean {
    return this.#waiting.has(job);
  }

  push(job: T): void {
    this.#waiting.add(job);
    this.#laneOf(job).items.push(job);
  }

  /** Before all others of its priority: for one that was begun before. */
  putBack(job: T): void {
    this.#waiting.add(job);
    const lane = this.#laneOf(job);
    if (lane.head > 0) lane.items[--lane.head] = job;
    else lane.items.unshift(job);
  }

  /** The next one, which stays. */
  peek(): T | undefined {
    for (const lane of this.#lanes) {
      while (lane.head < lane.items.length) {
        const job = lane.items[lane.head]!;
        if (this.#waiting.has(job)) return job;
        lane.head++;
      }
    }
    this.#lanes = [];
    return undefined;
  }

  shift(): T | undefined {
    const job = this.peek();
    if (job === undefined) return undefined;
    const lane = this.#laneOf(job);
    lane.head++;
    // What was taken out need not stay in memory for long.
    if (lane.head > 1024 && lane.head * 2 > lane.items.length) {
      lane.items = lane.items.slice(lane.head);
      lane.head = 0;
    }
    this.#waiting.delete(job);
    return job;
  }

  /** Takes one out; false if it does not wait. */
  remove(job: T): boolean {
    return this.#waiting.delete(job);
  }

  /** Takes all out. */
  drain(): T[] {
    const jobs: T[] = [];
    for (let job = this.shift(); job !== undefined; job = this.shift()) jobs.push(job);
    return jobs;
  }

  #laneOf({ task }: T): Lane<T> {
    const { priority = 0 } = task;
    let place = 0;
    while (place < this.#lanes.length && this.#lanes[place]!.priority > priority) place++;
    const found = this.#lanes[place];
    if (found?.priority === priority) return found;
    const lane: Lane<T> = { priority, items: [], head: 0 };
    this.#lanes.splice(place, 0, lane);
    return lane;
  }
}

interface Lane<T> {
  priority: number;
  items: T[];
  /** Place of the first that waits. */
  head: number;
}

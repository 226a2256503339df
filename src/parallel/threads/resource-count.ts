/** What the tasks of a process occupy together. */

import { totalmem } from 'node:os';
import { resourcesRefused as refused, type TaskResources } from '../task.ts';

interface Taker {
  name: string;
  resources?: TaskResources | undefined;
}

export class ResourceCount {
  readonly #label: string;
  readonly #cores: number;
  /** MB. */
  readonly #memory: number;
  #coresTaken = 0;
  #memoryTaken = 0;

  constructor(label: string, cores: number) {
    this.#label = label;
    this.#cores = cores;
    const limit = process.constrainedMemory?.() ?? 0;
    const bytes = limit > 0 ? Math.min(limit, totalmem()) : totalmem();
    this.#memory = bytes / 2 ** 20;
  }

  /** @throws TilewrightError task-arguments if a task asks for what there will never be */
  check({ name, resources }: Taker): void {
    if (resources === undefined) return;
    const { cores = 1, memory = 0 } = resources;
    if (cores > this.#cores) {
      throw refused(name, `it wants ${cores} cores, and ${this.#label} has ${this.#cores}`);
    }
    if (memory > this.#memory) {
      const has = Math.floor(this.#memory);
      throw refused(name, `it wants ${memory} MB of memory, and ${this.#label} has ${has}`);
    }
  }

  fits({ resources }: Taker): boolean {
    if (resources === undefined) return this.#coresTaken < this.#cores;
    const { cores = 1, memory = 0 } = resources;
    return this.#coresTaken + cores <= this.#cores && this.#memoryTaken + memory <= this.#memory;
  }

  take({ resources }: Taker): void {
    this.#coresTaken += resources?.cores ?? 1;
    this.#memoryTaken += resources?.memory ?? 0;
  }

  give({ resources }: Taker): void {
    this.#coresTaken -= resources?.cores ?? 1;
    this.#memoryTaken -= resources?.memory ?? 0;
  }
}

/** Asks how the run goes: once a second while it does, and while somebody looks. */

import type { RunNow } from '../../shared/run-messages.ts';
import * as api from '../api.ts';
import { goesOn } from './run-words.ts';

const RUNNING_MS = 1_000;
/** Tiles are more to send. */
const TILES_MS = 2_000;

export class RunWatch {
  run: RunNow | null = null;
  /** Called with each answer. */
  onRun: (run: RunNow | null, before: RunNow | null) => void = () => undefined;
  onTiles: (tiles: ArrayBuffer | null) => void = () => undefined;
  readonly #onError: (error: unknown) => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isAsking = false;
  #tiles = { version: -1, at: Number.NEGATIVE_INFINITY };

  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
    document.addEventListener('visibilitychange', () => {
      if (goesOn(this.run)) void this.look();
    });
  }

  /** @param seen - what the folder's version says of the run */
  check(seen: Pick<RunNow, 'state' | 'startedAt'> | null): void {
    const { run } = this;
    if (seen?.state !== run?.state || seen?.startedAt !== run?.startedAt) void this.look();
  }

  async look(): Promise<void> {
    clearTimeout(this.#timer);
    if (this.#isAsking || document.hidden) return;
    this.#isAsking = true;
    try {
      const before = this.run;
      this.run = await api.run();
      this.onRun(this.run, before);
      await this.#askTiles();
    } catch (error) {
      this.#onError(error);
    }
    this.#isAsking = false;
    if (goesOn(this.run)) this.#timer = setTimeout(() => void this.look(), RUNNING_MS);
  }

  async #askTiles(): Promise<void> {
    const tiles = this.run?.tiles ?? null;
    if (tiles === null) {
      if (this.#tiles.version >= 0) this.onTiles(null);
      this.#tiles = { version: -1, at: Number.NEGATIVE_INFINITY };
      return;
    }
    const now = performance.now();
    if (tiles.count === 0 || tiles.version === this.#tiles.version) return;
    if (now - this.#tiles.at < TILES_MS) return;
    this.#tiles = { version: tiles.version, at: now };
    this.onTiles(await api.runTiles());
  }
}

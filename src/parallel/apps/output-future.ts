/** A file that a task is going to write. */

import { existsSync } from 'node:fs';
import { TilewrightError, toTilewrightError } from '../../core/errors.ts';
import { AppFuture, type DataFuture } from '../data-flow/app-future.ts';
import { pauseFor } from '../time-limit.ts';
import type { File } from './file.ts';

/** A disk of a network may show a file of another machine later, by so many milliseconds. */
const VISIBLE_WITHIN_MS = 2_000;

/** It gives the File when the task is done, if the file is there then. */
export class OutputFuture extends AppFuture<File> implements DataFuture {
  readonly file: File;
  readonly #parent: AppFuture<unknown>;

  constructor(parent: AppFuture<unknown>, file: File) {
    super(parent.taskId, parent.name);
    this.file = file;
    this.#parent = parent;
    parent.outcome.then(
      () => void this.#look(),
      (error) => this.reject(toTilewrightError(error)),
    );
  }

  get filepath(): string {
    return this.file.path;
  }

  get filename(): string {
    return this.file.filename;
  }

  /** Takes its task back. */
  override cancel(): boolean {
    return this.#parent.cancel();
  }

  /** @internal */
  override see(): void {
    super.see();
    this.#parent.see();
  }

  async #look(): Promise<void> {
    const end = performance.now() + VISIBLE_WITHIN_MS;
    for (let pause = 10; !existsSync(this.file.path); pause *= 2) {
      if (performance.now() > end) {
        this.reject(
          new TilewrightError(
            'task-failed',
            `${this.name} has ended well, but left no ${this.file}, which is among its outputs`,
            { input: this.file.path },
          ),
        );
        return;
      }
      await pauseFor(pause);
    }
    this.resolve(this.file);
  }
}

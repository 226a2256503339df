/** Appends lines to a log that is followed from another machine. */

import { type FileHandle, open } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';

/** How long a line may wait for others, so that they are brought to the disk together. */
const GATHER_MS = 50;

export class LogWriter {
  readonly #file: FileHandle;
  #lines: string[] = [];
  #writing: Promise<void> | undefined;

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  static async open(path: string): Promise<LogWriter> {
    return new LogWriter(await open(path, 'a'));
  }

  /** @param onError - gets what goes wrong with writing it, later */
  append(event: object, onError: (error: unknown) => void): void {
    this.#lines.push(`${JSON.stringify(event)}\n`);
    this.#writing ??= this.#write()
      .catch(onError)
      .finally(() => {
        this.#writing = undefined;
      });
  }

  async #write(): Promise<void> {
    while (this.#lines.length > 0) {
      const text = this.#lines.splice(0).join('');
      await this.#file.appendFile(text);
      // A result that was told must not be lost with the machine.
      await this.#file.datasync();
      await setTimeout(GATHER_MS);
    }
  }

  /** Writes what there is, and closes the file. */
  async close(): Promise<void> {
    while (this.#writing !== undefined) await this.#writing;
    await this.#file.close();
  }
}
